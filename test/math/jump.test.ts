import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { jumped } from '../../src/math/jump';
import { RandomStream } from '../../src/math/random';

const start = () => xoroshiro128plusFromState([0x12345678, -0x6543210, 0x0fedcba9, 17]);

describe('jumping ahead', () => {
  it('is so many steps of the generator', () => {
    for (const steps of [0, 1, 2, 127, 128, 129, 1000, 65_537]) {
      const walked = start();
      for (let i = 0; i < steps; i++) walked.next();
      expect(jumped(start(), BigInt(steps)).getState()).toEqual(walked.getState());
    }
  });

  it('is pure-rand’s own jump for 2^64 steps', () => {
    const generator = start();
    generator.jump();
    expect(jumped(start(), 2n ** 64n).getState()).toEqual(generator.getState());
  });

  it('comes back to where it was after the whole cycle of 2^128 − 1 steps, and after no third or fifth of it', () => {
    const cycle = 2n ** 128n - 1n;
    expect(jumped(start(), cycle).getState()).toEqual(start().getState());
    for (const divisor of [3n, 5n, 17n, 257n]) {
      expect(jumped(start(), cycle / divisor).getState()).not.toEqual(start().getState());
    }
  });
});

describe('RandomStream.skip', () => {
  it('passes over what would have been drawn', () => {
    const [drawn, skipped] = [RandomStream.of(5, 'skip'), RandomStream.of(5, 'skip')];
    for (let i = 0; i < 4321; i++) drawn.uniform();
    skipped.skip(4321);
    expect([skipped.normal(), skipped.uniform()]).toEqual([drawn.normal(), drawn.uniform()]);
  });

  it('adds up, also over distances that nobody walks', () => {
    const [once, twice] = [RandomStream.of(6, 'skip'), RandomStream.of(6, 'skip')];
    once.skip(2 ** 53 - 1);
    twice.skip(2 ** 52);
    twice.skip(2 ** 52 - 1);
    expect(once.state()).toEqual(twice.state());
  });

  it('refuses what is no number of draws', () => {
    for (const uniforms of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => RandomStream.of(1, 'skip').skip(uniforms)).toThrow('uniforms: expected an integer ≥ 0');
    }
  });
});
