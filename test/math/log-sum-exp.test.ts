import { describe, expect, it } from 'vitest';
import { logSoftmax, logSumExp } from '../../src/math/log-sum-exp';

describe('logSumExp (rule 2)', () => {
  it('is ln(e¹ + e² + e³) = 3.40760596444438', () => {
    expect(logSumExp([1, 2, 3])).toBeCloseTo(3.40760596444438, 14);
  });

  it('gives −∞, not NaN, when every term is −∞ or there is none', () => {
    expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity);
    expect(logSumExp([])).toBe(-Infinity);
  });

  it('neither overflows nor underflows: shifting the terms shifts the result', () => {
    for (const shift of [-1e5, 1e5]) expect(logSumExp([shift, shift])).toBeCloseTo(shift + Math.LN2, 9);
  });

  it('keeps a tiny remainder next to a result of zero', () => {
    expect(logSumExp([0, -40])).toBe(Math.exp(-40));
  });

  it('passes +∞ and NaN on', () => {
    expect(logSumExp([1, Infinity])).toBe(Infinity);
    expect(logSumExp([1, Number.NaN])).toBeNaN();
  });
});

describe('logSoftmax (rule 2)', () => {
  it('gives log weights that sum to one, whatever the logits’ level', () => {
    for (const level of [-1e4, 0, 1e4]) {
      const logWeights = logSoftmax([level, level + Math.log(3)]);
      expect(logWeights[0]).toBeCloseTo(Math.log(0.25), 10);
      expect(logWeights[1]).toBeCloseTo(Math.log(0.75), 10);
    }
  });

  it('keeps −∞ as −∞, also when all are', () => {
    expect([...logSoftmax([0, -Infinity])]).toEqual([0, -Infinity]);
    expect([...logSoftmax([-Infinity, -Infinity])]).toEqual([-Infinity, -Infinity]);
  });
});
