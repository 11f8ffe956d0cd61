import { sha256 } from '@noble/hashes/sha2';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import { InvalidArgumentError, shown } from '../errors';
import { jumped } from './jump';
import { normalQuantile } from './normal-quantile';

/** Everything a stream needs to go on where it stopped; plain JSON. */
export interface RandomState {
  readonly generator: 'xoroshiro128plus';
  /** Four 32-bit words, not all zero. */
  readonly words: readonly number[];
}

/**
 * A reproducible stream of random numbers, keyed by a seed and a name: the same pair gives the same numbers on every
 * machine, and two different pairs give unrelated ones, so that a new consumer of randomness never shifts another's.
 *
 * The key is the 128-bit start of SHA-256(seed, name) in the one cycle of 2^128 − 1 states of xoroshiro128+. Among M streams
 * of L draws each, any two overlap with probability below M²·L/2^127: 1e-17 for 10,000 streams of 1e12 draws.
 *
 * Every draw but `shuffle` and `fillNormal` consumes exactly one 52-bit uniform and nothing is held back between draws, so
 * `state()` is complete.
 *
 * @example
 * ```ts
 * import { RandomStream } from 'gmm-vae';
 *
 * const stream = RandomStream.of(1, 'noise');
 * stream.normal(); // 1.21104
 * stream.integer(6); // 0
 *
 * const state = stream.state();
 * const next = stream.uniform();
 * RandomStream.restore(state).uniform() === next; // true
 * ```
 */
export class RandomStream {
  private constructor(private generator: JumpableRandomGenerator) {}

  /** @throws InvalidArgumentError unless `seed` is a safe integer. */
  static of(seed: number, name: string): RandomStream {
    if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError('seed', `expected an integer, got ${shown(seed)}`);
    // Node's and the browser's own hashes are not the same call; the browser's answers later, too late for a constructor.
    const { buffer, byteOffset } = sha256(`${seed}\n${name}`);
    const digest = new DataView(buffer, byteOffset);
    return new RandomStream(xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.getInt32(offset, true))));
  }

  /** @throws InvalidArgumentError unless `state` came from `state()`. */
  static restore(state: RandomState): RandomStream {
    const { generator, words } = state;
    if (generator !== 'xoroshiro128plus') {
      throw new InvalidArgumentError('state.generator', `expected 'xoroshiro128plus', got ${String(generator)}`);
    }
    const isWord = (word: number): boolean => Number.isInteger(word) && word === (word | 0);
    if (!Array.isArray(words) || words.length !== 4 || !words.every(isWord) || words.every((word) => word === 0)) {
      throw new InvalidArgumentError(
        'state.words',
        `expected four 32-bit integers, not all zero, got ${String(words)}`,
      );
    }
    return new RandomStream(xoroshiro128plusFromState(words));
  }

  /** Where the stream stands, as plain JSON for `restore`. */
  state(): RandomState {
    return { generator: 'xoroshiro128plus', words: [...this.generator.getState()] };
  }

  /**
   * Uniform on the open interval (0, 1): the midpoints (k + ½)·2^-52, so that 1 − u is again one of them and neither end,
   * where quantiles are infinite, occurs.
   */
  uniform(): number {
    // The low bits of xoroshiro128+ are its weak ones (a linear recurrence): take the upper 26 of each 32-bit word.
    const high = this.generator.next() >>> 6;
    const low = this.generator.next() >>> 6;
    return (high * 0x4000000 + low + 0.5) * 2 ** -52;
  }

  /**
   * Passes over the next `uniforms` uniforms in well under a millisecond, however many: a thread that goes on from there makes
   * what would have come, on a stretch of the stream that no other thread uses.
   * @throws InvalidArgumentError unless `uniforms` is an integer from 0 to 2^53 − 1.
   */
  skip(uniforms: number): void {
    if (!Number.isSafeInteger(uniforms) || uniforms < 0) {
      throw new InvalidArgumentError('uniforms', `expected an integer ≥ 0, got ${shown(uniforms)}`);
    }
    // A uniform takes two 32-bit words, each one step of the generator.
    this.generator = jumped(this.generator, 2n * BigInt(uniforms));
  }

  /** One draw of N(0, 1) by inversion: one uniform per draw, monotone in it. */
  normal(): number {
    return normalQuantile(this.uniform());
  }

  /** Uniform on the integers 0 … below − 1; the bias is under below·2^-52. */
  integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
      throw new InvalidArgumentError('below', `expected an integer from 1 to 2^32, got ${shown(below)}`);
    }
    return Math.floor(this.uniform() * below);
  }

  /** Fills `out` with independent draws of N(0, 1), the same as so many calls of `normal`. */
  fillNormal(out: Float64Array | Float32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
  }

  /** Lets something else draw: it gets the four words of the state, as `state()` lists them, and returns those with which the stream goes on. */
  advance(draw: (words: readonly [number, number, number, number]) => readonly number[]): void {
    const words = this.generator.getState() as [number, number, number, number];
    this.generator = xoroshiro128plusFromState([...draw(words)]);
  }

  /** Permutes `items` in place, every order equally likely (Fisher–Yates). */
  shuffle<T>(items: { readonly length: number; [index: number]: T }): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const item = items[i] as T;
      items[i] = items[j] as T;
      items[j] = item;
    }
  }
}
