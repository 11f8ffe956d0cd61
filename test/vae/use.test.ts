import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataSplit, takeImages } from '../../src/data/dataset';
import { intensities, meanImage } from '../../src/data/intensities';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { evaluate } from '../../src/vae/evaluation/evaluate';
import { decode, encode, samplePrior } from '../../src/vae/inference';
import { Vae } from '../../src/vae/model';
import type { GaussianMixturePrior } from '../../src/vae/priors/diagonal-mixture';
import { fitPrior } from '../../src/vae/training/fit-prior';
import { train } from '../../src/vae/training/train';
import { digitsForTests } from '../data/digits-for-tests';
import { expectClose } from './gradients';

let digits: DataSplit;
let model: Vae;
let prior: GaussianMixturePrior;

beforeAll(async () => {
  digits = await digitsForTests(600, 600);
  model = new Vae({
    pixels: 784,
    latent: 2,
    hidden: [16],
    prior: { kind: 'gaussian-mixture', components: 3 },
    seed: 1,
    meanImage: meanImage(digits.train),
  });
  prior = model.prior as GaussianMixturePrior;
  await train(model, digits.train, { epochs: 3, batchSize: 50, seed: 1, learningRate: 5e-3 });
});
afterAll(() => model.dispose());

const rows = (count: number): Float32Array => intensities(takeImages(digits.train, count));

describe('a trained model', () => {
  it('encodes images one by one as it does in one go, and past the size of a chunk', () => {
    const all = encode(model, rows(600));
    expect(all.means).toHaveLength(1200);
    for (const i of [0, 499, 500, 599]) {
      const one = encode(model, rows(600).subarray(i * 784, (i + 1) * 784));
      expectClose(one.means, all.means.subarray(2 * i, 2 * i + 2), 1e-6);
      expectClose(one.stddevs, all.stddevs.subarray(2 * i, 2 * i + 2), 1e-6);
    }
    expect(Math.min(...all.stddevs)).toBeGreaterThan(0);
  });

  it('refuses images outside [0, 1] or of another size, naming the first number at fault', () => {
    const bad = rows(2);
    bad[784] = 1.5;
    expect(() => encode(model, bad)).toThrow('images[784]: expected an intensity in [0, 1], got 1.5');
    bad[3] = Number.NaN;
    expect(() => encode(model, bad)).toThrow('images[3]: expected an intensity in [0, 1], got NaN');
    expect(() => encode(model, bad.subarray(1))).toThrow('images: expected rows of 784 pixels, got 1567 numbers');
  });

  it('refuses latent points that are cut short, and test images that do not fit', async () => {
    expect(() => decode(model, [0, 1, 2])).toThrow('latents: expected rows of 2 coordinates, got 3 numbers');
    const small = { ...takeImages(digits.test, 4), height: 14 };
    await expect(evaluate(model, small, { seed: 1, samples: 1 })).rejects.toThrow(
      'expected images of 784 pixels for this model, got 14×28',
    );
  });

  it('decodes the encoding of an image to something nearer to it than the mean image', () => {
    const images = rows(100);
    const decoded = decode(model, encode(model, images).means);
    const mean = meanImage(digits.train);
    const error = (guess: (i: number) => number) => images.reduce((sum, value, i) => sum + (value - guess(i)) ** 2, 0);
    expect(error((i) => decoded[i] as number)).toBeLessThan(error((i) => mean[i % 784] as number));
    expect(Math.min(...decoded)).toBeGreaterThan(0);
    expect(Math.max(...decoded)).toBeLessThan(1);
  });

  it('samples one component where asked, the whole prior else, the same for the same seed', () => {
    const apart = [-20, 0, 20].map((x) => MultivariateNormal.diagonal([x, x], [0.5, 0.5]));
    prior.assign(new GaussianMixture([0.2, 0.3, 0.5], apart));
    const { latents, images } = samplePrior(model, { count: 200, seed: 1, component: 2 });
    const mean = latents.reduce((sum, z) => sum + z, 0) / latents.length;
    // 400 draws of N(20, 0.5²): five standard errors are 0.125.
    expect(Math.abs(mean - 20)).toBeLessThan(0.125);
    expect(images).toHaveLength(200 * 784);
    expect(images).toEqual(decode(model, latents));
    const everywhere = samplePrior(model, { count: 200, seed: 1 }).latents;
    expect(new Set(Array.from(everywhere, (z) => Math.round(z / 20)))).toEqual(new Set([-1, 0, 1]));
    expect(samplePrior(model, { count: 200, seed: 1 }).latents).toEqual(everywhere);
    expect(() => samplePrior(model, { count: 1, seed: 1, component: 3 })).toThrow('component: expected 0 to 2, got 3');
    expect(() => samplePrior(model, { count: 1.5, seed: 1 })).toThrow('count: expected a positive integer, got 1.5');
  });

  it('refuses to decode what float32 cannot hold', () => {
    for (const bad of [Infinity, Number.NaN, 1e39]) {
      expect(() => decode(model, [0, bad])).toThrow(`latents[1]: expected a number that float32 can hold, got ${bad}`);
    }
  });

  it('gets a prior by EM on its encodings that explains them better than N(0, I)', async () => {
    await fitPrior(model, digits.train, { seed: 1, binarisation: 'none' });
    const { means, stddevs } = encode(model, rows(600));
    const noise = new Float32Array(means.length);
    RandomStream.of(2, 'test/noise').fillNormal(noise);
    const draws = means.map((mean, i) => mean + (stddevs[i] as number) * (noise[i] as number));
    const score = (density: GaussianMixture) => {
      let sum = 0;
      for (let i = 0; i < 600; i++) sum += density.logProb(draws.subarray(2 * i, 2 * i + 2));
      return sum / 600;
    };
    const standard = new GaussianMixture([1], [MultivariateNormal.diagonal([0, 0], [1, 1])]);
    expect(score(prior.distribution())).toBeGreaterThan(score(standard));
  });
});

describe('evaluation', () => {
  it('gives the same numbers for the same seed, and an ELBO that is its two parts', async () => {
    const { report: first, scores } = await evaluate(model, digits.test, { seed: 1, samples: 2 });
    expect((await evaluate(model, digits.test, { seed: 1, samples: 2 })).report).toEqual(first);
    expect(scores.logLikelihood).toHaveLength(600);
    expect(first.elbo).toBeCloseTo(-first.reconstruction - first.kl, 9);
    expect(first.standardError).toBeGreaterThan(0);
    expect(first.activeUnits).toBe(2);
  });

  it('counts components by the entropy of their weights', async () => {
    const components = [0, 1, 2].map((x) => MultivariateNormal.diagonal([x, x], [1, 1]));
    const count = async (weights: number[]) => {
      prior.assign(new GaussianMixture(weights, components));
      return (await evaluate(model, takeImages(digits.test, 2), { seed: 1, samples: 1 })).report.effectiveComponents;
    };
    expect(await count([1 / 3, 1 / 3, 1 / 3])).toBeCloseTo(3, 5);
    expect(await count([0.5, 0.5, 0])).toBeCloseTo(2, 5);
    expect(await count([1, 0, 0])).toBeCloseTo(1, 5);
  });

  it('finds no active unit in a model that ignores its images', async () => {
    const names = ['encoder/output/kernel', 'encoder/output/bias'];
    const saved = names.map((name) => model.variables.get(name)?.clone() as tf.Tensor);
    for (const name of names) {
      const variable = model.variables.get(name) as tf.Variable;
      variable.assign(tf.zerosLike(variable));
    }
    expect((await evaluate(model, digits.test, { seed: 1, samples: 1 })).report.activeUnits).toBe(0);
    names.forEach((name, i) => {
      model.variables.get(name)?.assign(saved[i] as tf.Tensor);
    });
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await evaluate(model, takeImages(digits.test, 10), { seed: 1, samples: 2 });
    samplePrior(model, { count: 3, seed: 1 });
    expect(tf.memory().numTensors).toBe(before);
  });
});
