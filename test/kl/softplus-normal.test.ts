import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { quadratureKl } from '../../src/kl/quadrature';
import { equalVarianceReduction, softplusExpectation, softplusSeries } from '../../src/kl/softplus-normal';

const twoOf = (sigma: number, [left, right]: readonly [number, number] = [-1, 2]) =>
  new GaussianMixture([0.3, 0.7], [new Normal(left, sigma), new Normal(right, sigma)]);

describe('two components of equal variance', () => {
  it.each([
    [new Normal(0.4, 0.7), twoOf(0.8)],
    [new Normal(-3, 2.5), twoOf(0.5)],
    [new Normal(1, 0.01), twoOf(3, [5, -4])],
  ])('leave one expectation of a softplus: with it the divergence is that of quadrature', (q, p) => {
    const { known, a, b } = equalVarianceReduction(q, p);
    const exact = quadratureKl(q, p);
    expect(Math.abs(known - softplusExpectation(a, b) - exact)).toBeLessThan(2e-8 * Math.max(1, exact));
  });

  it.each([1e-200, 1e-170, 1e160, 1e300])('are reduced in any unit, whose square no float holds: %d', (unit) => {
    const p = new GaussianMixture([0.3, 0.7], [new Normal(-unit, 0.8 * unit), new Normal(2 * unit, 0.8 * unit)]);
    const { known, a, b } = equalVarianceReduction(new Normal(0.4 * unit, 0.7 * unit), p);
    const usual = equalVarianceReduction(new Normal(0.4, 0.7), twoOf(0.8));
    expect(known).toBeCloseTo(usual.known, 12);
    expect(a).toBeCloseTo(usual.a, 12);
    expect(b).toBeCloseTo(usual.b, 12);
  });

  it('are refused where one has no weight', () => {
    const one = new GaussianMixture([0, 1], [new Normal(-1, 1), new Normal(1, 1)]);
    expect(() => equalVarianceReduction(new Normal(0, 1), one)).toThrow('p: expected two weights above zero');
  });

  it('are refused where there are three, or two widths', () => {
    const three = new GaussianMixture([0.2, 0.3, 0.5], [new Normal(0, 1), new Normal(1, 1), new Normal(2, 1)]);
    const widths = new GaussianMixture([0.5, 0.5], [new Normal(0, 1), new Normal(1, 2)]);
    expect(() => equalVarianceReduction(new Normal(0, 1), three)).toThrow(
      'p: expected two components on the real line',
    );
    expect(() => equalVarianceReduction(new Normal(0, 1), widths)).toThrow('p: expected components of one variance');
  });
});

describe('the expectation of a softplus', () => {
  // From mpmath, 40 digits.
  it.each([
    [0, 1, 0.80605918334743978453],
    [0.3, 2, 1.2245209162699293316],
    [-2, 4, 0.92904488692562374317],
  ])('at a = %d, b = %d is that of 40-digit arithmetic', (a, b, expected) => {
    expect(softplusExpectation(a, b)).toBeCloseTo(expected, 11);
  });

  it('has a slope in a with a closed form at single points: 1 − ½exp(−b²/2) at a = b² (Pirjol, 2013)', () => {
    for (const b of [0.5, 1, 1.7]) {
      const slope = (softplusExpectation(b * b + 1e-4, b) - softplusExpectation(b * b - 1e-4, b)) / 2e-4;
      expect(slope).toBeCloseTo(1 - 0.5 * Math.exp(-0.5 * b * b), 7);
    }
  });

  it.each([
    [0.5, 1.5],
    [-2, 0.8],
    [3, -4],
  ])('at a = %d, b = %d is what the series of distribution functions tends to, as 1/n²', (a, b) => {
    const exact = softplusExpectation(a, b);
    const { distributionFunctions } = softplusSeries(a, b, 60);
    const errors = distributionFunctions.map((sum) => Math.abs(sum - exact));
    expect(errors[60]!).toBeLessThan(1e-3);
    expect(errors[60]!).toBeLessThan(errors[15]! / 8);
    // Alternating with falling terms: two neighbouring partial sums enclose it.
    for (let n = 1; n <= 60; n++) {
      expect((distributionFunctions[n]! - exact) * (distributionFunctions[n - 1]! - exact)).toBeLessThan(0);
    }
  });

  it('is approached by the moments of a narrow q, and left again', () => {
    const exact = softplusExpectation(0.5, 1.2);
    const errors = softplusSeries(0.5, 1.2, 20).moments.map((sum) => Math.abs(sum - exact));
    const best = Math.min(...errors);
    expect(best).toBeLessThan(0.01);
    expect(errors[20]!).toBeGreaterThan(100 * best);
  });

  it('has second-order terms that Taylor would write down', () => {
    const s = 1 / (1 + Math.exp(-0.5));
    const { moments } = softplusSeries(0.5, 0.1, 2);
    expect(moments[1]! - moments[0]!).toBeCloseTo(0.005 * s * (1 - s), 15);
    const fourth = s * (1 - s) * (1 - 6 * s + 6 * s * s); // softplus⁗
    expect(moments[2]! - moments[1]!).toBeCloseTo((0.1 ** 4 / 8) * fourth, 15);
  });
});
