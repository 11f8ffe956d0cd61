import { describe, expect, it } from 'vitest';
import { fitPowerLaw } from '../../src/math/regression';

describe('fitPowerLaw', () => {
  it('recovers an exact power law with no uncertainty', () => {
    const x = [1, 2, 5, 10, 100];
    const fit = fitPowerLaw(
      x,
      x.map((value) => 3 * value ** -0.5),
    );
    expect(fit.exponent).toBeCloseTo(-0.5, 12);
    expect(fit.factor).toBeCloseTo(3, 12);
    expect(fit.standardError).toBeLessThan(1e-12);
  });

  it('agrees with the textbook formulas of simple linear regression', () => {
    // On log axes: u = 0, 1, 2, 3 and v = 1, 3, 2, 5, so slope 1.1, intercept 1.1, residuals −0.1, 0.8, −1.3, 0.6,
    // whose squares sum to 2.7; the slope's standard error is √(2.7 / 2 / 5); t(0.975; 2) = 4.302653 (any t-table).
    const fit = fitPowerLaw([0, 1, 2, 3].map(Math.exp), [1, 3, 2, 5].map(Math.exp));
    expect(fit.exponent).toBeCloseTo(1.1, 12);
    expect(Math.log(fit.factor)).toBeCloseTo(1.1, 12);
    expect(fit.standardError).toBeCloseTo(Math.sqrt(0.27), 12);
    expect(fit.interval[1]).toBeCloseTo(1.1 + 4.302653 * Math.sqrt(0.27), 5);
  });

  it.each([
    [3, 12.7062],
    [5, 3.18245],
    [7, 2.57058],
    [12, 2.22814],
    [32, 2.04227],
  ])('uses the tabulated t quantile for %i points', (n, t) => {
    const x = Array.from({ length: n }, (_, i) => Math.exp(i));
    const y = x.map((_, i) => Math.exp(i % 2));
    const fit = fitPowerLaw(x, y);
    // Four digits: the expansion for 3 degrees of freedom is good to 1e-3 relative.
    expect((fit.interval[1] - fit.exponent) / fit.standardError / t).toBeCloseTo(1, 2);
  });

  it('names the point that has no logarithm', () => {
    expect(() => fitPowerLaw([1, 2, 3], [1, 0, 2])).toThrow('y[1]: expected a finite number > 0, got 0');
    expect(() => fitPowerLaw([1, 2], [1, 2])).toThrow('at least 3 points');
    expect(() => fitPowerLaw([2, 2, 2], [1, 2, 3])).toThrow('not all equal');
  });

  it('refuses equal numbers whatever they are: the mean of equal logarithms may round', () => {
    for (let k = 1; k < 100; k++) {
      for (const n of [3, 6, 7]) {
        const equal = new Array<number>(n).fill(k / 7);
        expect(() =>
          fitPowerLaw(
            equal,
            [...equal.keys()].map((i) => i + 1),
          ),
        ).toThrow('not all equal');
      }
    }
  });

  it('keeps the digits of numbers that differ in their last ones', () => {
    const steps = [0, 3, 7, 16];
    const x = steps.map((k) => 1000 * (1 + k * 2 ** -40));
    // To first order y is linear in x: exponent 2 from differences of 2k·2^-40.
    const fit = fitPowerLaw(
      x,
      steps.map((k) => 5 * (1 + 2 * k * 2 ** -40)),
    );
    expect(fit.exponent).toBeCloseTo(2, 2);
    expect(fit.standardError).toBeLessThan(0.01);
  });
});
