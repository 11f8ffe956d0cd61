import { InvalidArgumentError } from '../../errors';
import { finiteNumber, isArrayLike, sameLength, shown, vector } from '../validate';

/** Data moved and scaled to mean 0 and variance 1 in each dimension. */
export interface Standardised {
  /** N×d, row-major: the points whose weight is not 0. */
  readonly points: Float64Array;
  readonly weights: Float64Array;
  /** Σ_n w_n. */
  readonly totalWeight: number;
  /** The sum of the weights as they were given: N without any. */
  readonly count: number;
  readonly coordinates: Coordinates;
  /** What a log density in these coordinates exceeds the one in the data's by: Σ_j ln scale_j. */
  readonly logScale: number;
  /** The dimensions in which all points are equal. */
  readonly constant: readonly number[];
}

/**
 * x_j = 2^e_j (centre_j + scale_j·z_j). The power of two, which is exact, brings data of any magnitude to where squares neither overflow nor vanish.
 */
export interface Coordinates {
  readonly d: number;
  /** Whether the data were numbers, not rows. */
  readonly scalar: boolean;
  readonly exponent: readonly number[];
  readonly centre: Float64Array;
  readonly scale: Float64Array;
}

type Data = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** @param oneScale whether all dimensions share one scale, so that spheres stay spheres. @param pointWeights null where all count alike. */
export function standardise(data: Data, oneScale: boolean, pointWeights: ArrayLike<number> | null): Standardised {
  const { points, weights, d, scalar } = packed(data, pointWeights);
  const exponents = exponentsOf(points, d);
  const most = Math.max(...exponents);
  const exponent = oneScale ? exponents.map(() => most) : exponents;
  rescale(points, exponent);
  const count = sum(weights);
  // Largest weight in [1, 2): only their ratios matter to the fit.
  rescale(
    weights,
    exponentsOf(weights, 1).map((e) => e - 1),
  );
  const totalWeight = sum(weights);
  const { centre, variance } = momentsOf(points, weights, totalWeight, d);
  const average = sum(variance) / d;
  // Where all points are equal their own magnitude is the only unit there is.
  const scale = variance.map((v, j) => Math.sqrt(oneScale ? average : v) || Math.abs(centre[j]!) || 1);
  for (let i = 0; i < points.length; ) {
    for (let j = 0; j < d; j++, i++) points[i] = (points[i]! - centre[j]!) / scale[j]!;
  }
  return {
    points,
    weights,
    totalWeight,
    count,
    coordinates: { d, scalar, exponent, centre, scale },
    logScale: sum(scale.map((s, j) => Math.log(s) + exponent[j]! * Math.LN2)),
    constant: [...variance.keys()].filter((j) => variance[j] === 0),
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** x·2^e, also where 2^e itself is no float. */
export function timesPowerOf2(x: number, e: number): number {
  const half = Math.trunc(e / 2);
  return x * 2 ** half * 2 ** (e - half);
}

/** Divides column j of rows by 2^exponent[j], in place. */
function rescale(rows: Float64Array, exponent: readonly number[]): void {
  const halves = Float64Array.from(exponent, (e) => 2 ** -Math.trunc(e / 2));
  const others = Float64Array.from(exponent, (e) => 2 ** (Math.trunc(e / 2) - e));
  for (let i = 0; i < rows.length; ) {
    for (let j = 0; j < exponent.length; j++, i++) rows[i] = rows[i]! * halves[j]! * others[j]!;
  }
}

/** Finds, for each dimension, the e with 2^e > max_n |x_n| ≥ 2^(e−1); 0 where all are 0. */
function exponentsOf(points: Float64Array, d: number): number[] {
  const largest = new Float64Array(d);
  for (let i = 0; i < points.length; ) {
    for (let j = 0; j < d; j++, i++) largest[j] = Math.max(largest[j]!, Math.abs(points[i]!));
  }
  return Array.from(largest, (x) => (x === 0 ? 0 : Math.floor(Math.log2(x)) + 1));
}

function momentsOf(
  points: Float64Array,
  weights: Float64Array,
  totalWeight: number,
  d: number,
): { centre: Float64Array; variance: Float64Array } {
  const mean = (value: (x: number, j: number) => number): Float64Array => {
    const sums = new Float64Array(d);
    for (let n = 0, i = 0; n < weights.length; n++) {
      for (let j = 0; j < d; j++, i++) sums[j]! += weights[n]! * value(points[i]!, j);
    }
    return sums.map((total) => total / totalWeight);
  };
  const rough = mean((x) => x);
  const error = mean((x, j) => x - rough[j]!);
  const centre = rough.map((x, j) => x + error[j]!);
  const variance = mean((x, j) => (x - centre[j]!) ** 2);
  // Rounding of the mean must not look like a variance.
  for (let j = 0; j < d; j++) if (points.every((x, i) => i % d !== j || x === points[j])) variance[j] = 0;
  return { centre, variance };
}

interface Packed {
  readonly points: Float64Array;
  readonly weights: Float64Array;
  readonly d: number;
  readonly scalar: boolean;
}

function packed(data: Data, pointWeights: ArrayLike<number> | null): Packed {
  if (!isArrayLike(data)) throw new InvalidArgumentError('data', `expected an array of rows, got ${shown(data)}`);
  if (data.length === 0) throw new InvalidArgumentError('data', 'expected at least one point, got an empty array');
  const weights = checkedWeights(pointWeights, data.length);
  const scalar = !isArrayLike(data[0]);
  const d = scalar ? 1 : (data[0] as ArrayLike<number>).length;
  const kept = weights.reduce((count, w) => count + (w > 0 ? 1 : 0), 0);
  const points = new Float64Array(kept * d);
  const numbers = scalar ? checkedNumbers(data) : null;
  for (let n = 0, at = 0; n < weights.length; n++) {
    const row = numbers ? [numbers[n]!] : checkedRow(data[n], n, d);
    if (weights[n] === 0) continue;
    points.set(row, at);
    at += d;
  }
  return { points, weights: weights.filter((w) => w > 0), d, scalar };
}

function checkedNumbers(data: ArrayLike<unknown>): ArrayLike<number> {
  return allFinite(data) ? data : vector('data', data, finiteNumber);
}

function checkedRow(given: unknown, n: number, d: number): ArrayLike<number> {
  if (isArrayLike(given) && given.length === d && allFinite(given)) return given;
  const row = vector(`data[${n}]`, given, finiteNumber);
  throw new InvalidArgumentError(`data[${n}]`, `expected ${d} numbers as in data[0], got ${row.length}`);
}

/** Copies without the names that `vector` makes for every entry. */
function allFinite(values: ArrayLike<unknown>): values is ArrayLike<number> {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return values.length > 0;
}

function checkedWeights(given: ArrayLike<number> | null, count: number): Float64Array {
  if (given === null) return new Float64Array(count).fill(1);
  const weights = vector('pointWeights', given, (argument, value) => {
    const w = finiteNumber(argument, value);
    if (w >= 0) return w;
    throw new InvalidArgumentError(argument, `expected a weight ≥ 0, got ${w}`);
  });
  sameLength('pointWeights', weights.length, count, 'point');
  const total = sum(weights);
  if (total > 0 && total < Infinity) return weights;
  throw new InvalidArgumentError('pointWeights', `expected a positive and finite sum, got ${total}`);
}
