import { describe, expect, it } from 'vitest';
import { Moments } from '../../src/math/moments';
import { RandomStream } from '../../src/math/random';

function momentsOf(values: Iterable<number>): Moments {
  const moments = new Moments();
  for (const value of values) moments.push(value);
  return moments;
}

describe('Moments (rule 9)', () => {
  it('has the mean 5 and the variance 32/7 (ddof 1) of 2, 4, 4, 4, 5, 5, 7, 9', () => {
    const { mean, variance, standardError, count } = momentsOf([2, 4, 4, 4, 5, 5, 7, 9]);
    expect([mean, count]).toEqual([5, 8]);
    expect(variance).toBeCloseTo(32 / 7, 14);
    expect(standardError).toBeCloseTo(Math.sqrt(32 / 7 / 8), 14);
  });

  it('has no standard error for one term, and no mean for none', () => {
    expect(momentsOf([3])).toMatchObject({ mean: 3, variance: null, standardError: null });
    expect(new Moments().mean).toBeNaN();
  });

  it('keeps the digits of a small spread around a large mean', () => {
    // Σx² − n·x̄² would have no digit left; here each term is exact to the spacing of floats at 1e9, 1.2e-7.
    const values = Array.from({ length: 30_000 }, (_, i) => 1e9 + (i % 3) - 1);
    expect(momentsOf(values).variance! * (29_999 / 30_000)).toBeCloseTo(2 / 3, 8);
  });

  it('merges to what one pass gives: bit for bit at block boundaries, to rounding elsewhere', () => {
    const stream = RandomStream.of(5, 'test');
    const values = Array.from({ length: 5000 }, () => stream.normal());
    const whole = momentsOf(values);
    for (const cut of [4096, 1, 1500]) {
      const merged = momentsOf(values.slice(0, cut)).merge(momentsOf(values.slice(cut)));
      expect(merged.count).toBe(5000);
      if (cut === 4096) expect([merged.mean, merged.variance]).toEqual([whole.mean, whole.variance]);
      expect(merged.mean).toBeCloseTo(whole.mean, 14);
      expect(merged.variance).toBeCloseTo(whole.variance!, 13);
    }
  });

  it('is infinite without a standard error once a term was, and stays that way', () => {
    expect(momentsOf([1, Infinity, 2])).toMatchObject({ mean: Infinity, standardError: null, count: 3 });
    expect(momentsOf([Infinity]).merge(momentsOf([1, 2])).mean).toBe(Infinity);
  });
});
