import { describe, expect, it } from 'vitest';
import { CoMoments } from '../../src/math/co-moments';
import { RandomStream } from '../../src/math/random';

describe('CoMoments', () => {
  it('finds the coefficients of an exact relation, also far from the origin', () => {
    const stream = RandomStream.of(1, 'test');
    const moments = new CoMoments(3);
    for (let i = 0; i < 100; i++) {
      const [a, b] = [1e6 + stream.normal(), stream.normal()];
      moments.push(Float64Array.of(5 + 2 * a - 3 * b, a, b));
    }
    const coefficients = moments.regression();
    expect(coefficients[0]).toBeCloseTo(2, 8);
    expect(coefficients[1]).toBeCloseTo(-3, 8);
    expect(moments.residualMean(coefficients)).toBeCloseTo(5, 1);
    expect(moments.residualVariance(coefficients)).toBeLessThan(1e-9);
  });

  it('takes the fit of least norm where columns depend on each other or never change', () => {
    const moments = new CoMoments(4);
    for (const x of [1, 2, 3, 5]) moments.push(Float64Array.of(4 * x, x, x, 7));
    expect(Array.from(moments.regression(), (b) => Number(b.toFixed(9)))).toEqual([2, 2, 0]);
  });
});
