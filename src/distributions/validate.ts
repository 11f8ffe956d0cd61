import { InvalidArgumentError, isArrayLike, shown } from '../errors';

import { nth } from '../nth';

export { isArrayLike, shown } from '../errors';

export function finiteNumber(argument: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(argument, `expected a finite number, got ${shown(value)}`);
}

/** @throws InvalidArgumentError unless the value is a distribution. */
export function requireDistribution(argument: string, value: unknown): void {
  const { eventShape } = (value ?? {}) as { eventShape?: unknown };
  if (Array.isArray(eventShape)) return;
  const expected = 'a distribution (a Normal, a MultivariateNormal or a GaussianMixture)';
  throw new InvalidArgumentError(argument, `expected ${expected}, got ${shown(value)}`);
}

/** @throws InvalidArgumentError unless the value is an object. */
export function requireOptions(value: unknown): void {
  if (typeof value === 'object' && value !== null) return;
  throw new InvalidArgumentError('options', `expected an object, got ${shown(value)}`);
}

/** @throws InvalidArgumentError naming the first entry that is NaN; infinite ones are allowed. */
export function requireNumbers(argument: string, values: Float64Array): void {
  // A loop takes a fraction of the time of findIndex, and stands before inner loops.
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) throw new InvalidArgumentError(`${argument}[${i}]`, 'expected a number, got NaN');
  }
}

/** A standard deviation: finite, positive, and not so small that 1/σ overflows. */
export function standardDeviation(argument: string, value: unknown): number {
  const sigma = finiteNumber(argument, value);
  if (sigma > 0 && Number.isFinite(1 / sigma)) return sigma;
  const expected = sigma > 0 ? 'a number > 0 whose reciprocal is finite' : 'a finite number > 0';
  throw new InvalidArgumentError(argument, `expected ${expected}, got ${sigma}`);
}

/** A copy of a vector, each entry checked by `entry` under its own name. */
export function vector(
  argument: string,
  values: unknown,
  entry: (argument: string, value: unknown) => number,
): Float64Array {
  if (!isArrayLike(values))
    throw new InvalidArgumentError(argument, `expected an array of numbers, got ${shown(values)}`);
  if (values.length === 0) throw new InvalidArgumentError(argument, 'expected at least one number, got an empty array');
  return Float64Array.from({ length: values.length }, (_, i) => entry(`${argument}[${i}]`, values[i]));
}

export function sameLength(argument: string, length: number, expected: number, per: string): void {
  if (length === expected) return;
  const entries = expected === 1 ? 'entry' : 'entries';
  throw new InvalidArgumentError(argument, `expected ${expected} ${entries}, one per ${per}, got ${length}`);
}

/**
 * How far apart, relative to √(a_ii·a_jj), two entries that should mirror each other may be, which are then averaged: a few roundings of
 * float32, from where covariances often come.
 */
const ASYMMETRY = 2 ** -21;

/**
 * A symmetric d×d matrix from rows or from its row-major entries, as row-major entries. Asymmetry that rounding explains is
 * averaged away; more is an error that names the entry.
 */
export function symmetricMatrix(argument: string, values: unknown, d: number): Float64Array {
  const matrix = squareMatrix(argument, values, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      const lower = nth(matrix, i * d + j);
      const upper = nth(matrix, j * d + i);
      const scale = Math.sqrt(Math.abs(nth(matrix, i * d + i))) * Math.sqrt(Math.abs(nth(matrix, j * d + j)));
      if (Math.abs(lower - upper) > ASYMMETRY * scale) {
        const problem = `expected ${upper}, the same as entry [${j}][${i}] (a covariance is symmetric), got ${lower}`;
        throw new InvalidArgumentError(`${argument}[${i}][${j}]`, problem);
      }
      const average = lower === upper ? lower : lower / 2 + upper / 2;
      matrix[i * d + j] = average;
      matrix[j * d + i] = average;
    }
  }
  return matrix;
}

function squareMatrix(argument: string, values: unknown, d: number): Float64Array {
  if (!isArrayLike(values))
    throw new InvalidArgumentError(argument, `expected a ${d}×${d} matrix, got ${shown(values)}`);
  const matrix = new Float64Array(d * d);
  if (values.length === d * d && !isArrayLike(values[0])) {
    for (let i = 0; i < d * d; i++) matrix[i] = finiteNumber(`${argument}[${i}]`, values[i]);
    return matrix;
  }
  sameLength(argument, values.length, d, 'dimension of mean');
  for (let i = 0; i < d; i++) {
    const row = vector(`${argument}[${i}]`, values[i], finiteNumber);
    sameLength(`${argument}[${i}]`, row.length, d, 'dimension of mean');
    matrix.set(row, i * d);
  }
  return matrix;
}

/**
 * The coordinates of a point with `dimension` of them, checked to be numbers; infinite ones are allowed.
 * @returns the array given, or `scratch` filled from it.
 */
export function point(z: number | ArrayLike<number>, scratch: Float64Array): Float64Array {
  if (typeof z === 'number') {
    sameLength('z', 1, scratch.length, 'dimension of the event');
    scratch[0] = z;
  } else {
    if (!isArrayLike(z)) throw new InvalidArgumentError('z', `expected a number or an array of them, got ${shown(z)}`);
    sameLength('z', z.length, scratch.length, 'dimension of the event');
    scratch.set(z);
  }
  for (let i = 0; i < scratch.length; i++) {
    const value = typeof z === 'number' ? z : z[i];
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw new InvalidArgumentError(scratch.length === 1 ? 'z' : `z[${i}]`, `expected a number, got ${shown(value)}`);
    }
  }
  return scratch;
}
