import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors';
import { best, drawSettings, rungsOf } from '../../src/sweep/search';
import type { Range, SweepSpec } from '../../src/sweep/spec';

const spec = (ranges: Record<string, Range>, draws: number, seed = 1): SweepSpec => ({
  train: {},
  grid: {},
  zip: {},
  exclude: [],
  ranges,
  search: { draws, seed, metric: 'best', factor: 3 },
});

/** The largest distance between the share of draws below x and what it should be (Kolmogorov and Smirnov). */
function distance(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((x, i) => Math.max(Math.abs(cdf(x) - i / sorted.length), Math.abs(cdf(x) - (i + 1) / sorted.length))),
  );
}

describe('drawn settings', () => {
  it('are even between two numbers, even in their logarithm, or of a list', () => {
    const ranges = {
      a: { from: 2, to: 5 },
      b: { from: 1e-4, to: 1e-1, log: true },
      c: { from: 3, to: 6, integer: true },
      d: ['x', 'y'],
    } as const;
    const drawn = drawSettings(spec(ranges, 2000));
    const of = (name: string) => drawn.map((setting) => setting[name] as number);
    // A distance beyond 1.95/√n happens by chance once in a thousand seeds (Smirnov, 1948).
    const most = 1.95 / Math.sqrt(2000);
    expect(distance(of('a'), (x) => (x - 2) / 3)).toBeLessThan(most);
    expect(distance(of('b'), (x) => Math.log10(x / 1e-4) / 3)).toBeLessThan(most);
    for (const value of [3, 4, 5, 6]) {
      // 500 of 2000, ± 19.4: five of them.
      expect(Math.abs(of('c').filter((x) => x === value).length - 500)).toBeLessThan(97);
    }
    expect(new Set(of('c'))).toEqual(new Set([3, 4, 5, 6]));
    expect(Math.abs(drawn.filter(({ d }) => d === 'x').length - 1000)).toBeLessThan(112);
  });

  it('of whole numbers on a logarithmic scale are as likely as the interval that is rounded to them is wide', () => {
    const most = 4;
    const drawn = drawSettings(spec({ k: { from: 1, to: most, log: true, integer: true } }, 4000)).map(({ k }) => k);
    for (let k = 1; k <= most; k++) {
      const share = Math.log((k + 0.5) / (k - 0.5)) / Math.log((most + 0.5) / 0.5);
      // Five standard deviations: once in 1.7 million, for each of four.
      const reach = 5 * Math.sqrt(4000 * share * (1 - share));
      expect(Math.abs(drawn.filter((value) => value === k).length - 4000 * share)).toBeLessThan(reach);
    }
  });

  it('lie within the interval and differ, however narrow it is beside its ends', () => {
    const ranges = {
      a: { from: 100001, to: 100009 },
      b: { from: 1.00006, to: 1.0009, log: true },
      c: { from: 0.5, to: 0.50001 },
      d: { from: 0.00099996, to: 0.00099999 },
      e: { from: 0.9, to: 0.99999 },
    };
    const drawn = drawSettings(spec(ranges, 1000));
    for (const [name, { from, to }] of Object.entries(ranges)) {
      const values = drawn.map((setting) => setting[name] as number);
      expect(values.filter((x) => x < from || x > to)).toEqual([]);
      expect(new Set(values).size).toBeGreaterThan(500);
    }
  });

  it('are those of the seed, and stay when more are drawn or another option is drawn beside them', () => {
    const rate = { from: 1e-4, to: 1e-2, log: true } as const;
    const few = drawSettings(spec({ rate }, 4));
    expect(drawSettings(spec({ rate }, 9)).slice(0, 4)).toEqual(few);
    expect(
      drawSettings(spec({ latent: { from: 1, to: 9, integer: true }, rate }, 4)).map((s) => ({ rate: s.rate })),
    ).toEqual(few);
    expect(drawSettings(spec({ rate }, 4, 2))).not.toEqual(few);
    expect(() => drawSettings(spec({}, 4))).toThrow(UsageError);
  });
});

describe('successive halving', () => {
  it('has the rungs of the published table, and never fewer than one epoch', () => {
    // Li et al. (2018), table 1: R = 81, η = 3, s = 4.
    expect(rungsOf({ draws: 81, factor: 3 }, 81)).toEqual([
      { settings: 81, epochs: 1 },
      { settings: 27, epochs: 3 },
      { settings: 9, epochs: 9 },
      { settings: 3, epochs: 27 },
      { settings: 1, epochs: 81 },
    ]);
    expect(rungsOf({ draws: 34, factor: 3 }, 100)).toEqual([
      { settings: 34, epochs: 3 },
      { settings: 11, epochs: 11 },
      { settings: 3, epochs: 33 },
      { settings: 1, epochs: 100 },
    ]);
    expect(rungsOf({ draws: 100, factor: 2 }, 5)).toEqual([
      { settings: 100, epochs: 1 },
      { settings: 50, epochs: 2 },
      { settings: 25, epochs: 5 },
    ]);
    expect(rungsOf({ draws: 1, factor: 3 }, 5)).toEqual([{ settings: 1, epochs: 5 }]);
  });

  it('keeps the lowest, the first of equals, and nothing that has failed', () => {
    expect(best([3, 1, null, 1, 2], 2)).toEqual([1, 3]);
    expect(best([3, 1, null, 1, 2], 3)).toEqual([1, 3, 4]);
    expect(best([null, Number.NaN, 7], 2)).toEqual([2]);
  });
});
