import { describe, expect, it } from 'vitest';
import { linspace, logspace } from '../../src/math/grid';
import { summarize } from '../../src/math/summary';

describe('linspace and logspace', () => {
  it('hit both ends exactly', () => {
    const grid = linspace(0.1, 0.7, 7);
    expect([grid[0], grid[6]]).toEqual([0.1, 0.7]);
    expect(grid[3]).toBeCloseTo(0.4, 15);
    const ratio = logspace(1e-3, 10, 5);
    expect([ratio[0], ratio[4]]).toEqual([1e-3, 10]);
    expect(ratio[2]).toBeCloseTo(0.1, 12);
  });

  it('refuse what has no such grid', () => {
    expect(() => linspace(0, 1, 1)).toThrow('count: expected an integer ≥ 2, got 1');
    expect(() => logspace(0, 1, 3)).toThrow('from: expected a number > 0, got 0');
  });
});

describe('summarize', () => {
  it('agrees with the definition: mean 5, variance 32/7 for 2 4 4 4 5 5 7 9', () => {
    const { count, mean, standardDeviation, standardError } = summarize([2, 4, 4, 4, 5, 5, 7, 9]);
    expect([count, mean]).toEqual([8, 5]);
    expect(standardDeviation).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(standardError).toBeCloseTo(Math.sqrt(32 / 7 / 8), 14);
  });

  it('has no standard error for a single value', () => {
    expect(summarize([3])).toEqual({ count: 1, mean: 3, standardDeviation: null, standardError: null });
  });
});

describe('a grid over all the floats', () => {
  it('has equal steps where the distance between its ends is beyond them', () => {
    expect(linspace(-1.5e308, 1.5e308, 5)).toEqual([-1.5e308, -0.75e308, 0, 0.75e308, 1.5e308]);
    const positive = linspace(0, 1e308, 101);
    expect(positive.every((value, i) => Math.abs(value / 1e306 - i) < 1e-13 * i + 1e-300)).toBe(true);
  });
});
