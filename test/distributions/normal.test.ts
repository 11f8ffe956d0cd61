import { describe, expect, it } from 'vitest';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { InvalidArgumentError } from '../../src/errors';
import { Moments } from '../../src/math/moments';
import { integrate } from '../../src/math/quadrature';
import { RandomStream } from '../../src/math/random';
import { randomCovariance } from '../kl/random-gaussians';

const rows = [
  [2, 0.6, 0],
  [0.6, 1, -0.3],
  [0, -0.3, 0.5],
];
const flat = Float64Array.from(rows.flat());

describe('Normal', () => {
  it('has the density 1/√(2π) at the mean of N(0, 1): log density −0.9189385332046727', () => {
    expect(new Normal(0, 1).logProb(0)).toBeCloseTo(-0.9189385332046727, 15);
  });

  it('integrates to one', () => {
    const normal = new Normal(1, 0.3);
    expect(integrate((z) => Math.exp(normal.logProb(z)), [-3, 1, 5]).value).toBeCloseTo(1, 10);
  });

  it('has the entropy ½ ln(2πe σ²), which is the mean of −ln p', () => {
    const normal = new Normal(5, 2);
    expect(normal.entropy()).toBeCloseTo(0.5 * Math.log(2 * Math.PI * Math.E * 4), 14);
    const { value } = integrate((z) => -Math.exp(normal.logProb(z)) * normal.logProb(z), [-20, 5, 30]);
    expect(normal.entropy()).toBeCloseTo(value, 10);
  });

  it('does not expand the square: exact to 1e-12 at μ = 1e8, σ = 1e-3 (rule 3)', () => {
    // (z − μ)/σ = 2^-20·1000 without rounding in z − μ; z² − 2zμ + μ² would be off by about 1.
    const z = 1e8 + 2 ** -20;
    const expected = -0.5 * (2 ** -20 * 1000) ** 2 - Math.log(1e-3) - 0.9189385332046727;
    expect(new Normal(1e8, 1e-3).logProb(z)).toBeCloseTo(expected, 12);
  });

  it('gives −∞ infinitely far away, and where the square overflows', () => {
    for (const z of [Infinity, -Infinity, 1e300]) expect(new Normal(0, 1e-8).logProb(z)).toBe(-Infinity);
  });

  it('takes numbers and arrays of one', () => {
    expect(new Normal(1, 2).logProb([3])).toBe(new Normal(1, 2).logProb(3));
  });
});

describe('MultivariateNormal', () => {
  const full = MultivariateNormal.full([1, -2, 0.5], rows);

  it('has the log density that the inverse and the determinant give', () => {
    // Σ⁻¹ = adj Σ/det Σ by cofactors; det Σ = 2·(0.5 − 0.09) − 0.6·0.3 = 0.64.
    const inverse = [0.41, -0.3, -0.18, -0.3, 1, 0.6, -0.18, 0.6, 1.64].map((cofactor) => cofactor / 0.64);
    const delta = [-0.7, 2.1, 1.2];
    const square = inverse.reduce((sum, entry, i) => sum + entry * delta[Math.floor(i / 3)]! * delta[i % 3]!, 0);
    const expected = -0.5 * (square + Math.log(0.64) + 3 * Math.log(2 * Math.PI));
    expect(full.logProb([0.3, 0.1, 1.7])).toBeCloseTo(expected, 13);
  });

  it('is the same diagonal or full when the covariance is diagonal', () => {
    const [mean, stddev, z] = [
      [1, 2],
      [0.1, 3],
      [1.05, -4],
    ];
    const diagonal = MultivariateNormal.diagonal(mean, stddev);
    const other = MultivariateNormal.full(mean, [0.1 ** 2, 0, 0, 9]);
    expect(diagonal.logProb(z)).toBeCloseTo(other.logProb(z), 12);
    expect(diagonal.entropy()).toBeCloseTo(other.entropy(), 13);
    expect([...diagonal.covarianceMatrix()]).toEqual([expect.closeTo(0.01, 15), 0, 0, 9]);
  });

  it('sums independent scalars, in any number of dimensions', () => {
    const d = 64;
    const mean = Array.from({ length: d }, (_, j) => Math.sin(j));
    const stddev = Array.from({ length: d }, (_, j) => 0.5 + (j % 5));
    const z = mean.map((mu, j) => mu + Math.cos(j));
    const expected = mean.reduce((sum, mu, j) => sum + new Normal(mu, stddev[j]!).logProb(z[j]!), 0);
    expect(MultivariateNormal.diagonal(mean, stddev).logProb(z)).toBeCloseTo(expected, 10);
  });

  it('takes the covariance as rows or row-major, and one dimension too', () => {
    expect(MultivariateNormal.full([1, -2, 0.5], flat).logProb([0, 0, 0])).toBe(full.logProb([0, 0, 0]));
    expect(MultivariateNormal.full([0], [[4]]).logProb([1])).toBeCloseTo(new Normal(0, 2).logProb(1), 15);
    expect(MultivariateNormal.diagonal([0], [2]).eventShape).toEqual([1]);
  });

  it('draws samples with its mean and covariance: each within 4 standard errors', () => {
    const n = 40_000;
    const stream = RandomStream.of(21, 'test');
    const first = Array.from({ length: 3 }, () => new Moments());
    const second = Array.from({ length: 9 }, () => new Moments());
    for (let i = 0; i < n; i++) {
      const z = full.sample(stream);
      const delta = z.map((x, j) => x - full.mean[j]!);
      z.forEach((x, j) => {
        first[j]!.push(x);
      });
      second.forEach((moments, k) => {
        moments.push(delta[Math.floor(k / 3)]! * delta[k % 3]!);
      });
    }
    // Fixed seed; over random ones this fails once in 1,000 (12 checks at 4 standard errors).
    first.forEach((m, j) => {
      expect(Math.abs(m.mean - full.mean[j]!)).toBeLessThan(4 * m.standardError!);
    });
    second.forEach((m, k) => {
      expect(Math.abs(m.mean - flat[k]!)).toBeLessThan(4 * m.standardError!);
    });
  });

  it('gives −∞, not NaN, at infinity in any direction and at finite points that overflow', () => {
    const points = [
      [Infinity, -Infinity, 0],
      [0, Infinity, Infinity],
      [1e308, -1e308, 1e308],
    ];
    for (const z of points) expect(full.logProb(z)).toBe(-Infinity);
  });

  it('works for 64 dimensions with a condition number of 1e6', () => {
    const covariance = randomCovariance(64, 1e6, RandomStream.of(4, 'test'));
    // ln det Σ = Σ_k −(k/63)·6·ln 10 = −32·6·ln 10 by construction.
    const expected = -0.5 * (64 * Math.log(2 * Math.PI) - 192 * Math.LN10);
    expect(MultivariateNormal.full(new Float64Array(64), covariance).logProb(new Float64Array(64))).toBeCloseTo(
      expected,
      7,
    );
  });
});

describe('a thin full normal', () => {
  // In the direction (1, −1) the variance is 1 − a, which is exact in float64 as is 1 + a.
  it.each([3 * 2 ** -20, 3 * 2 ** -40, 3 * 2 ** -45])('has all digits of its density across, 1 − a = %d', (across) => {
    const a = 1 - across;
    const normal = MultivariateNormal.full([0, 0], [1, a, a, 1]);
    const t = Math.sqrt(across);
    const expected = -Math.log(2 * Math.PI) - 0.5 * Math.log(across * (1 + a)) - (t * t) / across;
    expect(Math.abs(normal.logProb([t, -t]) - expected)).toBeLessThan(1e-13 * Math.abs(expected));
    expect(normal.entropy()).toBeCloseTo(1 + Math.log(2 * Math.PI) + 0.5 * Math.log(across * (1 + a)), 12);
  });
});

describe('what a normal refuses (rule 10)', () => {
  const nan = Number.NaN;
  it.each<[string, () => unknown]>([
    ['mean: expected a finite number, got NaN', () => new Normal(nan, 1)],
    ['mean: expected a finite number, got "0"', () => new Normal('0' as unknown as number, 1)],
    ['stddev: expected a finite number > 0, got 0', () => new Normal(0, 0)],
    ['stddev: expected a finite number > 0, got -1', () => new Normal(0, -1)],
    ['stddev: expected a finite number, got Infinity', () => new Normal(0, Infinity)],
    ['stddev: expected a number > 0 whose reciprocal is finite, got 1e-310', () => new Normal(0, 1e-310)],
    ['mean: expected at least one number, got an empty array', () => MultivariateNormal.diagonal([], [])],
    ['mean: expected an array of numbers, got 0', () => MultivariateNormal.diagonal(0 as unknown as number[], [1])],
    ['mean[1]: expected a finite number, got NaN', () => MultivariateNormal.diagonal([0, nan], [1, 1])],
    ['stddev[2]: expected a finite number > 0, got 0', () => MultivariateNormal.diagonal([0, 0, 0], [1, 1, 0])],
    ['stddev: expected 2 entries, one per dimension of mean, got 1', () => MultivariateNormal.diagonal([0, 0], [1])],
    [
      'covariance: expected 2 entries, one per dimension of mean, got 1',
      () => MultivariateNormal.full([0, 0], [[1, 0]]),
    ],
    [
      'covariance[1]: expected 2 entries, one per dimension of mean, got 1',
      () => MultivariateNormal.full([0, 0], [[1, 0], [1]]),
    ],
    [
      'covariance[0][1]: expected a finite number, got NaN',
      () =>
        MultivariateNormal.full(
          [0, 0],
          [
            [1, nan],
            [0, 1],
          ],
        ),
    ],
    [
      'covariance[1][0]: expected 0.5, the same as entry [0][1] (a covariance is symmetric), got 0.4',
      () =>
        MultivariateNormal.full(
          [0, 0],
          [
            [1, 0.5],
            [0.4, 1],
          ],
        ),
    ],
    [
      'covariance: expected a positive definite matrix, but pivot 1 of its Cholesky factorisation is -3',
      () =>
        MultivariateNormal.full(
          [0, 0],
          [
            [1, 2],
            [2, 1],
          ],
        ),
    ],
    [
      'z: expected 2 entries, one per dimension of the event, got 3',
      () => MultivariateNormal.diagonal([0, 0], [1, 1]).logProb([1, 2, 3]),
    ],
    ['z[1]: expected a number, got NaN', () => MultivariateNormal.diagonal([0, 0], [1, 1]).logProb([1, nan])],
    ['z: expected a number, got undefined', () => new Normal(0, 1).logProb([undefined as unknown as number])],
  ])('%s', (message, make) => {
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });

  it('but not the asymmetry that rounding leaves in a covariance', () => {
    const covariance = [
      [1, 0.1 + 0.2],
      [0.3, 1],
    ];
    expect(MultivariateNormal.full([0, 0], covariance).covarianceMatrix()[1]).toBeCloseTo(0.3, 15);
    // Two neighbouring numbers of float32.
    const single = [1, Math.fround(0.9), Math.fround(0.9) + 2 ** -24, 1];
    expect(MultivariateNormal.full([0, 0], single).covarianceMatrix()[1]).toBeCloseTo(0.9, 7);
  });
});
