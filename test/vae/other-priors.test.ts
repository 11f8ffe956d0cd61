import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { samplePrior } from '../../src/vae/inference';
import { Vae } from '../../src/vae/model';
import { GaussianMixturePrior } from '../../src/vae/priors/diagonal-mixture';
import { FullMixturePrior } from '../../src/vae/priors/full-mixture';
import type { Prior } from '../../src/vae/priors/prior';
import { fitPrior } from '../../src/vae/training/fit-prior';
import { digitsForTests } from '../data/digits-for-tests';
import { expectClose, numericalGradient } from './gradients';

const { diagonal, full } = MultivariateNormal;
const logProbs = (prior: Prior, points: number[][]): number[] =>
  tf.tidy(() => [...prior.logProb(tf.tensor2d(points)).dataSync()]);
const gradient = (prior: Prior, z: number[]): ArrayLike<number> =>
  tf.tidy(() =>
    tf
      .grad((x: tf.Tensor) => prior.logProb(x))(tf.tensor1d(z))
      .dataSync(),
  );
const points = [
  [0, 0, 0],
  [1, -0.5, 2],
  [-2.25, 0.5, -1],
  [-6, 8, 5],
];

describe('the full-covariance mixture prior', () => {
  const correlated = new GaussianMixture(
    [0.5, 0.3, 0.2],
    [
      full(
        [1, -0.5, 0],
        [
          [1, 0.8, 0.1],
          [0.8, 1, -0.2],
          [0.1, -0.2, 0.5],
        ],
      ),
      full(
        [-2, 0.75, 1],
        [
          [2, -0.6, 0],
          [-0.6, 0.25, 0],
          [0, 0, 1],
        ],
      ),
      full(
        [0, 3, -1],
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
      ),
    ],
  );

  it('has the float64 log density of equation (10) and its gradient, to 1e-5', () => {
    const prior = new FullMixturePrior(correlated);
    expectClose(
      logProbs(prior, points),
      points.map((z) => correlated.logProb(z)),
    );
    for (const z of points) {
      expectClose(
        gradient(prior, z),
        numericalGradient((x) => correlated.logProb(x), z),
      );
    }
  });

  it('has the gradients of its own parameters that the float64 density has, to 2e-4, the error of their reference', () => {
    const prior = new FullMixturePrior(correlated);
    const z = [0.5, 1, -0.5];
    const variables = [...prior.variables.values()];
    const { grads } = tf.variableGrads(() => prior.logProb(tf.tensor1d(z)) as tf.Scalar, variables);
    const start = variables.map((variable) => [...variable.dataSync()]);
    variables.forEach((variable, at) => {
      const density = (values: number[]): number => {
        variables.forEach((other, i) => {
          other.assign(tf.tensor(i === at ? values : (start[i] as number[]), other.shape));
        });
        return prior.distribution().logProb(z);
      };
      // Parameters are float32: a step that it represents well, and the error of central differences below 1e-3 of it.
      expectClose(
        (grads[variable.name] as tf.Tensor).dataSync(),
        numericalGradient(density, start[at] as number[], 2 ** -8),
        2e-4,
      );
    });
  });

  it('brings a variance given the coordinates behind it within its bounds, and keeps everything else of the covariance', () => {
    // z₁ given z₂ has variance 1 − ρ², far below e^−9.9, and z₂ has 1; regression ρ.
    const rho = 0.9999999;
    const close = new GaussianMixture(
      [1],
      [
        full(
          [0, 0],
          [
            [1, rho],
            [rho, 1],
          ],
        ),
      ],
    );
    const smallest = Math.exp(-9.9);
    const covariance = new FullMixturePrior(close).distribution().components[0]?.covarianceMatrix() ?? [];
    expectClose(covariance, [rho ** 2 + smallest, rho, rho, 1], 1e-6);
  });

  it('comes back as any covariance whose variances, given the coordinates behind, are within bounds', () => {
    // Σ = U·V·Uᵀ with regressions in U, unit upper triangular, and those variances in V: an independent way to write it.
    const dimension = 4;
    const regressions = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 });
    const variances = fc.array(fc.double({ min: -9.8, max: 4, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(regressions, variances, (r, v) => {
        const at = (i: number, j: number): number =>
          i === j ? 1 : i < j ? (r[i * dimension - (i * (i + 1)) / 2 + (j - i - 1)] as number) : 0;
        const axes = [0, 1, 2, 3];
        const sigma = axes.map((i) =>
          axes.map((j) => axes.reduce((sum, k) => sum + at(i, k) * Math.exp(v[k] as number) * at(j, k), 0)),
        );
        const mixture = new GaussianMixture([1], [full([0, 0, 0, 0], sigma)]);
        const back = new FullMixturePrior(mixture).distribution().components[0]?.covarianceMatrix() ?? [];
        const scale = (i: number, j: number) => Math.sqrt((sigma[i]?.[i] as number) * (sigma[j]?.[j] as number));
        axes.forEach((i) => {
          for (const j of axes) {
            const error = Math.abs((back[i * dimension + j] as number) - (sigma[i]?.[j] as number)) / scale(i, j);
            // Factors are kept as float32, and a small variance is the difference of much larger numbers.
            expect(error).toBeLessThan(1e-3);
          }
        });
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('equals the diagonal prior where the covariances are diagonal', () => {
    const mixture = new GaussianMixture(
      [0.25, 0.75],
      [diagonal([1, 2, 0], [0.5, 2, 1]), diagonal([-1, 0, 0], [1, 1, 3])],
    );
    expectClose(logProbs(new FullMixturePrior(mixture), points), logProbs(new GaussianMixturePrior(mixture), points));
  });

  it('comes back as the mixture that it was assigned, and refuses one of another size', () => {
    const prior = FullMixturePrior.random(3, 3, RandomStream.of(1, 'prior'));
    prior.assign(correlated);
    const back = prior.distribution();
    expectClose(back.weights, correlated.weights, 1e-6);
    back.components.forEach((component, k) => {
      expectClose(component.meanVector(), correlated.components[k]?.meanVector() ?? [], 1e-6);
      expectClose(component.covarianceMatrix(), correlated.components[k]?.covarianceMatrix() ?? [], 1e-5);
    });
    expect(() => FullMixturePrior.random(2, 3, RandomStream.of(1, 'prior')).assign(correlated)).toThrow(
      'mixture: expected 2 components of dimension 3, got 3 of 3',
    );
  });

  it('keeps the shape of its points, whatever their rank', () => {
    const prior = new FullMixturePrior(correlated);
    tf.tidy(() => {
      const flat = tf.tensor2d(points);
      const nested = prior.logProb(tf.reshape(flat, [2, 2, 3]));
      expect(nested.shape).toEqual([2, 2]);
      expect([...nested.dataSync()]).toEqual([...prior.logProb(flat).dataSync()]);
    });
  });

  it('is fitted by EM with full covariances', async () => {
    const { train } = await digitsForTests(300, 10);
    const prior = { kind: 'gaussian-mixture', components: 2, covariance: 'full' } as const;
    const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior, seed: 1 });
    await fitPrior(model, train, { seed: 1, binarisation: 'none' });
    const [first] = model.prior.distribution().components;
    const covariance = first?.covarianceMatrix() ?? [];
    expect(Math.abs(covariance[1] as number)).toBeGreaterThan(1e-3);
    model.dispose();
  });
});

describe('the VampPrior', () => {
  const pseudoInputs = Float32Array.from({ length: 3 * 6 }, (_, i) => ((i * 7) % 10) / 10);
  const model = new Vae({
    pixels: 6,
    latent: 3,
    hidden: [5],
    network: { kind: 'dense', activation: 'tanh' },
    prior: { kind: 'vamp', components: 3, pseudoInputs },
    seed: 2,
  });

  it('is the equal mixture of the posteriors of its pseudo-inputs, density and gradient in z, to 1e-5', () => {
    // Pixels are kept within 1 % of black and white.
    const images = pseudoInputs.map((u) => Math.min(Math.max(u, 0.01), 0.99));
    const { mean, logVariance } = model.encode(tf.tensor2d(images, [3, 6]));
    const [means, variances] = [mean.arraySync(), logVariance.arraySync()];
    const mixture = new GaussianMixture(
      [1 / 3, 1 / 3, 1 / 3],
      means.map((mu, k) =>
        diagonal(
          mu,
          (variances[k] as number[]).map((v) => Math.exp(v / 2)),
        ),
      ),
    );
    expectClose(
      logProbs(model.prior, points),
      points.map((z) => mixture.logProb(z)),
    );
    for (const z of points) {
      expectClose(
        gradient(model.prior, z),
        numericalGradient((x) => mixture.logProb(x), z),
      );
      expect(model.prior.distribution().logProb(z)).toBeCloseTo(mixture.logProb(z), 4);
    }
  });

  it('frozen, has the density it had then, without looking at its parameters again', () => {
    const own = new Vae({ ...model.options, seed: 3 });
    const now = logProbs(own.prior, points);
    const frozen = own.prior.frozen();
    const read = () => tf.tidy(() => [...frozen.logProb(tf.tensor2d(points)).dataSync()]);
    expectClose(read(), now, 1e-6);
    for (const variable of own.variables.values()) variable.assign(tf.zerosLike(variable));
    expectClose(read(), now, 1e-6);
    own.dispose();
  });

  it('learns its pseudo-inputs and the encoder through them', () => {
    const density = () => tf.sum(model.prior.logProb(tf.tensor2d(points))) as tf.Scalar;
    const { grads } = tf.variableGrads(density, [...model.variables.values()]);
    const size = (name: string) => {
      const slopes = grads[model.variables.get(name)?.name ?? '']?.dataSync() ?? [];
      return Math.max(...Array.from(slopes, Math.abs));
    };
    expect(size('prior/pseudo-input-logits')).toBeGreaterThan(0);
    expect(size('encoder/hidden1/kernel')).toBeGreaterThan(0);
  });

  it('samples one of its components where asked', () => {
    const mean = model.prior.distribution().components[1]?.meanVector() ?? [];
    const { latents } = samplePrior(model, { count: 4000, seed: 1, component: 1 });
    const average = [0, 1, 2].map((j) => latents.filter((_, i) => i % 3 === j).reduce((sum, z) => sum + z, 0) / 4000);
    const stddev = Math.max(
      ...Array.from(model.prior.distribution().components[1]?.covarianceMatrix() ?? [], Math.sqrt).filter(
        Number.isFinite,
      ),
    );
    // Five standard errors in each of three dimensions: a false alarm once in 600,000 seeds, and the seed is fixed.
    average.forEach((value, j) => {
      expect(Math.abs(value - (mean[j] as number))).toBeLessThan((5 * stddev) / Math.sqrt(4000));
    });
  });

  it('refuses pseudo-inputs of another size, and what is no intensity', () => {
    const prior = { kind: 'vamp', components: 4, pseudoInputs } as const;
    expect(() => new Vae({ pixels: 6, latent: 3, hidden: [5], prior, seed: 1 })).toThrow(
      'prior.pseudoInputs: expected 4 images of 6 pixels, got 18 numbers',
    );
    const broken = { ...prior, components: 3, pseudoInputs: pseudoInputs.with(7, Number.NaN) };
    expect(() => new Vae({ pixels: 6, latent: 3, hidden: [5], prior: broken, seed: 1 })).toThrow(
      'prior.pseudoInputs[7]: expected an intensity in [0, 1], got NaN',
    );
  });
});
