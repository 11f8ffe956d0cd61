import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/math/normal-quantile';
import { studentQuantile } from '../../src/math/student';

describe('studentQuantile', () => {
  it.each([
    [0.975, 1, Math.tan(0.475 * Math.PI)],
    [0.975, 2, 0.95 / Math.sqrt(2 * 0.975 * 0.025)],
    // As SciPy 1.10's t.ppf gives them.
    [0.975, 3, 3.1824463052837],
    [0.95, 15, 1.7530503556926],
    [0.995, 15, 2.9467128834752],
    [0.9995, 4, 8.6103015813793],
  ])('p = %d with %d degrees of freedom', (p, degrees, expected) => {
    expect(studentQuantile(p, degrees) / expected).toBeCloseTo(1, 11);
    expect(studentQuantile(1 - p, degrees) / -expected).toBeCloseTo(1, 9);
  });

  it('joins its two methods without a step, and ends in the normal quantile', () => {
    const difference = (degrees: number): number =>
      studentQuantile(0.975, degrees) - studentQuantile(0.975, degrees + 1);
    expect(difference(300) / difference(299)).toBeCloseTo(1, 1);
    expect(studentQuantile(0.975, 1e9)).toBeCloseTo(normalQuantile(0.975), 8);
    expect(studentQuantile(0.5, 7)).toBe(0);
  });

  it('refuses what is no probability and no count', () => {
    expect(() => studentQuantile(1, 3)).toThrow('p: expected a number between 0 and 1, got 1');
    expect(() => studentQuantile(0.9, 0.5)).toThrow('degrees: expected a positive integer, got 0.5');
  });
});
