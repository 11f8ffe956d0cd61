import { describe, expect, it } from 'vitest';
import { normalCdf, scaledMills } from '../../src/math/mills';

const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

describe('the Mills ratio', () => {
  // (1 − Φ(x))/φ(x) from mpmath, 40 digits.
  it.each([
    [0, 1.2533141373155002512],
    [1, 0.65567954241879847154],
    [2.999, 0.30467655077125946247],
    [3, 0.30459029871010329573],
    [10, 0.099028596471731921453],
  ])('at %d is that of 40-digit arithmetic, to twelve digits', (x, ratio) => {
    expect(scaledMills(x, 0) / density(0) / ratio).toBeCloseTo(1, 12);
  });

  it('neither overflows nor vanishes where only one of its factors would', () => {
    expect(scaledMills(-40, 40)).toBeCloseTo(1, 12); // φ(40) = 0 in a float of 64 bits times exp(800)
    expect(scaledMills(1000, 0)).toBeCloseTo(density(0) / 1000, 8);
  });

  it('gives the distribution function on both sides', () => {
    expect(normalCdf(0)).toBeCloseTo(0.5, 15);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 13);
    expect(normalCdf(-1.959963984540054)).toBeCloseTo(0.025, 13);
    expect(normalCdf(-10) / 7.619853024160526066e-24).toBeCloseTo(1, 11);
  });
});
