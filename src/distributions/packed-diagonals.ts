import { LOG_TWO_PI } from '../math/elementary';

/** K normals with diagonal covariances in two flat arrays, K×d: a mixture's log density in one pass over memory. */
export class PackedDiagonals {
  private constructor(
    private readonly means: Float64Array,
    /** 1/σ, which is finite for every valid σ. */
    private readonly scales: Float64Array,
    private readonly logNormalisers: Float64Array,
    private readonly dimension: number,
  ) {}

  /** Null when some component's covariance is full (its stddevs are null). */
  static of(means: readonly Float64Array[], stddevs: readonly (Float64Array | null)[]): PackedDiagonals | null {
    const diagonal = stddevs.filter((sigma) => sigma !== null);
    if (diagonal.length < stddevs.length) return null;
    const d = means[0]!.length;
    const logNormalisers = diagonal.map((sigma) => sigma.reduce((sum, s) => sum + Math.log(s), 0.5 * d * LOG_TWO_PI));
    return new PackedDiagonals(
      flat(means, d),
      flat(diagonal, d).map((s) => 1 / s),
      Float64Array.from(logNormalisers),
      d,
    );
  }

  /** out[k] = addend[k] + ln N(z; μ_k, diag(σ_k²)); an addend of −Infinity is passed on without looking at z. */
  addLogProbs(points: Float64Array, offset: number, addend: Float64Array, out: Float64Array): void {
    const { means, scales, logNormalisers, dimension: d } = this;
    for (let k = 0, at = 0; k < out.length; k++, at += d) {
      if (addend[k] === -Infinity) {
        out[k] = -Infinity;
        continue;
      }
      let squares = 0;
      for (let j = 0; j < d; j++) {
        const u = (points[offset + j]! - means[at + j]!) * scales[at + j]!;
        squares += u * u;
      }
      out[k] = addend[k]! - logNormalisers[k]! - 0.5 * squares;
    }
  }
}

function flat(rows: readonly Float64Array[], d: number): Float64Array {
  const all = new Float64Array(rows.length * d);
  rows.forEach((row, k) => {
    all.set(row, k * d);
  });
  return all;
}
