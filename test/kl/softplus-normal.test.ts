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
    // The bend is a small part of the way from −∞ to ∞.
    [0, 1e3, 398.942936634424796],
    [1, 1e4, 3989.92288958481447],
    [-300, 1e4, 3841.21797523908063],
    [2000, -1e6, 399943.078286383752],
  ])('at a = %d, b = %d is that of 40-digit arithmetic', (a, b, expected) => {
    expect(Math.abs(softplusExpectation(a, b) - expected)).toBeLessThan(5e-12 * Math.max(1, expected / 5));
  });

  // From mpmath, 400 digits: the polynomials in the sigmoid that these are cancel.
  it.each([
    [0, 2, 20, -214383034046366.5],
    [0.3, 2, 60, -8.092466507991961e72],
    [-2, 1, 30, 44525.08947747533],
    [1.2, 0.7, 12, 1.506341687156947],
    [5, 0.5, 60, 5.007597978640102],
    [40, 5, 60, 40.00000000000865],
    [-40, 1, 12, 7.004352026168559e-18],
  ])('has at a = %d, b = %d the moments’ partial sum of %d terms', (a, b, terms, expected) => {
    expect(softplusSeries(a, b, terms).moments[terms]! / expected).toBeCloseTo(1, 11);
  });

  // From mpmath, 60 digits.
  it.each([
    [-20, 2.0611536203143808e-9],
    [3, 3.0485873515737421],
    [100, 100],
  ])('has at a = %d, b = 1e-8 the partial sum of distribution functions, far out in their tails', (a, expected) => {
    expect(softplusSeries(a, 1e-8, 40).distributionFunctions[40]! / expected).toBeCloseTo(1, 11);
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
