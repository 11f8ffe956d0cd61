import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/math/normal-quantile';

describe('normalQuantile', () => {
  // mpmath: findroot(log(ncdf(z)) − log(p)) at 50 digits.
  it.each([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [1e-5, -4.264890793922825],
    [0.074, -1.4466320671589785],
    [0.2, -0.8416212335729142],
    [0.4999, -2.506628300880075e-4],
    [0.9, 1.2815515655446004],
    [0.999999, 4.753424308817088],
  ])('Φ⁻¹(%f) = %f to 1e-15 of its value', (p, expected) => {
    expect(Math.abs(normalQuantile(p) / expected - 1)).toBeLessThan(1e-15);
  });

  it('is 0 in the middle, infinite at the ends and odd about ½', () => {
    expect([normalQuantile(0.5), normalQuantile(0), normalQuantile(1)]).toEqual([0, -Infinity, Infinity]);
    expect(normalQuantile(0.25)).toBe(-normalQuantile(0.75));
  });
});
