import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imagesFromArray } from '../../src/data/from-code';
import { categoriesOf, standardisationOf } from '../../src/data/standardise';
import { Normal } from '../../src/distributions/normal';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import type { RealKind } from '../../src/vae/likelihood-kinds';
import { Vae } from '../../src/vae/model';
import { type RealOptions, realLikelihood } from '../../src/vae/real-likelihoods';
import { LOG_VARIANCE_BOUND } from '../../src/vae/tensor-math';
import { train } from '../../src/vae/training/train';
import { vaeCommand } from '../commands/vae-command';

const logProb = (kind: RealKind, options: RealOptions, x: number[], raw: number[]): number => {
  const likelihood = realLikelihood(kind, x.length, options);
  return tf.tidy(() => likelihood.logProb(tf.tensor2d([x]), tf.tensor2d([raw])).dataSync()[0] as number);
};
const bounded = (raw: number): number => LOG_VARIANCE_BOUND * Math.tanh(raw / LOG_VARIANCE_BOUND);

describe('normal numbers', () => {
  it('have the density of the number as it was given, by the standardised one', () => {
    const options = { standardisation: { mean: [100, -3], stddev: [20, 0.5] }, categories: [] };
    const [x, raw] = [
      [130, -2.8],
      [0.7, -0.4, 0.3, -1],
    ] as const;
    const expected = [0, 1].reduce((sum, i) => {
      const { mean, stddev } = options.standardisation;
      const scale = (stddev[i] as number) * Math.exp(bounded(raw[2 + i] as number) / 2);
      return (
        sum +
        new Normal((mean[i] as number) + (stddev[i] as number) * (raw[i] as number), scale).logProb(x[i] as number)
      );
    }, 0);
    expect(logProb('normal', options, [...x], [...raw])).toBeCloseTo(expected, 5);
  });
});

describe('Student-t numbers', () => {
  const options = { standardisation: { mean: [2], stddev: [3] }, categories: [] };

  it('have the density of 4 degrees of freedom', () => {
    const plain = { standardisation: { mean: [0], stddev: [1] }, categories: [] };
    // t₄(0) = 3/8, and t₄(2) = 3/8·(1 + 4/4)^(−5/2).
    expect(Math.exp(logProb('student-t', plain, [0], [0, 0]))).toBeCloseTo(0.375, 6);
    expect(Math.exp(logProb('student-t', plain, [2], [0, 0]))).toBeCloseTo(0.375 * 2 ** -2.5, 6);
  });

  it.each(['normal', 'student-t'] as const)('%s integrates to 1 over the numbers as they were given', (kind) => {
    // x = 2 + 300·tan-like spacing: dense in the middle, and far enough for the tails of t₄ (beyond 3,000 scales: 10⁻¹²).
    const grid = Array.from({ length: 40_001 }, (_, i) => 2 + Math.sinh(-9 + (18 * i) / 40_000));
    const likelihood = realLikelihood(kind, 1, options);
    const raw = tf.tile(tf.tensor2d([[0.4, 0.8]]), [grid.length, 1]);
    const densities = likelihood
      .logProb(tf.tensor2d(grid, [grid.length, 1]), raw)
      .exp()
      .dataSync();
    let integral = 0;
    for (let i = 1; i < grid.length; i++) {
      integral +=
        (((grid[i] as number) - (grid[i - 1] as number)) * ((densities[i] as number) + (densities[i - 1] as number))) /
        2;
    }
    expect(integral).toBeCloseTo(1, 4);
  });
});

describe('categories', () => {
  const options = {
    standardisation: { mean: [5, 0, 0, 0], stddev: [2, 1, 1, 1] },
    categories: [{ start: 1, size: 3 }],
  };

  it('have the log of their softmax, beside the numbers', () => {
    const softmax = Math.exp(0.2) / (Math.exp(0.2) + Math.exp(-1) + Math.exp(2));
    const number = new Normal(5 + 2 * 0.5, 2 * Math.exp(bounded(0.6) / 2)).logProb(7);
    const raw = [0.5, 0.2, -1, 2, 0.6, 9, 9, 9];
    expect(logProb('normal', options, [7, 1, 0, 0], raw)).toBeCloseTo(number + Math.log(softmax), 5);
  });

  it('have their probabilities as means, and numbers theirs as they were given', () => {
    const raw = tf.tensor2d([[0.5, 0.2, -1, 2, 0.6, 9, 9, 9]]);
    const [number, ...probabilities] = realLikelihood('normal', 4, options).mean(raw).dataSync();
    expect(number).toBeCloseTo(6, 5);
    const weights = [0.2, -1, 2].map(Math.exp);
    const total = weights.reduce((sum, w) => sum + w);
    probabilities.forEach((p, i) => {
      expect(p).toBeCloseTo((weights[i] as number) / total, 5);
    });
  });

  it('are refused where they overlap or lie outside, and standardisations that are none', () => {
    const refusal = (change: object) => expect(() => realLikelihood('normal', 4, { ...options, ...change }));
    refusal({
      categories: [
        { start: 1, size: 2 },
        { start: 2, size: 2 },
      ],
    }).toThrow('do not overlap');
    refusal({ categories: [{ start: 2, size: 3 }] }).toThrow('ranges within 4 numbers');
    refusal({ standardisation: { mean: [0], stddev: [1, 1, 1, 1] } }).toThrow(
      'standardisation.mean: expected 4 numbers, got 1',
    );
    refusal({ standardisation: { mean: [0, 0, 0, 0], stddev: [1, 0, 1, 1] } }).toThrow(
      'standardisation.stddev[1]: expected a finite number > 0, got 0',
    );
  });
});

describe('a standardisation', () => {
  it('is mean and deviation of each column, with far-off numbers and constants', () => {
    const set = imagesFromArray(Float64Array.of(1e6, 7, 1e6 + 2, 7, 1e6 + 4, 7), { shape: [3, 2] });
    const { mean, stddev } = standardisationOf(set);
    expect(mean).toEqual([1e6 + 2, 7]);
    expect(stddev[0]).toBeCloseTo(Math.sqrt(8 / 3), 6);
    expect(stddev[1]).toBe(1);
    expect(categoriesOf(set)).toEqual([]);
  });
});

describe('training on any numbers', () => {
  const rows = (): Float32Array => {
    const stream = RandomStream.of(1, 'rows');
    return Float32Array.from(
      { length: 600 },
      (_, i) => stream.normal() + (i % 3 === 0 ? 4 * Math.sign(stream.normal()) : 0),
    );
  };
  const history = async (scale: number, device: 'cpu' | 'eager') => {
    const data = imagesFromArray(
      rows().map((x) => x * scale),
      { shape: [200, 3] },
    );
    const prior = { kind: 'gaussian-mixture', components: 2 } as const;
    const model = new Vae({
      pixels: 3,
      latent: 2,
      hidden: [8],
      likelihood: 'student-t',
      standardisation: standardisationOf(data),
      prior,
      seed: 1,
    });
    try {
      const options = {
        epochs: 8,
        batchSize: 20,
        seed: 2,
        binarisation: 'none',
        learningRate: 0.01,
        threads: 1,
        device,
      } as const;
      return (await train(model, data, options)).epochs.map(({ loss }) => loss);
    } finally {
      model.dispose();
    }
  };

  it('lowers the loss, compiled as eagerly, and a change of units by its logarithm alone', async () => {
    const [compiled, eager, scaled] = [await history(1, 'cpu'), await history(1, 'eager'), await history(8, 'cpu')];
    expect(compiled.at(-1)).toBeLessThan((compiled[0] as number) - 0.2);
    compiled.forEach((loss, i) => {
      expect(loss).toBeCloseTo(eager[i] as number, 2);
      expect(scaled[i]).toBeCloseTo(loss + 3 * Math.log(8), 2);
    });
  });

  it('is refused with binarised pixels, and with pseudo-inputs', async () => {
    const data = imagesFromArray(rows(), { shape: [200, 3] });
    const shape = { pixels: 3, latent: 2, hidden: [4], likelihood: 'normal', seed: 1 } as const;
    const model = new Vae({ ...shape, prior: { kind: 'standard-normal' } });
    await expect(train(model, data, { epochs: 1, seed: 1, binarisation: 'dynamic' })).rejects.toThrow(
      'binarisation: expected none',
    );
    model.dispose();
    expect(() => new Vae({ ...shape, prior: { kind: 'vamp', components: 2 } })).toThrow(
      'prior.kind: expected another than vamp',
    );
    const standardisation = { mean: [0, 0, 0], stddev: [1, 1, 1] };
    expect(
      () => new Vae({ ...shape, likelihood: 'bernoulli', standardisation, prior: { kind: 'standard-normal' } }),
    ).toThrow('standardisation: expected none with likelihood bernoulli');
  });
});

describe('a table from the command line', () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-table-'));
    const stream = RandomStream.of(1, 'table');
    const lines = Array.from(
      { length: 120 },
      (_, i) => `${1000 + 50 * stream.normal()},${['red', 'green'][i % 2]},${i % 2 ? 'a' : 'b'}`,
    );
    await writeFile(join(cwd, 't.csv'), ['weight,colour,class', ...lines].join('\n'));
  });
  afterAll(() => rm(cwd, { recursive: true }));

  it('is trained on, resumed, scored and encoded with the standardisation of its training', async () => {
    const run = (args: string) => vaeCommand(args.split(' '), { cwd });
    const small = '--latent 2 --hidden 8 --batch-size 20 --components 2 --threads 1 --checkpoint run';
    const trained = await run(
      `train --data t.csv --label-column class --categorical colour --likelihood student-t --epochs 2 ${small}`,
    );
    expect([trained.code, trained.err.includes('warning')]).toEqual([0, false]);
    expect((await run('train --resume --checkpoint run --epochs 3')).code).toBe(0);
    const { nll, clusterAccuracy } = JSON.parse((await run('evaluate --checkpoint run --samples 20 --json')).out);
    // A normal of deviation 50 has ln 50√(2πe) = 5.3 nats, a coin 0.7.
    expect(nll).toBeGreaterThan(4);
    expect(nll).toBeLessThan(12);
    expect(clusterAccuracy).toBeGreaterThan(0);
    expect((await run('encode --checkpoint run --output c.csv')).code).toBe(0);
    const vamp = await run(
      'train --data t.csv --label-column class --categorical colour --likelihood normal --prior vamp',
    );
    expect([vamp.code, vamp.err]).toEqual([2, expect.stringContaining('pseudo-inputs of --prior vamp lie in [0, 1]')]);
  });
});
