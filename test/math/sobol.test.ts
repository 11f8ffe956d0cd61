import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_SCRAMBLED_POINTS, OwenScramble } from '../../src/math/owen-scramble';
import { RandomStream } from '../../src/math/random';
import { MAX_SOBOL_DIMENSION, SobolSequence } from '../../src/math/sobol';
import { summarize } from '../../src/math/summary';

/** The first `count` points, one array per coordinate, as 32-bit fractions. */
function coordinates(dimension: number, count: number): Uint32Array[] {
  const sequence = new SobolSequence(dimension);
  const columns = Array.from({ length: dimension }, () => new Uint32Array(count));
  for (let i = 0; i < count; i++) {
    columns.forEach((column, j) => {
      column[i] = sequence.digits[j]!;
    });
    sequence.advance();
  }
  return columns;
}

/** How many points lie in each of 2^a × 2^b boxes. */
function boxes(x: ArrayLike<number>, y: ArrayLike<number>, a: number, b: number): Set<number> {
  const counts = new Array<number>(2 ** (a + b)).fill(0);
  for (let i = 0; i < x.length; i++) counts[Math.floor(x[i]! * 2 ** a) * 2 ** b + Math.floor(y[i]! * 2 ** b)]!++;
  return new Set(counts);
}

const fractions = (column: Uint32Array): Float64Array => Float64Array.from(column, (digits) => digits * 2 ** -32);

describe('SobolSequence', () => {
  it('starts as published (points 3, 7 and 11 of the Gray-code order, 6 coordinates; as SciPy 1.10 gives them)', () => {
    const columns = coordinates(6, 12).map(fractions);
    const point = (i: number): number[] => columns.map((column) => column[i]!);
    expect(point(0)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(point(3)).toEqual([0.25, 0.75, 0.75, 0.75, 0.25, 0.25]);
    expect(point(7)).toEqual([0.125, 0.625, 0.375, 0.125, 0.125, 0.375]);
    expect(point(11)).toEqual([0.4375, 0.5625, 0.1875, 0.6875, 0.8125, 0.0625]);
  });

  it('is SciPy’s in all 65 coordinates: the SHA-256 of the first 4,096 points', () => {
    // Of the points in their order as little-endian uint32, and so of every direction number that they reach. The same as of
    // scipy.stats.qmc.Sobol(65, scramble=False, bits=32).random(4096) times 2^32, SciPy 1.17, whose numbers are Joe and Kuo's too.
    const sequence = new SobolSequence(MAX_SOBOL_DIMENSION);
    const hash = createHash('sha256');
    const bytes = new DataView(new ArrayBuffer(4 * MAX_SOBOL_DIMENSION));
    for (let i = 0; i < 4096; i++, sequence.advance()) {
      sequence.digits.forEach((digits, j) => {
        bytes.setUint32(4 * j, digits, true);
      });
      hash.update(bytes);
    }
    expect(hash.digest('hex')).toBe('38cec9e4e5c7ca414e5efa4c2cd91077a23bc811d7e5c4419594e3664c40f21d');
  });

  it('has one point in every interval of length 2^-m, in each of 65 coordinates, for every m up to 12', () => {
    const columns = coordinates(MAX_SOBOL_DIMENSION, 4096);
    for (const column of columns) {
      for (let m = 1; m <= 12; m++) {
        expect(new Set(column.subarray(0, 2 ** m).map((digits) => digits >>> (32 - m))).size).toBe(2 ** m);
      }
    }
  });

  it('is a (0, m, 2)-net in its first two coordinates: one point in every box of volume 2^-8', () => {
    const [x, y] = coordinates(2, 256).map(fractions);
    for (let a = 0; a <= 8; a++) expect(boxes(x!, y!, a, 8 - a)).toEqual(new Set([1]));
  });

  it('has different coordinates, all 65 of them', () => {
    const columns = coordinates(MAX_SOBOL_DIMENSION, 1024);
    expect(new Set(columns.map((column) => column.join())).size).toBe(65);
  });

  it('skips to where it would have walked', () => {
    for (const [first, second] of [
      [0, 1],
      [5, 1000],
      [1023, 1],
    ] as const) {
      const [walked, skipped] = [new SobolSequence(7), new SobolSequence(7)];
      for (let i = 0; i < first + second; i++) walked.advance();
      skipped.skip(first);
      skipped.skip(second);
      expect(skipped.digits).toEqual(walked.digits);
      walked.advance();
      skipped.advance();
      expect(skipped.digits).toEqual(walked.digits);
    }
  });

  it('refuses dimensions it has no direction numbers for', () => {
    for (const dimension of [0, 66, 1.5])
      expect(() => new SobolSequence(dimension)).toThrow('dimension: expected an integer from 1 to 65');
  });
});

describe('OwenScramble', () => {
  const scrambled = (seed: number, dimension: number, count: number): Float64Array[] => {
    const scramble = new OwenScramble(dimension, RandomStream.of(seed, 'test'));
    return coordinates(dimension, count).map((column, j) => Float64Array.from(column, (x) => scramble.uniform(x, j)));
  };

  it('keeps the net a net', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [x, y] = scrambled(seed, 2, 256);
      for (let a = 0; a <= 8; a++) expect(boxes(x!, y!, a, 8 - a)).toEqual(new Set([1]));
    }
  });

  it('makes every point uniform: mean ½ and variance 1/12 over 4,000 scramblings, and never 0 or 1', () => {
    const values = Array.from({ length: 4000 }, (_, seed) => scrambled(seed, 3, 6)[2]![5]!);
    const { mean, standardError, standardDeviation } = summarize(values);
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * standardError!);
    // The variance of 4,000 uniform numbers varies by 1.4 %; 4 of them.
    expect(standardDeviation! ** 2 * 12).toBeGreaterThan(0.94);
    expect(standardDeviation! ** 2 * 12).toBeLessThan(1.06);
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });

  it('gives the mean of a linear function the variance 1/(12n³) of one uniform point in each of n intervals', () => {
    for (const n of [4, 64]) {
      const means = Array.from({ length: 4000 }, (_, seed) => summarize(scrambled(seed, 1, n)[0]!).mean);
      const { mean, standardError, standardDeviation } = summarize(means);
      expect(Math.abs(mean - 0.5)).toBeLessThan(4 * standardError!);
      // The variance of 4,000 numbers, nearly normal, varies by 2.2 %; 5 of them: a false alarm once in 900,000 seeds each.
      expect(Math.abs(standardDeviation! ** 2 * 12 * n ** 3 - 1)).toBeLessThan(0.11);
    }
  });

  it('is a nested permutation: points that share l digits before share exactly l digits after', () => {
    const before = coordinates(1, 512)[0]!;
    const after = scrambled(5, 1, 512)[0]!;
    const shared = (a: number, b: number): number => Math.clz32((a ^ b) >>> 0);
    for (let i = 1; i < 512; i++) {
      expect(shared(Math.floor(after[i]! * 2 ** 32), Math.floor(after[i - 1]! * 2 ** 32))).toBe(
        shared(before[i]!, before[i - 1]!),
      );
    }
  });

  it('flips each digit by a coin of its own: fair, and independent of the coins above it', () => {
    // Over scramblings, digits 1 … 6 of one point, less the point's own, are 6 fair coins: 64 outcomes, 16,000 tries.
    const counts = new Float64Array(64);
    for (let seed = 0; seed < 16_000; seed++) {
      const scramble = new OwenScramble(1, RandomStream.of(seed, 'coins'));
      counts[Math.floor(scramble.uniform(0xb4d2c871, 0) * 64)]!++;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 250) ** 2 / 250, 0);
    // χ² with 63 degrees of freedom exceeds 130 once in 900,000; it falls below 20 as rarely.
    expect(chiSquare).toBeLessThan(130);
    expect(chiSquare).toBeGreaterThan(20);
  });

  it('has room for 2^25 points', () => expect(MAX_SCRAMBLED_POINTS).toBe(2 ** 25));
});
