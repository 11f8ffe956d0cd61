import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPowerLaw } from '../../src/math/regression';
import { summarize } from '../../src/math/summary';

const sample = fc.array(
  fc.integer({ min: -800, max: 800 }).map((n) => n / 8),
  { minLength: 2, maxLength: 20 },
);

function close(actual: number | null, expected: number | null, tolerance: number): void {
  expect(Math.abs(actual! - expected!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected!)));
}

describe('summarize', () => {
  it('has the mean and the spread of [1, 2, 3, 4]', () => {
    const { mean, standardDeviation, standardError } = summarize([1, 2, 3, 4]);
    expect(mean).toBe(2.5);
    close(standardDeviation, Math.sqrt(5 / 3), 1e-15);
    close(standardError, Math.sqrt(5 / 12), 1e-15);
  });

  it('grows with the unit over the whole range of floats, moves with a shift, and does not see the order', () => {
    fc.assert(
      fc.property(
        sample,
        fc.integer({ min: -1000, max: 1010 }),
        fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
        (values, e, shift) => {
          const here = summarize(values);
          const scaled = summarize(values.map((x) => x * 2 ** e));
          close(scaled.mean / 2 ** e, here.mean, 1e-13);
          close(scaled.standardDeviation! / 2 ** e, here.standardDeviation, 1e-13);
          close(scaled.standardError! / 2 ** e, here.standardError, 1e-13);
          const moved = summarize(values.map((x) => x + shift));
          // A mean is rounded to the floats there are beside the shift.
          const room = 1e-13 + 2 ** -50 * Math.abs(shift);
          close(moved.mean - shift, here.mean, room);
          close(moved.standardDeviation, here.standardDeviation, room);
          close(summarize(values.toReversed()).standardDeviation, here.standardDeviation, 1e-12);
        },
      ),
      { seed: 7, numRuns: 100 },
    );
  });

  it('has a spread where squares leave the floats, on either side', () => {
    close(summarize([1e-200, 3e-200]).standardDeviation! / 1e-200, Math.SQRT2, 1e-14);
    close(summarize([1.5e308, -1.5e308]).mean, 0, 0);
    close(summarize([1e200, 3e200]).standardDeviation! / 1e200, Math.SQRT2, 1e-14);
    expect(summarize([1, Infinity])).toMatchObject({ mean: Infinity, standardDeviation: null });
  });
});

describe('fitPowerLaw', () => {
  it('has the exponent that no unit of x or y changes, whatever the order of the points', () => {
    const x = [1, 2, 4, 8, 16];
    const y = [3, 2.2, 1.4, 1.1, 0.7];
    const here = fitPowerLaw(x, y);
    fc.assert(
      fc.property(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -300, max: 300 }), (a, b) => {
        const there = fitPowerLaw(x.map((v) => v * 2 ** a).toReversed(), y.map((v) => v * 2 ** b).toReversed());
        close(there.exponent, here.exponent, 1e-10);
      }),
      { seed: 8, numRuns: 50 },
    );
  });
});
