import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { klDivergence } from '../../src/kl/closed-form';
import { intervalCoverage, logRatioShape } from '../../src/kl/coverage';

const STANDARD = new Normal(0, 1);

describe('the coverage of the intervals', () => {
  // σ = 1: ln q/p = μ²/2 + με is exactly normal, so that Student's interval holds 95 % and, at N = 2, the normal one holds
  // P(|t₁| ≤ 1.96) = 2·atan(1.96)/π = 70.0 %. 20,000 runs: four standard errors are 0.62 and 1.3 points (false alarm: 1 in 16,000 each).
  it('is what theory says for normal terms', () => {
    const q = new Normal(1, 1);
    const options = { exact: klDivergence(q, STANDARD), samples: 2, replications: 20_000, seed: 5 };
    const { normal, student, farthest } = intervalCoverage(q, STANDARD, options);
    expect(Math.abs(student - 0.95)).toBeLessThan(0.0062);
    expect(Math.abs(normal - (2 * Math.atan(1.959964)) / Math.PI)).toBeLessThan(0.013);
    expect(farthest).toBeGreaterThan(100); // |t₁| exceeds 100 once in 157 runs
  });

  it('knows the standard error the better the more draws there are: σ(s)/s = √((κ − 1)/4N) for large N', () => {
    const q = new Normal(0.5, 0.6);
    const options = { exact: klDivergence(q, STANDARD), samples: 400, replications: 4000, seed: 6 };
    const { relativeSpread } = intervalCoverage(q, STANDARD, options);
    const { kurtosis } = logRatioShape(q, STANDARD);
    // The spread of 4,000 values is known to 1.1 % (one standard error); four of them, and 1 % for the next term in 1/N.
    expect(Math.abs(relativeSpread / Math.sqrt((kurtosis - 1) / 1600) - 1)).toBeLessThan(4 * 0.011 + 0.01);
  });

  it('counts infinite estimates, which have no standard error, as infinitely far off', () => {
    const [wide, narrow] = [new Normal(0, 1e200), new Normal(0, 1e-200)];
    const runs = intervalCoverage(wide, narrow, { exact: 1, samples: 3, replications: 3, seed: 1 });
    expect(runs).toMatchObject({ normal: 0, student: 0, farthest: Infinity });
  });

  it('refuses one draw, which has no standard error', () => {
    expect(() =>
      intervalCoverage(STANDARD, STANDARD, { exact: Number.NaN, samples: 2, replications: 1, seed: 1 }),
    ).toThrow('exact: expected a finite number, got NaN');
    expect(
      intervalCoverage(STANDARD, STANDARD, { exact: 0, samples: 2, replications: 9, seed: 1 }).relativeSpread,
    ).toBe(0);
    expect(() => intervalCoverage(STANDARD, STANDARD, { exact: 0, samples: 1, replications: 1, seed: 1 })).toThrow(
      'samples: expected an integer ≥ 2, got 1',
    );
  });
});

// From mpmath, 30 digits.
it.each([
  [
    new GaussianMixture([0.5, 0.5], [STANDARD, new Normal(0.123, 1e-5)]),
    [0.692852513460089561, 0.00269481623606927, -189.995538059456854, 37468.3136693368551],
  ],
  [
    new GaussianMixture([0.9, 0.1], [new Normal(0, 2), new Normal(1, 1e-3)]),
    [0.417328104406691413, 0.307887468693308701, -3.17188803603949835, 18.8807943048002356],
  ],
])('the shape of one term sees components of p far narrower than q', (p, [mean, variance, skewness, kurtosis]) => {
  const shape = logRatioShape(STANDARD, p);
  expect(shape.mean).toBeCloseTo(mean!, 10);
  expect(shape.variance / variance!).toBeCloseTo(1, 9);
  expect(shape.skewness / skewness!).toBeCloseTo(1, 8);
  expect(shape.kurtosis / kurtosis!).toBeCloseTo(1, 8);
});

it('the shape of one term is that of a chi-square however close p is to q, and there is none for p = q', () => {
  for (const off of [1e-3, 1e-6, 1e-9]) {
    const { skewness, kurtosis } = logRatioShape(STANDARD, new Normal(0, 1 + off));
    expect(skewness).toBeCloseTo(-Math.sqrt(8), 5);
    expect(kurtosis).toBeCloseTo(15, 5);
  }
  const twice = new GaussianMixture([0.5, 0.5], [STANDARD, STANDARD]);
  for (const p of [STANDARD, twice]) {
    expect(() => logRatioShape(STANDARD, p)).toThrow('p: expected another distribution than q');
  }
});

it('the shape of one term is that of a chi-square where only the widths differ: skewness √8, kurtosis 15', () => {
  const { mean, variance, skewness, kurtosis } = logRatioShape(new Normal(0, 2), STANDARD);
  expect(mean).toBeCloseTo(klDivergence(new Normal(0, 2), STANDARD), 9);
  expect(variance).toBeCloseTo(9 / 2, 8); // (σ² − 1)²/2
  expect(skewness).toBeCloseTo(Math.sqrt(8), 7);
  expect(kurtosis).toBeCloseTo(15, 6);
});
