import { describe, expect, it } from 'vitest';
import { density, normalCdf } from '../../src/math/normal-cdf';

describe('normalCdf', () => {
  // 30 digits by mpmath's ncdf.
  it.each([
    [0, 0.5],
    [-0.5, 0.308537538725986896359229749],
    [-0.99, 0.161087059510830917351514551],
    [-1, 0.158655253931457051414767455],
    [-1.01, 0.156247645021254595794063214],
    [-2, 0.022750131948179207200282637],
    [-5, 2.86651571879193911673752333e-7],
    [-8.8, 6.84080768593554597973984e-19],
    [-8.9, 2.79233437493964662901862e-19],
    [-37, 5.7255712225245768226831925e-300],
    [1, 0.841344746068542948585232546],
    [3, 0.998650101968369905473348185],
  ])('is right to the last digits at %f', (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-15);
  });

  it('is 0 and 1 at the ends, and NaN for NaN', () => {
    expect([-Infinity, -50, 50, Infinity].map(normalCdf)).toEqual([0, 0, 1, 1]);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });

  it('has φ as its slope', () => {
    const h = 1e-3;
    for (let x = -6; x <= 2; x += 0.37) {
      const slope =
        (normalCdf(x - 2 * h) - 8 * normalCdf(x - h) + 8 * normalCdf(x + h) - normalCdf(x + 2 * h)) / (12 * h);
      expect(Math.abs(slope / density(x) - 1)).toBeLessThan(1e-8);
    }
  });
});
