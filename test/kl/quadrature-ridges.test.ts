import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { klBounds } from '../../src/kl/bounds';
import type { KlDistribution } from '../../src/kl/closed-form';
import { quadratureKl } from '../../src/kl/quadrature';

const { diagonal, full } = MultivariateNormal;
const half = (a: ReturnType<typeof full | typeof diagonal>, b: ReturnType<typeof full | typeof diagonal>) =>
  new GaussianMixture([0.5, 0.5], [a, b]);

/** Unit variances, correlation a. */
const ridge = (mean: readonly number[], a: number) => {
  const rows = mean.map((_, i) => mean.map((_, j) => (i === j ? 1 : i + j === 1 ? a : 0)));
  return full(mean, rows);
};

describe('quadratureKl of thin ridges that cross', () => {
  // The trapezoidal rule in the axes of one ridge, in NumPy: 17,000 × 170 and 34,000 × 170 points agree to 1e-12.
  it.each<[string, number, KlDistribution, KlDistribution]>([
    [
      'a diagonal one and a full one',
      0.688820699512,
      diagonal([0, 0], [1, 0.003]),
      half(diagonal([0, 0], [1, 0.003]), full([1, 0], [0.5000045, 0.4999955, 0.4999955, 0.5000045])),
    ],
    ['two full ones', 0.688048320274, ridge([0, 0], 0.99995), half(ridge([0, 0], 0.99995), ridge([1, 1], -0.99995))],
    [
      'two full ones, with a third coordinate',
      0.688048320274,
      ridge([0, 0, 0], 0.99995),
      half(ridge([0, 0, 0], 0.99995), ridge([1, 1, 0], -0.99995)),
    ],
    [
      'two full ones that are q',
      9998.811580639828,
      half(ridge([0, 0], 0.99995), ridge([1, 1], -0.99995)),
      ridge([0, 0], 0.99995),
    ],
  ])('sees the crossing of %s', (_, expected, q, p) => {
    expect(Math.abs(quadratureKl(q, p) - expected)).toBeLessThan(1e-8 * Math.max(1, expected));
  });
});

describe('quadratureKl of what leaves the range of a float', () => {
  const pair = (a: Normal, b: Normal) => new GaussianMixture([0.5, 0.5], [a, b]);

  it.each<[string, Normal, GaussianMixture]>([
    ['means 1e200 apart', new Normal(0, 1), pair(new Normal(1e200, 1), new Normal(2e200, 1))],
    [
      'a spread of 1e200 against one of 1e-200',
      new Normal(0, 1e200),
      pair(new Normal(0, 1e-200), new Normal(1, 1e-200)),
    ],
  ])('is infinite as the upper bound is: %s', (_, q, p) => {
    expect(quadratureKl(q, p)).toBe(Infinity);
    expect(klBounds(q, p).upper).toBe(Infinity);
  });

  it('is finite as long as it is below the largest float, and where only its parts are not', () => {
    // The nearer mean carries it all: ½·(1e154)².
    const far = pair(new Normal(1e154, 1), new Normal(2e154, 1));
    expect(quadratureKl(new Normal(0, 1), far) / 5e307).toBeCloseTo(1, 8);
    expect(quadratureKl(new Normal(1e308, 1e308), new Normal(-1e308, 1e308))).toBeCloseTo(2, 8);
  });
});
