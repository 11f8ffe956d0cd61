import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { klDivergence } from '../../src/kl/closed-form';
import { quadratureKl } from '../../src/kl/quadrature';
import { Moments } from '../../src/math/moments';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { elboTerms, monteCarloKl, objective } from '../../src/vae/elbo';
import { Vae } from '../../src/vae/model';
import { reparameterise } from '../../src/vae/posterior';
import { GaussianMixturePrior } from '../../src/vae/priors/diagonal-mixture';
import { StandardNormalPrior } from '../../src/vae/priors/standard-normal';
import { expectClose, numericalGradient } from './gradients';

const diagonal = MultivariateNormal.diagonal;
const SAMPLES = 20_000;

function noise(samples: number, n: number, d: number, seed = 1): tf.Tensor3D {
  const values = new Float32Array(samples * n * d);
  RandomStream.of(seed, 'test/noise').fillNormal(values);
  return tf.tensor3d(values, [samples, n, d]);
}

/** The single-sample estimates of equation (11), for a posterior of one row. */
function estimates(prior: StandardNormalPrior | GaussianMixturePrior, mean: number[], logVariance: number[]): Moments {
  const moments = new Moments();
  tf.tidy(() => {
    const d = mean.length;
    // One row per sample: with one sample each, equation (11) is the integrand itself.
    const rows = (values: number[]) => tf.tile(tf.tensor2d(values, [1, d]), [SAMPLES, 1]) as tf.Tensor2D;
    const posterior = { mean: rows(mean), logVariance: rows(logVariance) };
    const epsilon = noise(1, SAMPLES, d);
    const z = reparameterise(posterior, epsilon);
    for (const value of monteCarloKl(prior, posterior, z, epsilon).dataSync()) moments.push(value);
  });
  return moments;
}

/** Five standard errors: a false alarm once in 1.7 million seeds, and the seed is fixed. */
function expectUnbiased(moments: Moments, exact: number): void {
  expect(Math.abs(moments.mean - exact)).toBeLessThan(5 * (moments.standardError as number));
}

const q = diagonal([0.5, -1], [0.5, 0.8]);
const mean = [0.5, -1];
const logVariance = [2 * Math.log(0.5), 2 * Math.log(0.8)];

describe('equation (11) in tensors', () => {
  it('is unbiased against quadrature with a mixture prior', () => {
    const p = new GaussianMixture([0.7, 0.3], [diagonal([1, 0], [0.5, 1.5]), diagonal([-2, -2], [1, 0.5])]);
    expectUnbiased(estimates(new GaussianMixturePrior(p), mean, logVariance), quadratureKl(q, p));
  });

  it('has mean (9) and variance ((σ²−1)²/2 + μ²σ²) per dimension against N(0, I)', () => {
    const moments = estimates(new StandardNormalPrior(2), mean, logVariance);
    expectUnbiased(moments, klDivergence(q, diagonal([0, 0], [1, 1])));
    const variance = (mu: number, v: number) => (v - 1) ** 2 / 2 + mu * mu * v;
    const expected = variance(0.5, 0.25) + variance(-1, 0.64);
    // The relative error of a sample variance is about √((κ − 1)/n) ≤ 2.5 % here; 5 % for κ up to 12 at two of them.
    expect(Math.abs((moments.variance as number) / expected - 1)).toBeLessThan(0.05);
  });

  it('is the float64 sum ln q(z) − ln p(z) at the same z, value and gradient in μ and ln σ², to 1e-5', () => {
    const p = new GaussianMixture([0.5, 0.5], [diagonal([1, 0], [0.5, 1.5]), diagonal([-2, -2], [1, 0.5])]);
    const prior = new GaussianMixturePrior(p);
    const epsilon = [0.25, -1.5, 0.75, 0.5];
    // Both sides as functions of (μ, ln σ²), with z = μ + σ·ε moving along: the reparameterised gradient.
    const exact = (theta: number[]) => {
      const [mu, v] = [theta.slice(0, 2), theta.slice(2)];
      const sigma = v.map((x) => Math.exp(x / 2));
      const terms = [epsilon.slice(0, 2), epsilon.slice(2)].map((e) => {
        const z = mu.map((m, j) => m + (sigma[j] as number) * (e[j] as number));
        return diagonal(mu, sigma).logProb(z) - p.logProb(z);
      });
      return ((terms[0] as number) + (terms[1] as number)) / 2;
    };
    const theta = [...mean, ...logVariance].map(Math.fround);
    const tensor = (x: tf.Tensor) => {
      const [m, v] = tf.split(x.reshape([1, 4]), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const draws = tf.tensor3d(epsilon, [2, 1, 2]);
      const posterior = { mean: m, logVariance: v };
      return monteCarloKl(prior, posterior, reparameterise(posterior, draws), draws);
    };
    expectClose(tensor(tf.tensor1d(theta)).dataSync(), [exact(theta)]);
    const slopes = tf.grad((x: tf.Tensor) => tf.sum(tensor(x)))(tf.tensor1d(theta));
    expectClose(slopes.dataSync(), numericalGradient(exact, theta));
  });
});

describe('the ELBO', () => {
  const model = new Vae({
    pixels: 4,
    latent: 1,
    hidden: [8],
    network: { kind: 'dense', activation: 'tanh' },
    prior: { kind: 'standard-normal' },
    seed: 3,
  });
  const x = [1, 0, 1, 1];

  /** ln p(x|z) under the model's decoder. */
  const logLikelihood = (z: number[]): number[] =>
    tf.tidy(() => {
      const logits = model.decode(tf.tensor2d(z, [z.length, 1])).arraySync() as number[][];
      return logits.map((row) => row.reduce((sum, l, i) => sum - Math.log1p(Math.exp(x[i] ? -l : l)), 0));
    });

  it('lies below ln p(x), and by KL(q ‖ p(z|x)) exactly, all by integration over a grid', () => {
    const grid = Array.from({ length: 4001 }, (_, i) => -10 + i / 200);
    const integrate = (f: (i: number) => number) => grid.reduce((sum, _, i) => sum + f(i), 0) / 200;
    const { mu, sigma } = tf.tidy(() => {
      const posterior = model.encode(tf.tensor2d(x, [1, 4]));
      return {
        mu: posterior.mean.dataSync()[0] as number,
        sigma: Math.exp((posterior.logVariance.dataSync()[0] as number) / 2),
      };
    });
    const likelihoods = logLikelihood(grid);
    const [prior, posterior] = [diagonal([0], [1]), diagonal([mu], [sigma])];
    const joint = grid.map((z, i) => prior.logProb([z]) + (likelihoods[i] as number));
    const logEvidence = Math.log(integrate((i) => Math.exp(joint[i] as number)));
    const gap = integrate((i) => {
      const logQ = posterior.logProb([grid[i] as number]);
      return Math.exp(logQ) * (logQ - (joint[i] as number) + logEvidence);
    });
    const terms = new Moments();
    tf.tidy(() => {
      const rows = tf.tile(tf.tensor2d(x, [1, 4]), [SAMPLES, 1]) as tf.Tensor2D;
      const { reconstruction, kl } = elboTerms(model, rows, noise(1, SAMPLES, 1));
      for (const term of tf.neg(tf.add(reconstruction, kl)).dataSync()) terms.push(term);
    });
    expect(gap).toBeGreaterThan(0);
    expectUnbiased(terms, logEvidence - gap);
  });

  it('is the mean over samples, whether they come together or one by one', () => {
    tf.tidy(() => {
      const images = tf.tensor2d([x, [0, 0, 1, 0]]);
      const draws = noise(3, 2, 1);
      const together = elboTerms(model, images, draws);
      const apart = [0, 1, 2].map((s) => elboTerms(model, images, draws.slice([s, 0, 0], [1, 2, 1])));
      const average = (key: 'reconstruction' | 'kl') => tf.div(tf.addN(apart.map((terms) => terms[key])), 3);
      expectClose(together.reconstruction.dataSync(), average('reconstruction').dataSync(), 1e-6);
      expectClose(together.kl.dataSync(), average('kl').dataSync(), 1e-6);
    });
  });

  it('is the loss at full weight of the KL term, and only the reconstruction at none', () => {
    tf.tidy(() => {
      const inputs = { x: tf.tensor2d([x]), noise: noise(1, 1, 1) };
      const at = (klWeight: number) => {
        const parts = objective(model, { ...inputs, klWeight: tf.scalar(klWeight) });
        return [parts.loss, parts.reconstruction, parts.kl].map((part) => part.dataSync()[0] as number) as [
          number,
          number,
          number,
        ];
      };
      const [full, reconstruction, kl] = at(1);
      expectClose([full, at(0.25)[0], at(0)[0]], [reconstruction + kl, reconstruction + kl / 4, reconstruction], 1e-6);
    });
  });
});
