import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';

/**
 * The characteristic polynomial over GF(2) of one step of xoroshiro128+ (24, 16, 37); bit i is the coefficient of x^i. The
 * generator's state obeys it (Blackman and Vigna 2021), so n steps are the polynomial x^n modulo this one, applied to the state.
 */
const CHARACTERISTIC = 0x10008828e513b43d5095b8f76579aa001n;
const DEGREE = 128;

/** DOUBLINGS[k]: the exponents that x^(2^k) has modulo the characteristic polynomial; made when first needed. */
const DOUBLINGS: number[][] = [];
let power = 2n;

function doubling(k: number): readonly number[] {
  while (DOUBLINGS.length <= k) {
    DOUBLINGS.push(Array.from({ length: DEGREE }, (_, i) => i).filter((i) => (power >> BigInt(i)) & 1n));
    power = squared(power);
  }
  return DOUBLINGS[k]!;
}

/** polynomial² modulo the characteristic one: over GF(2) squaring puts a zero between any two coefficients. */
function squared(polynomial: bigint): bigint {
  let square = BigInt(`0b${polynomial.toString(2).split('').join('0')}`);
  for (let i = 2 * DEGREE - 2; i >= DEGREE; i--) {
    if ((square >> BigInt(i)) & 1n) square ^= CHARACTERISTIC << BigInt(i - DEGREE);
  }
  return square;
}

/**
 * The generator `steps` ≥ 0 steps further on, in a time that grows with the logarithm of `steps` (Haramoto, Matsumoto, Nishimura,
 * Panneton and L'Ecuyer 2008): tenths of a millisecond for 2^53.
 */
export function jumped(generator: JumpableRandomGenerator, steps: bigint): JumpableRandomGenerator {
  let words = [...generator.getState()];
  for (let k = 0, left = steps; left > 0n; k++, left >>= 1n) if (left & 1n) words = applied(doubling(k), words);
  return xoroshiro128plusFromState(words);
}

/** Σ_i (the state i steps on), over the given exponents i; a sum over GF(2). */
function applied(exponents: readonly number[], words: readonly number[]): number[] {
  const walker = xoroshiro128plusFromState(words);
  const sum = [0, 0, 0, 0];
  let at = 0;
  for (const exponent of exponents) {
    for (; at < exponent; at++) walker.next();
    walker.getState().forEach((word, j) => {
      sum[j]! ^= word;
    });
  }
  return sum;
}
