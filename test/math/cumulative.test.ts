import { describe, expect, it } from 'vitest';
import { cumulativeSums, searchSorted } from '../../src/math/cumulative';

describe('running sums of weights', () => {
  it('end in exactly 1 from the last positive weight on', () => {
    expect([...cumulativeSums([0.25, 0.25, 0.5])]).toEqual([0.25, 0.5, 1]);
    // Ten times 0.1 sum to 0.9999999999999999.
    expect(cumulativeSums(new Array(10).fill(0.1)).at(-1)).toBe(1);
    expect([...cumulativeSums([0.5, 0.5, 0])]).toEqual([0.5, 1, 1]);
  });

  it('pick each index on an interval of its weight’s length, and none of weight zero', () => {
    const sums = cumulativeSums([0, 0.25, 0, 0.75, 0]);
    const last = 1 - 2 ** -53;
    expect([0, 0.2499, 0.25, 0.9, last].map((u) => searchSorted(sums, u))).toEqual([1, 1, 3, 3, 3]);
  });
});
