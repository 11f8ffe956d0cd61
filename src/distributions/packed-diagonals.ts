import { LOG_TWO_PI } from '../math/elementary';
import { expNonPositive } from '../math/exp-table';
import { logSumExp } from '../math/log-sum-exp';
import { nth } from '../nth';

/** Components whose sums of squares run side by side: a single sum would wait for each of its additions to end. */
const LANES = 4;

/** Terms this far below the largest are left out: even a million of them change nothing above the last bit. */
const NEGLIGIBLE = -50;

/**
 * A mixture of K normals with diagonal covariances in flat arrays, K×d: its log density in one pass over memory, for one point
 * or for many. K is filled up to a multiple of four with standard normals of weight zero.
 */
export class PackedDiagonals {
  /** ln π_k − ln of component k's normaliser. */
  private readonly constants: Float64Array;
  private readonly means: Float64Array;
  /** 1/σ, which is finite for every valid σ. */
  private readonly scales: Float64Array;
  /** The terms of the point in hand and of its neighbour: ln π_k + ln N(z; μ_k, diag(σ_k²)). */
  private readonly terms: Float64Array;
  private readonly neighbour: Float64Array;

  private constructor(
    means: readonly Float64Array[],
    stddevs: readonly Float64Array[],
    logWeights: Float64Array,
    private readonly dimension: number,
  ) {
    const lanes = LANES * Math.ceil(means.length / LANES);
    const normaliser = (sigma: Float64Array): number =>
      sigma.reduce((sum, s) => sum + Math.log(s), 0.5 * dimension * LOG_TWO_PI);
    this.constants = new Float64Array(lanes).fill(-Infinity);
    this.constants.set(stddevs.map((sigma, k) => logWeights[k]! - normaliser(sigma)));
    this.means = flat(means, dimension, lanes);
    // 1, not 0, for those that only fill up: ∞·0 at an infinite point would be NaN.
    this.scales = flat(stddevs, dimension, lanes).map((s) => (s === 0 ? 1 : 1 / s));
    this.terms = new Float64Array(lanes);
    this.neighbour = new Float64Array(lanes);
  }

  /** Null when some component's covariance is full (its stddevs are null). */
  static of(
    means: readonly Float64Array[],
    stddevs: readonly (Float64Array | null)[],
    logWeights: Float64Array,
  ): PackedDiagonals | null {
    const diagonal = stddevs.filter((sigma) => sigma !== null);
    if (diagonal.length < stddevs.length) return null;
    return new PackedDiagonals(means, diagonal, logWeights, nth(means, 0).length);
  }

  /** out[k] = ln π_k + ln N(z; μ_k, diag(σ_k²)) at the point points[offset … offset + d). */
  joint(points: Float64Array, offset: number, out: Float64Array): void {
    this.fill(points, offset);
    out.set(this.terms.subarray(0, out.length));
  }

  logProbAt(points: Float64Array, offset: number): number {
    this.fill(points, offset);
    return total(this.terms);
  }

  /** out[i] = ln p of row i of `points`, row-major; the same bits as `logProbAt`. */
  logProbs(points: Float64Array, out: Float64Array): void {
    const d = this.dimension;
    const pairs = out.length - (out.length % 2);
    for (let i = 0; i < pairs; i += 2) {
      this.fillPair(points, i * d);
      out[i] = total(this.terms);
      out[i + 1] = total(this.neighbour);
    }
    if (pairs < out.length) out[pairs] = this.logProbAt(points, pairs * d);
  }

  private fill(points: Float64Array, offset: number): void {
    const { means, scales, constants, terms, dimension: d } = this;
    for (let k = 0; k < terms.length; k += LANES) {
      let [a, b, c, e] = [0, 0, 0, 0];
      for (let j = 0, at = k * d; j < d; j++, at++) {
        const x = points[offset + j]!;
        const ua = (x - means[at]!) * scales[at]!;
        const ub = (x - means[at + d]!) * scales[at + d]!;
        const uc = (x - means[at + 2 * d]!) * scales[at + 2 * d]!;
        const ue = (x - means[at + 3 * d]!) * scales[at + 3 * d]!;
        a += ua * ua;
        b += ub * ub;
        c += uc * uc;
        e += ue * ue;
      }
      terms[k] = constants[k]! - 0.5 * a;
      terms[k + 1] = constants[k + 1]! - 0.5 * b;
      terms[k + 2] = constants[k + 2]! - 0.5 * c;
      terms[k + 3] = constants[k + 3]! - 0.5 * e;
    }
  }

  /** `fill` for two points in a row, which share what is read of the components. */
  private fillPair(points: Float64Array, offset: number): void {
    const { means, scales, constants, terms, neighbour, dimension: d } = this;
    for (let k = 0; k < terms.length; k += LANES) {
      let [a, b, c, e] = [0, 0, 0, 0];
      let [a2, b2, c2, e2] = [0, 0, 0, 0];
      for (let j = 0, at = k * d; j < d; j++, at++) {
        const x = points[offset + j]!;
        const y = points[offset + d + j]!;
        let mean = means[at]!;
        let scale = scales[at]!;
        let u = (x - mean) * scale;
        let v = (y - mean) * scale;
        a += u * u;
        a2 += v * v;
        mean = means[at + d]!;
        scale = scales[at + d]!;
        u = (x - mean) * scale;
        v = (y - mean) * scale;
        b += u * u;
        b2 += v * v;
        mean = means[at + 2 * d]!;
        scale = scales[at + 2 * d]!;
        u = (x - mean) * scale;
        v = (y - mean) * scale;
        c += u * u;
        c2 += v * v;
        mean = means[at + 3 * d]!;
        scale = scales[at + 3 * d]!;
        u = (x - mean) * scale;
        v = (y - mean) * scale;
        e += u * u;
        e2 += v * v;
      }
      terms[k] = constants[k]! - 0.5 * a;
      terms[k + 1] = constants[k + 1]! - 0.5 * b;
      terms[k + 2] = constants[k + 2]! - 0.5 * c;
      terms[k + 3] = constants[k + 3]! - 0.5 * e;
      neighbour[k] = constants[k]! - 0.5 * a2;
      neighbour[k + 1] = constants[k + 1]! - 0.5 * b2;
      neighbour[k + 2] = constants[k + 2]! - 0.5 * c2;
      neighbour[k + 3] = constants[k + 3]! - 0.5 * e2;
    }
  }
}

/** `logSumExp` of the terms; where its result is not near zero, without the terms that cannot change it. */
function total(terms: Float64Array): number {
  let largest = -Infinity;
  let at = -1;
  for (let k = 0; k < terms.length; k++) {
    const x = terms[k]!;
    if (x > largest) {
      largest = x;
      at = k;
    }
  }
  if (!(Math.abs(largest) >= 1 && Math.abs(largest) < Infinity)) return logSumExp(terms);
  const floor = largest + NEGLIGIBLE;
  let rest = 0;
  for (let k = 0; k < terms.length; k++) {
    const x = terms[k]!;
    if (x > floor && k !== at) rest += expNonPositive(x - largest);
  }
  return rest === 0 ? largest : largest + Math.log1p(rest);
}

/** The rows one after another, and zeros up to `count` rows. */
function flat(rows: readonly Float64Array[], d: number, count: number): Float64Array {
  const all = new Float64Array(count * d);
  rows.forEach((row, k) => {
    all.set(row, k * d);
  });
  return all;
}
