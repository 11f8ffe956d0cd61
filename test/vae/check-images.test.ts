import { afterAll, describe, expect, it } from 'vitest';
import type { ImageSet } from '../../src/data/dataset';
import { imagesFromFrame } from '../../src/data/from-code';
import { encodeSet } from '../../src/vae/encode-set';
import { evaluate } from '../../src/vae/evaluation/evaluate';
import { gradientNoise } from '../../src/vae/evaluation/gradient-noise';
import { aggregatedPosterior } from '../../src/vae/evaluation/surgery';
import { decode, encode } from '../../src/vae/inference';
import { Vae, type VaeOptions } from '../../src/vae/model';
import { train } from '../../src/vae/training/train';

const models: Vae[] = [];
afterAll(() => {
  for (const model of models) model.dispose();
});

function modelOf(options: Partial<VaeOptions>): Vae {
  const prior = { kind: 'standard-normal' } as const;
  const model = new Vae({ pixels: 12, latent: 2, hidden: [], prior, seed: 1, ...options });
  models.push(model);
  return model;
}

function images(height: number, width: number, channels: number, values = new Float32Array(12)): ImageSet {
  return { name: 'one image', count: 1, height, width, channels, images: values, labels: null };
}

const network = { kind: 'conv', height: 2, width: 3, channels: 2, maps: [2] } as const;

/** Everything that takes a set of images. */
const uses = (model: Vae, set: ImageSet): (() => Promise<unknown>)[] => [
  () => encodeSet(model, set, { threads: 1 }),
  () => evaluate(model, set, { samples: 1, seed: 1, threads: 1 }),
  () => train(model, set, { epochs: 1, batchSize: 1, seed: 1, threads: 1 }),
];

describe('images of as many numbers as a model takes', () => {
  it.each([
    [3, 2, 2],
    [2, 2, 3],
    [3, 4, 1],
  ])('of %d×%d×%d are refused by convolutions over 2×3×2', async (...shape) => {
    for (const use of uses(modelOf({ network }), images(...shape)))
      await expect(use()).rejects.toThrow(/^data: expected images of 2×3×2, as the model has, got /);
  });

  it('are refused where colours that depend on each other are others', async () => {
    const model = modelOf({ likelihood: 'logistic-mixture', channels: 3 });
    for (const use of uses(model, images(3, 2, 2))) await expect(use()).rejects.toThrow('got 3×2×2');
    for (const use of uses(model, images(2, 2, 3))) await expect(use()).resolves.toBeDefined();
  });

  it('are taken as rows of numbers, which have no shape of their own, and by dense layers in any shape', async () => {
    for (const use of uses(modelOf({ network }), images(1, 12, 1))) await expect(use()).resolves.toBeDefined();
    for (const use of uses(modelOf({}), images(2, 3, 2))) await expect(use()).resolves.toBeDefined();
  });
});

describe('a table with categories', () => {
  const table = (columns: string[], row: unknown[]): ImageSet =>
    imagesFromFrame({ columns, values: [row, row.with(row.indexOf('a'), 'b')] }, { categorical: ['c'] });
  const set = table(['x', 'c', 'y'], [0.5, 'a', 2]);

  it('is taken where the model has them in the same places', async () => {
    const model = modelOf({ pixels: 4, likelihood: 'normal', categories: [{ start: 1, size: 2 }] });
    for (const use of uses(model, set)) await expect(use()).resolves.toBeDefined();
  });

  it.each([
    ['none', [], set, 'expected a table with categories at no place, as the model has, got 1 to 2: '],
    [
      'others',
      [{ start: 0, size: 2 }],
      set,
      'expected a table with categories at 0 to 1, as the model has, got 1 to 2: ',
    ],
    [
      'them elsewhere',
      [{ start: 1, size: 2 }],
      table(['x', 'y', 'c'], [0.5, 2, 'a']),
      'at 1 to 2, as the model has, got 2',
    ],
  ])('is refused where the model has %s', async (_, categories, data, problem) => {
    for (const use of uses(modelOf({ pixels: 4, likelihood: 'student-t', categories }), data))
      await expect(use()).rejects.toThrow(problem);
  });
});

describe('numbers that are none', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('are named: %d', async (bad) => {
    const set = images(1, 12, 1, new Float32Array(12).fill(1).fill(bad, 5, 6));
    for (const use of uses(modelOf({ likelihood: 'normal' }), set))
      await expect(use()).rejects.toThrow(`data.images: row 0, number 5: expected a finite number, got ${bad}`);
  });

  it('come out of no image at all, and of encodings cut short', () => {
    expect(() => gradientNoise(modelOf({}), new Float32Array(0), { seed: 1, draws: 5 })).toThrow('images: expected at');
    for (const [means, stddevs] of [
      [4, 6],
      [5, 5],
      [0, 0],
    ] as const) {
      const codes = { means: new Float32Array(means), stddevs: new Float32Array(stddevs).fill(1) };
      expect(() => aggregatedPosterior(codes, 2)).toThrow(/^encodings: expected as many means as stddevs/);
    }
  });
});

describe('a mean image of bytes', () => {
  it('can be encoded again, also where it is white', () => {
    // The bias of every location far beyond white.
    const model = modelOf({ likelihood: 'logistic-mixture', mixtures: 2, meanImage: new Float32Array(12).fill(1) });
    const bias = model.variables.get('decoder/output/bias');
    const far = Float32Array.from(bias?.dataSync() ?? [], (value, at) => (at >= 24 && at < 48 ? 20 : value));
    bias?.assign(
      bias
        .reshape([-1])
        .mul(0)
        .add([...far]),
    );
    expect(encode(model, decode(model, [0.1, -0.1])).means).toHaveLength(2);
  });
});
