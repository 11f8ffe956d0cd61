import { describe, expect, it } from 'vitest';
import { expNonPositive } from '../../src/math/exp-table';
import { RandomStream } from '../../src/math/random';

describe('expNonPositive', () => {
  it('agrees with Math.exp within 5e-16 from −700 to 0, in 300,000 places and at both ends', () => {
    const stream = RandomStream.of(1, 'test');
    let worst = 0;
    const compare = (x: number): void => {
      worst = Math.max(worst, Math.abs(expNonPositive(x) / Math.exp(x) - 1));
    };
    for (const reach of [700, 50, 1e-3]) for (let i = 0; i < 100_000; i++) compare(-reach * stream.uniform());
    for (const x of [0, -0, -700, -Math.LN2 / 512, -Number.MIN_VALUE]) compare(x);
    expect(worst).toBeLessThan(5e-16);
    expect(expNonPositive(0)).toBe(1);
  });

  it('is 0 below −700, as exact as any sum with a term 1 can tell', () => {
    expect([expNonPositive(-701), expNonPositive(-Infinity)]).toEqual([0, 0]);
    expect(expNonPositive(Number.NaN)).toBeNaN();
  });
});
