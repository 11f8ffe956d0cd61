import { expect } from 'vitest';

/** Central differences in float64; error about h² + 1e-16/h, far below the 1e-5 of the comparison. */
export function numericalGradient(f: (x: number[]) => number, at: readonly number[], h = 1e-5): number[] {
  return at.map((_, i) => {
    const moved = (by: number) => f(at.map((x, j) => (i === j ? x + by : x)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

/**
 * Equal to `tolerance` relative to the vector's largest entry (at least 1): an entry that is the small difference of larger
 * ones, which float32 cannot resolve any further, is measured against those.
 */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  const scale = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  Array.from(expected).forEach((value, i) => {
    const difference = Math.abs((actual[i] as number) - value);
    expect(difference, `entry ${i}: ${actual[i]}, expected ${value}`).toBeLessThanOrEqual(tolerance * scale);
  });
}
