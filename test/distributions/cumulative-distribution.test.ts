import { describe, expect, it } from 'vitest';
import { cdf, quantile } from '../../src/distributions/cumulative-distribution';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { integrate } from '../../src/math/quadrature';

const mixture = new GaussianMixture([0.3, 0.2, 0.5], [new Normal(-1, 0.5), new Normal(0, 0.01), new Normal(3, 2)]);

describe('cdf', () => {
  it('is the integral of the density', () => {
    for (const z of [-3, -1, -0.01, 0, 0.005, 2, 6]) {
      const breaks = [-30, -3, -1, -0.1, -0.01, 0, 0.01, 0.1, 3, 6].filter((x) => x < z);
      const { value } = integrate((x) => Math.exp(mixture.logProb(x)), [...breaks, z]);
      expect(cdf(mixture, z)).toBeCloseTo(value, 10);
      expect(cdf(mixture, z, { tail: 'upper' })).toBeCloseTo(1 - value, 10);
    }
  });

  it('keeps its digits in both tails', () => {
    // Φ(−20), by mpmath.
    const tail = 2.75362411860623369e-89;
    expect(cdf(new Normal(5, 2), -35) / tail).toBeCloseTo(1, 14);
    expect(cdf(new Normal(5, 2), 45, { tail: 'upper' }) / tail).toBeCloseTo(1, 14);
    expect(cdf(mixture, 43, { tail: 'upper' }) / (0.5 * tail)).toBeCloseTo(1, 14);
  });

  it('is 0 and 1 at infinity, and takes vectors of one dimension', () => {
    expect([cdf(mixture, -Infinity), cdf(mixture, Infinity)]).toEqual([0, 1]);
    for (const g of [MultivariateNormal.diagonal([1], [2]), MultivariateNormal.full([1], [4])]) {
      expect(cdf(g, 2)).toBe(cdf(new Normal(1, 2), 2));
    }
  });

  it('reaches across the range of a float', () => {
    expect(cdf(new Normal(1e308, 1e308), -1e308)).toBeCloseTo(0.0227501319481792, 15);
    expect(cdf(new Normal(0, 1e-300), 1e-300)).toBeCloseTo(0.841344746068543, 14);
  });

  it('refuses two dimensions, NaN and an unknown tail', () => {
    const plane = MultivariateNormal.diagonal([0, 0], [1, 1]);
    expect(() => cdf(plane, 0)).toThrow(
      'distribution: expected one dimension, got 2; take marginal(distribution, [j]) first',
    );
    expect(() => cdf(mixture, Number.NaN)).toThrow('z: expected a number, got NaN');
    expect(() => cdf(mixture, 0, { tail: 'both' as 'lower' })).toThrow(
      "tail: expected 'lower' or 'upper', got \"both\"",
    );
  });
});

describe('quantile', () => {
  it('is where the distribution function has the probability, in both tails', () => {
    for (const probability of [1e-300, 1e-20, 0.001, 0.29, 0.31, 0.4, 0.5, 0.6, 0.99, 1 - 1e-15]) {
      for (const tail of ['lower', 'upper'] as const) {
        const z = quantile(mixture, probability, { tail });
        // z is rounded, to some 2⁻⁵²: the distribution function moves by that times its slope.
        expect(Math.abs(cdf(mixture, z, { tail }) / probability - 1)).toBeLessThan(1e-12);
      }
    }
  });

  it('is μ + σΦ⁻¹ for one normal: Φ⁻¹(0.975) = 1.959963984540054', () => {
    expect(quantile(new Normal(1, 2), 0.975)).toBeCloseTo(1 + 2 * 1.959963984540054, 13);
    expect(quantile(new Normal(1, 2), 0.975, { tail: 'upper' })).toBeCloseTo(1 - 2 * 1.959963984540054, 13);
  });

  it('rises with the probability also across a gap between modes where the distribution function is flat', () => {
    const apart = new GaussianMixture([0.5, 0.5], [new Normal(-1e6, 1), new Normal(1e6, 1e-3)]);
    const found = [0.1, 0.4999, 0.5, 0.5001, 0.9].map((probability) => quantile(apart, probability));
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found[1]).toBeCloseTo(-1e6 + 3.54008, 4);
    expect(found[3]).toBeCloseTo(1e6 - 0.00354008, 7);
    expect(cdf(apart, found[2]!)).toBe(0.5);
  });

  it('reaches across the range of a float', () => {
    expect(quantile(new Normal(0, 1e308), 0.75) / 1e308).toBeCloseTo(0.674489750196082, 14);
    expect(quantile(new Normal(0, 1e-307), 0.25) / 1e-307).toBeCloseTo(-0.674489750196082, 14);
    const extremes = new GaussianMixture([0.5, 0.5], [new Normal(-1e308, 1e-300), new Normal(1e308, 1e300)]);
    expect([0.25, 0.75].map((probability) => quantile(extremes, probability))).toEqual([-1e308, 1e308]);
  });

  it('looks beyond a component that is narrower than the steps of a float', () => {
    // The search begins on its mean. By mpmath, the root of 0.6Φ(z + 1) + 0.1Φ(z − 3) = 0.5.
    const beside = (sigma: number): GaussianMixture =>
      new GaussianMixture([0.6, 0.3, 0.1], [new Normal(-1, 1), new Normal(1, sigma), new Normal(3, 1)]);
    for (const sigma of [1e-15, 1e-17, 1e-20, 1e-100]) {
      expect(quantile(beside(sigma), 0.5)).toBeCloseTo(-0.03338469074151403, 14);
      expect(quantile(beside(sigma), 0.5, { tail: 'upper' })).toBeCloseTo(-0.03338469074151403, 14);
      expect(quantile(beside(sigma), 0.7)).toBeCloseTo(1, 14);
    }
  });

  it('is infinite at 0 and 1, and refuses what is no probability', () => {
    expect([quantile(mixture, 0), quantile(mixture, 1)]).toEqual([-Infinity, Infinity]);
    expect([0, 1].map((p) => quantile(mixture, p, { tail: 'upper' }))).toEqual([Infinity, -Infinity]);
    for (const none of [-0.1, 1.1, Number.NaN, '0.5']) {
      expect(() => quantile(mixture, none as number)).toThrow('probability: expected a number from 0 to 1');
    }
  });
});
