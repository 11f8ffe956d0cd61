import type { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { expm1MinusX, logRatio, power, sqrt1pMinus1, squareError } from '../../src/math/elementary';
import { exact } from '../kl/forty-digits';

const relative = (actual: number, expected: Decimal): number =>
  expected.minus(exact(actual)).div(expected).abs().toNumber();
const POINTS = [2 ** -40, 3 * 2 ** -20, 2 ** -9, 2 ** -3, 0.25, 0.28125, 1, 5, 300];

describe('expm1MinusX (rule 4)', () => {
  it('agrees with 60-digit arithmetic to 2e-15 of its value, also for tiny arguments of either sign', () => {
    for (const x of POINTS.flatMap((point) => [point, -point])) {
      expect(relative(expm1MinusX(x), exact(x).exp().minus(1).minus(exact(x)))).toBeLessThan(2e-15);
    }
  });

  it('is where exp(x) − 1 − x has lost every digit', () => {
    const x = 2 ** -40;
    expect(expm1MinusX(x)).toBeCloseTo(2 ** -81, 30);
    expect(Math.exp(x) - 1 - x).toBe(0);
  });

  it('goes to +∞ where the exponential does, and to −1 − x on the other side', () => {
    expect(expm1MinusX(1000)).toBe(Infinity);
    expect(expm1MinusX(-1000)).toBe(999);
  });
});

describe('logRatio', () => {
  it('agrees with 60-digit arithmetic to 4e-16 of its value, also for a ≈ b', () => {
    for (const [a, b] of [
      [1 + 2 ** -40, 1],
      [1, 1 + 2 ** -50],
      [3, 1],
      [1, 1024],
      [1.5, 1],
    ] as const) {
      expect(relative(logRatio(a, b), exact(a).div(exact(b)).ln())).toBeLessThan(4e-16);
    }
  });

  it('survives a quotient that no float holds', () => {
    expect(logRatio(1e300, 1e-300)).toBeCloseTo(600 * Math.LN10, 9);
    expect(logRatio(1e-300, 1e300)).toBeCloseTo(-600 * Math.LN10, 9);
  });
});

describe('sqrt1pMinus1', () => {
  it('agrees with 60-digit arithmetic to 4e-16 of its value', () => {
    for (const x of [...POINTS, -0.5, -(2 ** -40)]) {
      expect(relative(sqrt1pMinus1(x), exact(x).plus(1).sqrt().minus(1))).toBeLessThan(4e-16);
    }
  });
});

describe('squareError', () => {
  it('is what rounding took from a square: (2^30 + 1)² = 2^60 + 2^31 + 1 loses the 1', () => {
    expect(squareError(2 ** 30 + 1)).toBe(1);
    expect(squareError(3)).toBe(0);
  });

  it('is zero, not NaN, where the square overflows', () => {
    expect(squareError(1e300)).toBe(0);
  });
});

describe('power', () => {
  it('agrees with 60-digit arithmetic to 1e-14 of its value, and with x^y at the ends', () => {
    for (const x of POINTS.filter((it) => it > 0))
      for (const y of [0.5, 1.5, -2]) expect(relative(power(x, y), exact(x).pow(y))).toBeLessThan(1e-14);
    expect([power(0, 2), power(0, 0), power(0, -1)]).toEqual([0, 1, Infinity]);
  });
});
