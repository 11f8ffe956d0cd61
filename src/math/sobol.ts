import { InvalidArgumentError } from '../errors';
import { JOE_KUO } from './joe-kuo';

const BITS = 32;

/** The most coordinates a Sobol' point can have here: 64 of a distribution, and one that picks a component. */
export const MAX_SOBOL_DIMENSION: number = JOE_KUO.length + 1;

/**
 * The Sobol' sequence in `dimension` coordinates, in Gray-code order: each point differs from the one before in one direction
 * number per coordinate (Sobol' 1967; Antonov and Saleev 1979). Any 2^m points from the start on hold exactly one point in each
 * interval of length 2^−m, in every coordinate.
 */
export class SobolSequence {
  /** The current point as 32-bit binary fractions: coordinate j is digits[j]·2^−32. */
  readonly digits: Uint32Array;
  private readonly directions: Uint32Array;
  private index = 0;

  /** @throws InvalidArgumentError unless `dimension` is 1 … 65. */
  constructor(readonly dimension: number) {
    if (!Number.isInteger(dimension) || dimension < 1 || dimension > MAX_SOBOL_DIMENSION) {
      throw new InvalidArgumentError(
        'dimension',
        `expected an integer from 1 to ${MAX_SOBOL_DIMENSION}, got ${dimension}`,
      );
    }
    this.digits = new Uint32Array(dimension);
    this.directions = new Uint32Array(dimension * BITS);
    for (let j = 0; j < dimension; j++) this.directions.set(directionNumbers(j), j * BITS);
  }

  /** Goes on to the next point; the first one, before any call, is the origin. */
  advance(): void {
    const { digits, directions } = this;
    this.index++;
    // Gray codes of i − 1 and i differ in the bit where i has its lowest 1.
    const bit = 31 - Math.clz32(this.index & -this.index);
    for (let j = 0, at = bit; j < digits.length; j++, at += BITS) digits[j]! ^= directions[at]!;
  }

  /** Goes on by `count` points at once: point i is the sum over GF(2) of the directions at the ones of i's Gray code. */
  skip(count: number): void {
    const { digits, directions } = this;
    this.index += count;
    const gray = this.index ^ (this.index >>> 1);
    for (let j = 0; j < digits.length; j++) {
      let point = 0;
      for (let bit = 0; bit < BITS; bit++) if ((gray >>> bit) & 1) point ^= directions[j * BITS + bit]!;
      digits[j] = point;
    }
  }
}

/** v_1 … v_32 of coordinate j as binary fractions: m_k·2^(32−k), the m_k by the recurrence of j's primitive polynomial. */
function directionNumbers(j: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (j === 0) return v.map((_, k) => 2 ** (BITS - 1 - k));
  const [a, ...m] = JOE_KUO[j - 1]!;
  const s = m.length;
  for (let k = 0; k < BITS; k++) {
    if (k < s) {
      v[k] = m[k]! * 2 ** (BITS - 1 - k);
      continue;
    }
    let value = v[k - s]! ^ (v[k - s]! >>> s);
    for (let i = 1; i < s; i++) if ((a >> (s - 1 - i)) & 1) value ^= v[k - i]!;
    v[k] = value;
  }
  return v;
}
