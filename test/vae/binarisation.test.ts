import { afterAll, describe, expect, it } from 'vitest';
import type { ImageSet } from '../../src/data/dataset';
import { tf } from '../../src/tensors';
import { evaluate } from '../../src/vae/evaluation/evaluate';
import type { LikelihoodKind } from '../../src/vae/likelihood-kinds';
import { Vae } from '../../src/vae/model';
import { train } from '../../src/vae/training/train';

/** Levels between black and white, of which bits would make others. */
const BYTES = Uint8Array.of(51, 102, 204, 153, 77, 230);
const INTENSITIES = Float32Array.from(BYTES, (byte) => byte / 255);
const set: ImageSet = { name: 'two rows', count: 2, height: 1, width: 3, images: INTENSITIES, labels: null };

const normal = (x: number, mean: number, stddev: number): number =>
  -0.5 * ((x - mean) / stddev) ** 2 - Math.log(stddev) - 0.5 * Math.log(2 * Math.PI);
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** ln p of one number where the decoder says the same of all: the mean ½ and σ 1, 0.1 or 0.3; of real numbers 0 and 1; of bytes the logistic at 0 of scale 1. */
const LOG_PROB: { readonly [K in Exclude<LikelihoodKind, 'bernoulli'>]: (x: number) => number } = {
  gaussian: (x) => normal(x, 0.5, 1),
  'gaussian-global': (x) => normal(x, 0.5, 0.1),
  'gaussian-fixed': (x) => normal(x, 0.5, 0.3),
  normal: (x) => normal(x, 0, 1),
  // Γ(5/2)/(Γ(2)·√(4π)) = 3/8
  'student-t': (x) => Math.log(3 / 8) - 2.5 * Math.log1p(x ** 2 / 4),
  'logistic-mixture': (x) => Math.log(logistic(2 * x - 1 + 1 / 255) - logistic(2 * x - 1 - 1 / 255)),
};
const OTHERS = Object.keys(LOG_PROB) as (keyof typeof LOG_PROB)[];

const models: Vae[] = [];
afterAll(() => {
  for (const model of models) model.dispose();
});

/** A model whose decoder gives its biases alone. */
function modelOf(likelihood: LikelihoodKind): Vae {
  const own = likelihood === 'gaussian-fixed' ? { stddev: 0.3 } : {};
  const prior = { kind: 'standard-normal' } as const;
  const model = new Vae({ pixels: 3, latent: 1, hidden: [], likelihood, prior, seed: 1, ...own });
  const kernel = model.variables.get('decoder/output/kernel') as tf.Variable;
  tf.tidy(() => kernel.assign(tf.zerosLike(kernel)));
  models.push(model);
  return model;
}

describe('what no bits are drawn of', () => {
  it.each(OTHERS)('%s is scored as it is, unless told otherwise', async (likelihood) => {
    const { scores } = await evaluate(modelOf(likelihood), set, { samples: 3, seed: 1, threads: 1 });
    scores.reconstruction.forEach((got, i) => {
      const expected = INTENSITIES.subarray(3 * i, 3 * i + 3).reduce((sum, x) => sum - LOG_PROB[likelihood](x), 0);
      expect(got).toBeCloseTo(expected, 4);
    });
  });

  it.each(OTHERS)('%s is trained on as it is, unless told otherwise', async (likelihood) => {
    const { steps } = await train(modelOf(likelihood), set, { epochs: 1, batchSize: 2, seed: 1, threads: 1 });
    const expected = INTENSITIES.reduce((sum, x) => sum - LOG_PROB[likelihood](x) / 2, 0);
    expect(steps[0]?.reconstruction).toBeCloseTo(expected, 4);
  });

  it.each(['normal', 'student-t', 'logistic-mixture'] as const)(
    '%s refuses bits, whoever asks for them',
    async (kind) => {
      const model = modelOf(kind);
      const told = /binarisation: expected none for .*, got fixed/;
      await expect(evaluate(model, set, { samples: 1, seed: 1, binarisation: 'fixed' })).rejects.toThrow(told);
      await expect(train(model, set, { epochs: 1, seed: 1, batchSize: 2, binarisation: 'fixed' })).rejects.toThrow(
        told,
      );
    },
  );

  it('has bits of bernoulli where undefined is given, too', async () => {
    const trained = async (how?: object): Promise<number | undefined> => {
      const model = modelOf('bernoulli');
      tf.tidy(() => model.variables.get('decoder/output/bias')?.assign(tf.tensor1d([1, -2, 0.5])));
      const options = { epochs: 1, batchSize: 2, seed: 1, threads: 1, ...how };
      return (await train(model, set, options)).steps[0]?.reconstruction;
    };
    expect(await trained({ binarisation: undefined })).toBe(await trained());
    expect(await trained({ binarisation: 'none' })).not.toBe(await trained());
  });

  it('has bits of bernoulli, and of others for the asking', async () => {
    const options = { samples: 1, seed: 1, threads: 1 };
    const scored = async (kind: LikelihoodKind, binarisation?: 'none' | 'fixed') =>
      (await evaluate(modelOf(kind), set, { ...options, ...(binarisation && { binarisation }) })).report.reconstruction;
    expect(await scored('bernoulli')).toBe(await scored('bernoulli', 'fixed'));
    // Bits are ½ from the mean, all of them.
    expect(await scored('gaussian-fixed', 'fixed')).toBeCloseTo(-3 * normal(1, 0.5, 0.3), 4);
  });
});
