import { describe, expect, it } from 'vitest';
import { integrate, QuadratureError } from '../../src/math/quadrature';

describe('integrate', () => {
  it('is exact for polynomials up to degree 31 with a single panel: every node and weight is right', () => {
    for (let degree = 0; degree <= 31; degree++) {
      const loose = { absolute: 1, relative: 1 };
      const { value } = integrate((x) => (degree + 1) * x ** degree, [0, 1], loose);
      expect(value).toBeCloseTo(1, 13);
    }
  });

  it('meets its tolerance on a kink, a cusp and an end-point singularity', () => {
    const tolerance = { absolute: 1e-10, relative: 1e-10 };
    expect(integrate((x) => Math.abs(x - 1 / 3), [0, 1], tolerance).value).toBeCloseTo(5 / 18, 10);
    expect(integrate((x) => Math.sqrt(Math.abs(x - 0.7)), [0, 1], tolerance).value).toBeCloseTo(
      (2 / 3) * (0.7 ** 1.5 + 0.3 ** 1.5),
      10,
    );
    expect(integrate((x) => 1 / Math.sqrt(x), [0, 1], tolerance).value).toBeCloseTo(2, 9);
  });

  it('sees a peak a millionth of the interval wide when a breakpoint stands on it', () => {
    const s = 1e-6;
    const { value } = integrate((x) => Math.exp(-0.5 * ((x - 0.3) / s) ** 2), [0, 0.3 - 8 * s, 0.3 + 8 * s, 1], {
      absolute: 1e-17,
      relative: 1e-11,
    });
    expect(value / (s * Math.sqrt(2 * Math.PI))).toBeCloseTo(1, 9);
  });

  it('throws when the tolerance cannot be met, or the integrand is not finite', () => {
    expect(() => integrate((x) => 1 / x, [0, 1])).toThrow(QuadratureError);
    expect(() => integrate(() => Number.NaN, [0, 1])).toThrow('the integrand is not finite everywhere');
  });
});
