import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { InvalidArgumentError } from '../../src/errors';
import { klDivergence } from '../../src/kl/closed-form';
import { advance } from '../../src/kl/estimators/run';
import { monteCarloKl, plainRun } from '../../src/kl/monte-carlo';
import { quadratureKl } from '../../src/kl/quadrature';
import { expm1MinusX } from '../../src/math/elementary';
import { linspace } from '../../src/math/grid';
import { Moments } from '../../src/math/moments';
import { integrate } from '../../src/math/quadrature';
import { RandomStream } from '../../src/math/random';

const standard = new Normal(0, 1);
const mixture = new GaussianMixture([0.3, 0.7], [new Normal(-2, 0.5), new Normal(1, 1)]);

describe('monteCarloKl (equation 11)', () => {
  it('lies within 4 standard errors of the closed form and of quadrature', () => {
    // Fixed seeds; over random ones each of the two checks would fail once in 16,000.
    for (const [q, p] of [
      [new Normal(1.2, 0.5), standard],
      [new Normal(0, 1), mixture],
    ] as const) {
      const { value, standardError, samples } = monteCarloKl(q, p, { samples: 100_000, seed: 1 });
      expect(samples).toBe(100_000);
      expect(Math.abs(value - quadratureKl(q, p))).toBeLessThan(4 * standardError!);
    }
  });

  it('is unbiased, and its 95 % intervals cover the truth at their rate: 1,000 seeds', () => {
    const q = new Normal(0.5, 0.8);
    const truth = quadratureKl(q, mixture);
    const estimates = new Moments();
    let covered = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const { value, standardError } = monteCarloKl(q, mixture, { samples: 200, seed });
      estimates.push(value);
      if (Math.abs(value - truth) < 1.96 * standardError!) covered++;
    }
    expect(Math.abs(estimates.mean - truth)).toBeLessThan(5 * estimates.standardError!);
    // Binomial(1000, 0.95) has standard deviation 6.9; 200 skewed terms cost up to 1 % of coverage.
    expect(Math.abs(covered - 950)).toBeLessThan(5 * 6.9 + 10);
  });

  it('has the standard error that theory gives against N(0, 1): √[((σ² − 1)²/2 + μ²σ²)/N] (rule 11)', () => {
    for (const [mu, sigma] of [
      [0, 0.5],
      [1, 1],
      [2, 0.3],
      [-1, 1.7],
    ] as const) {
      const { standardError } = monteCarloKl(new Normal(mu, sigma), standard, { samples: 200_000, seed: 5 });
      const variance = (sigma ** 2 - 1) ** 2 / 2 + mu ** 2 * sigma ** 2;
      // A sample variance of such terms varies by about √(κ/N) ≤ 0.9 % for kurtosis κ ≤ 15; 4 of them, halved by the root.
      expect(Math.abs(standardError! / Math.sqrt(variance / 200_000) - 1)).toBeLessThan(0.02);
    }
  });

  it('reports a negative estimate with its standard error, never clamped (rule 8)', () => {
    const q = new Normal(0.01, 1);
    const estimates = Array.from({ length: 20 }, (_, seed) => monteCarloKl(q, standard, { samples: 100, seed }));
    const negative = estimates.filter(({ value }) => value < 0);
    expect(negative.length).toBeGreaterThan(3);
    for (const { standardError } of negative) expect(standardError).toBeGreaterThan(0);
  });

  it('has no standard error for one sample: null, not 0 (rule 9)', () => {
    expect(monteCarloKl(new Normal(1, 1), standard, { samples: 1, seed: 1 }).standardError).toBeNull();
  });

  it('gives the same number for the same seed, in whatever portions it is drawn (rule 9)', () => {
    const whole = monteCarloKl(mixture, standard, { samples: 10_000, seed: 3 });
    for (const portion of [1, 7, 1000, 1024, 9999]) {
      const run = plainRun(mixture, standard, 3);
      for (let drawn = 0; drawn < 10_000; drawn += portion) advance(run, Math.min(portion, 10_000 - drawn));
      const { value, standardError } = run.accumulator.estimate();
      expect({ value, standardError, samples: 10_000 }).toEqual(whole);
    }
    expect(monteCarloKl(mixture, standard, { samples: 10_000, seed: 4 }).value).not.toBe(whole.value);
  });

  it('is +∞, not NaN, where p’s log density leaves the floats (rule 10)', () => {
    const estimate = monteCarloKl(new Normal(1e200, 1), new Normal(0, 1e-200), { samples: 10, seed: 1 });
    expect(estimate).toEqual({ value: Infinity, standardError: null, samples: 10 });
  });

  it('keeps its memory constant: a million draws hold on to less than a megabyte', () => {
    const q = MultivariateNormal.diagonal([0, 1], [1, 0.5]);
    const p = MultivariateNormal.full([0, 0], [1, 0.5, 0.5, 1]);
    const before = process.memoryUsage().arrayBuffers;
    monteCarloKl(q, p, { samples: 1_000_000, seed: 1 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  it('refuses sample counts and seeds that are none, and shapes that differ', () => {
    for (const samples of [0, -1, 1.5, Number.NaN, Infinity]) {
      expect(() => monteCarloKl(standard, standard, { samples, seed: 1 })).toThrow(
        'samples: expected a positive integer',
      );
    }
    expect(() => monteCarloKl(standard, standard, { samples: 1, seed: 0.5 })).toThrow(
      'seed: expected an integer, got 0.5',
    );
    const vector = MultivariateNormal.diagonal([0], [1]);
    expect(() => monteCarloKl(standard, vector, { samples: 1, seed: 1 })).toThrow(InvalidArgumentError);
  });
});

describe('the terms that other estimators average', () => {
  /** The mean and variance of f(ln p(z)/q(z), ln p(z)) over draws z from q. */
  function averaged(q: Normal, p: Normal, samples: number, f: (logRatio: number, logP: number) => number): Moments {
    const stream = RandomStream.of(71, 'test');
    const moments = new Moments();
    for (let i = 0; i < samples; i++) {
      const z = q.sample(stream);
      moments.push(f(p.logProb(z) - q.logProb(z), p.logProb(z)));
    }
    return moments;
  }

  it('have variance σ⁴/2 + μ²σ² once the entropy is taken analytically (rule 11)', () => {
    for (const [mu, sigma] of [
      [0, 0.5],
      [1, 1],
      [2, 0.3],
    ] as const) {
      const q = new Normal(mu, sigma);
      const { mean, variance, standardError } = averaged(q, standard, 200_000, (_, logP) => -logP);
      expect(Math.abs(mean - q.entropy() - klDivergence(q, standard))).toBeLessThan(4 * standardError!);
      // Kurtosis at most 15, as above.
      expect(Math.abs(variance! / (sigma ** 4 / 2 + mu ** 2 * sigma ** 2) - 1)).toBeLessThan(0.04);
    }
  });

  it('are never negative for k3 = expm1(l) − l, even 1e-9 away from q = p (rule 4)', () => {
    const p = new Normal(1e-9, 1);
    const terms = averaged(standard, p, 10_000, expm1MinusX);
    // KL = ½·1e-18; exp(l) − 1 − l has no digit of it and goes negative.
    expect(Math.abs(terms.mean - 0.5e-18)).toBeLessThan(4 * terms.standardError!);
    const careless = averaged(standard, p, 10_000, (l) => Math.exp(l) - 1 - l);
    expect(careless.mean).not.toBeCloseTo(0.5e-18, 18);
  });

  it('have an infinite second moment for k3 once σ_q² ≤ σ_p²/2 (rule 11)', () => {
    // E_q[k3²] over |z| ≤ R: it settles as R grows while ∫ p²/q is finite, and grows without end from σ_q² = σ_p²/2 down.
    const secondMoment = (sigma: number, reach: number): number => {
      const q = new Normal(0, sigma);
      const integrand = (z: number) =>
        Math.exp(q.logProb(z) + 2 * Math.log(expm1MinusX(standard.logProb(z) - q.logProb(z))));
      return integrate(integrand, linspace(-reach, reach, 21)).value;
    };
    const growth = (sigma: number): number => secondMoment(sigma, 20) / secondMoment(sigma, 10);
    expect(growth(0.9)).toBeCloseTo(1, 9);
    expect(growth(0.75)).toBeCloseTo(1, 4);
    // At σ² = ½ the integrand tends to a constant, so the moment doubles with R; below, it explodes.
    expect(growth(Math.SQRT1_2)).toBeCloseTo(2, 0);
    expect(growth(0.6)).toBeGreaterThan(1e10);
  });
});
