import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../../src/distributions/multivariate-normal';
import { RandomStream } from '../../../src/math/random';
import { MixturePass, plainMixture } from '../../../src/vae/evaluation/mixture-pass';
import { expectClose } from '../gradients';

const normals = (stream: RandomStream, length: number, scale = 1, shift = 0) =>
  Float32Array.from({ length }, () => shift + scale * stream.normal());

function randomMixture(k: number, d: number, stream: RandomStream): GaussianMixture {
  const components = Array.from({ length: k }, () =>
    MultivariateNormal.diagonal(
      normals(stream, d, 3),
      normals(stream, d, 0.5).map((s) => Math.exp(s)),
    ),
  );
  return new GaussianMixture(Array(k).fill(1 / k), components);
}

/** ln q − ln p of every sample, in float64. */
function expected(
  mixture: GaussianMixture,
  { noise, mean, logVariance }: Record<'noise' | 'mean' | 'logVariance', Float32Array>,
): number[] {
  const d = mixture.dimension;
  const images = mean.length / d;
  return Array.from({ length: noise.length / d }, (_, row) => {
    const at = (j: number) => (row % images) * d + j;
    const sigma = Array.from({ length: d }, (_, j) => Math.exp(0.5 * (logVariance[at(j)] as number)));
    const own = Array.from({ length: d }, (_, j) => mean[at(j)] as number);
    const z = own.map((m, j) => m + (sigma[j] as number) * (noise[row * d + j] as number));
    return MultivariateNormal.diagonal(own, sigma).logProb(z) - mixture.logProb(z);
  });
}

describe('ln q − ln p in one pass', () => {
  it('is what float64 gives, for any dimension, number of components, images and samples', () => {
    for (const [k, d, images, samples] of [
      [1, 1, 1, 1],
      [3, 2, 1, 20],
      [10, 40, 1, 33],
      [7, 5, 3, 11],
      [500, 40, 1, 17],
    ] as const) {
      const stream = RandomStream.of(k, 'mixture-pass');
      const mixture = randomMixture(k, d, stream);
      const inputs = {
        noise: normals(stream, samples * images * d),
        mean: normals(stream, images * d, 2),
        logVariance: normals(stream, images * d, 1, -1),
      };
      const pass = new MixturePass(plainMixture(mixture)!, { images, samples }, d);
      const got = pass.logRatios(inputs.noise, inputs.mean, inputs.logVariance);
      expectClose(got, expected(mixture, inputs), 2e-6);
    }
  });

  it('sums over dimensions before components, and loses no digit far from the origin', () => {
    const normal = (mean: number[], sigma: number) => MultivariateNormal.diagonal(mean, [sigma, sigma]);
    const modes = new GaussianMixture([0.5, 0.5], [normal([3, 3], 1), normal([-3, -3], 1)]);
    const at = (mean: number[], logVariance: number, mixture: GaussianMixture) =>
      new MixturePass(plainMixture(mixture)!, { images: 1, samples: 1 }, 2).logRatios(
        new Float32Array(2),
        Float32Array.from(mean),
        new Float32Array(2).fill(logVariance),
      )[0] as number;
    // ln q(μ) = −ln 2π; ln p(3, −3) = −18 − ln 2π.
    expect(at([3, -3], 0, modes)).toBeCloseTo(18, 5);
    const narrow = new GaussianMixture([1], [normal([100, 100], 1e-3)]);
    expect(at([100, 100], 2 * Math.log(1e-3), narrow)).toBeCloseTo(0, 5);
  });

  it('leaves out components of weight 0 and gives +∞ where every density is 0', () => {
    const one = MultivariateNormal.diagonal([0], [1]);
    const far = MultivariateNormal.diagonal([1], [1]);
    const pass = new MixturePass(plainMixture(new GaussianMixture([1, 0], [one, far]))!, { images: 1, samples: 1 }, 1);
    const [zero] = [new Float32Array(1)];
    expect(pass.logRatios(zero, zero, zero)[0]).toBeCloseTo(0, 6);
    expect(pass.logRatios(zero, Float32Array.of(1e30), zero)[0]).toBe(Number.POSITIVE_INFINITY);
    expect(pass.logRatios(zero, Float32Array.of(Number.NaN), zero)[0]).toBeNaN();
  });

  it('is not for full covariances', () => {
    const full = new GaussianMixture(
      [1],
      [
        MultivariateNormal.full(
          [0, 0],
          [
            [2, 1],
            [1, 2],
          ].flat(),
        ),
      ],
    );
    expect(plainMixture(full)).toBeNull();
  });
});
