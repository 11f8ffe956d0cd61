import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { klBounds } from '../../src/kl/bounds';
import type { KlDistribution } from '../../src/kl/closed-form';
import { quadratureKlGradient } from '../../src/kl/gradients/quadrature-gradient';
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
  // The trapezoidal rule in the axes of each ridge, in NumPy: 21,000 × 170 and 34,000 × 170 points agree to 1e-11 of the value.
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

describe('quadratureKlGradient of thin ridges', () => {
  const scalars = [
    new GaussianMixture([0.3, 0.5, 0.2], [new Normal(0, 0.01), new Normal(0.5, 1), new Normal(-0.3, 0.0005)]),
    new GaussianMixture([0.6, 0.4], [new Normal(0.2, 0.002), new Normal(0, 2)]),
  ] as const;
  const all = [0, 1, 2].flatMap((i) => [0, 1].map((j) => [i, j] as const));
  const weights = all.map(([i, j]) => scalars[0].weights[i]! * scalars[1].weights[j]!);
  const moments = all.map(([i, j]) => {
    const [a, b] = [scalars[0].components[i]!, scalars[1].components[j]!];
    return {
      mean: [a.meanVector()[0]!, b.meanVector()[0]!],
      variance: [a.covarianceMatrix()[0]!, b.covarianceMatrix()[0]!],
    };
  });

  it('is, for independent coordinates, that of each coordinate: six components, from 0.0005 to 2 wide', () => {
    const p = new GaussianMixture(
      weights,
      moments.map(({ mean, variance }) => diagonal(mean, variance.map(Math.sqrt))),
    );
    const found = quadratureKlGradient(diagonal([0.1, -0.2], [0.7, 1.3]), p);
    [new Normal(0.1, 0.7), new Normal(-0.2, 1.3)].forEach((q, j) => {
      const { mean, stddev } = quadratureKlGradient(q, scalars[j]!);
      expect(Math.abs(found.mean[j]! - mean[0]!)).toBeLessThan(1e-8);
      expect(Math.abs(found.stddev[j]! - stddev[0]!)).toBeLessThan(1e-8);
    });
  });

  it('turns with p where q is round', () => {
    const [cos, sin] = [0.8, 0.6];
    const p = new GaussianMixture(
      weights,
      moments.map(({ mean: [x, y], variance: [a, b] }) =>
        full(
          [cos * x! - sin * y!, sin * x! + cos * y!],
          [
            [cos * cos * a! + sin * sin * b!, cos * sin * (a! - b!)],
            [cos * sin * (a! - b!), sin * sin * a! + cos * cos * b!],
          ],
        ),
      ),
    );
    const [x, y] = [0.1, -0.2];
    const { mean } = quadratureKlGradient(diagonal([cos * x - sin * y, sin * x + cos * y], [0.7, 0.7]), p);
    const along = [x, y].map((mu, j) => quadratureKlGradient(new Normal(mu, 0.7), scalars[j]!).mean[0]!);
    expect(Math.abs(cos * mean[0]! + sin * mean[1]! - along[0]!)).toBeLessThan(1e-8);
    expect(Math.abs(cos * mean[1]! - sin * mean[0]! - along[1]!)).toBeLessThan(1e-8);
  });

  it('is the slope of quadratureKl where a diagonal ridge crosses a full one', () => {
    const p = half(diagonal([0, 0], [1, 0.003]), full([1, 0], [0.5000045, 0.4999955, 0.4999955, 0.5000045]));
    const h = 0.02;
    const kl = (mu: number): number => quadratureKl(diagonal([mu, 0], [1, 0.003]), p);
    const slope = (kl(-2 * h) - 8 * kl(-h) + 8 * kl(h) - kl(2 * h)) / (12 * h);
    // h⁴ times a fifth derivative of some 0.01: 1e-9; 1e-8/h for the errors of quadratureKl at their worst.
    expect(quadratureKlGradient(diagonal([0, 0], [1, 0.003]), p).mean[0]).toBeCloseTo(slope, 6);
  });
});
