import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../src/errors';
import { Moments } from '../../src/math/moments';
import { RandomStream } from '../../src/math/random';

const draws = (stream: RandomStream, count: number): number[] => Array.from({ length: count }, () => stream.uniform());

describe('RandomStream', () => {
  it('gives the same numbers for the same seed and name', () => {
    expect(draws(RandomStream.of(7, 'a'), 5)).toEqual(draws(RandomStream.of(7, 'a'), 5));
  });

  it('is xoroshiro128+ (24, 16, 37), started from SHA-256 of "0\\nkept"', () => {
    // Computed from that description in Python, with its hashlib and integers.
    expect(draws(RandomStream.of(0, 'kept'), 2)).toEqual([0.43774564908447766, 0.5684866410425452]);
  });

  it('gives unrelated numbers for another seed or another name: correlation 0 within 4/√N', () => {
    const n = 20_000;
    const reference = RandomStream.of(1, 'a');
    const a = Array.from({ length: n }, () => reference.normal());
    for (const [seed, name] of [
      [2, 'a'],
      [1, 'b'],
      [-1, 'a'],
      [1, 'a '],
    ] as const) {
      const other = RandomStream.of(seed, name);
      const correlation = a.reduce((sum, x) => sum + x * other.normal(), 0) / n;
      // Fixed seeds; over random ones each check would fail once in 16,000.
      expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(n));
    }
  });

  it('goes on from a saved state exactly, also after a trip through JSON', () => {
    const stream = RandomStream.of(3, 'checkpoint');
    stream.normal();
    const state = JSON.parse(JSON.stringify(stream.state()));
    const next = [stream.normal(), stream.uniform(), stream.integer(10)];
    const restored = RandomStream.restore(state);
    expect([restored.normal(), restored.uniform(), restored.integer(10)]).toEqual(next);
  });

  it('stays inside (0, 1) with the moments of a uniform, and normal() with those of N(0, 1)', () => {
    const stream = RandomStream.of(11, 'moments');
    const [uniform, square, fourth] = [new Moments(), new Moments(), new Moments()];
    const n = 200_000;
    let outside = 0;
    for (let i = 0; i < n; i++) {
      const u = stream.uniform();
      if (!(u > 0 && u < 1)) outside++;
      uniform.push(u);
      const z = stream.normal();
      square.push(z * z);
      fourth.push(z ** 4);
    }
    expect(outside).toBe(0);
    // 4 standard errors: Var U = 1/12, Var Z² = 2, Var Z⁴ = 96. Fixed seed; each would fail once in 16,000.
    expect(Math.abs(uniform.mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(square.mean - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(fourth.mean - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  it('passes a χ² test on 256 bins: 255 ± 4·√510', () => {
    const stream = RandomStream.of(13, 'bins');
    const bins = new Float64Array(256);
    for (let i = 0; i < 256_000; i++) bins[stream.integer(256)]!++;
    const chiSquared = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(Math.abs(chiSquared - 255)).toBeLessThan(4 * Math.sqrt(510));
  });

  it('fills arrays with what normal() would have given', () => {
    const out = new Float64Array(3);
    RandomStream.of(1, 'fill').fillNormal(out);
    const stream = RandomStream.of(1, 'fill');
    expect([...out]).toEqual([stream.normal(), stream.normal(), stream.normal()]);
  });

  it('shuffles every order of three items equally often: 1/6 within 4 standard errors', () => {
    const stream = RandomStream.of(17, 'shuffle');
    const counts = new Map<string, number>();
    const n = 12_000;
    for (let i = 0; i < n; i++) {
      const items = ['a', 'b', 'c'];
      stream.shuffle(items);
      const order = items.join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count / n - 1 / 6)).toBeLessThan(4 * Math.sqrt(5 / 36 / n));
  });

  it('refuses seeds that are no integers, and states that are none', () => {
    for (const seed of [0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => RandomStream.of(seed, 'x')).toThrow(InvalidArgumentError);
    }
    const generator = 'xoroshiro128plus';
    for (const words of [
      [0, 0, 0, 0],
      [1, 2, 3],
      [1, 2, 3, 0.5],
      [1, 2, 3, 2 ** 32],
    ]) {
      expect(() => RandomStream.restore({ generator, words })).toThrow('state.words: expected four 32-bit integers');
    }
    expect(() => RandomStream.of(1, 'x').integer(0)).toThrow('below: expected an integer from 1 to 2^32, got 0');
  });
});
