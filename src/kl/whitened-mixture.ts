import { relativeTo } from '../distributions/coordinates';
import { factorOf, type Gaussian, meanOf } from '../distributions/multivariate-normal';
import { keepDifferences } from '../distributions/posterior';
import { logRatio } from '../math/elementary';
import { solveLowerInPlace } from '../math/linear-algebra';
import type { Components } from './components';

/** Exponents below this add nothing to a double-precision sum of which the largest term is 1. */
const NEGLIGIBLE = -40;
/** The log density below which rounding shows in differences. */
const FAR = -1e3;

/**
 * A mixture seen from one normal N(μ, L·Lᵀ), in the coordinates z = μ + L·x where that normal is standard. The log density of
 * component c there is a_c − ½‖u‖² with u = U_c·x − v_c, U_c = L_c⁻¹·L lower triangular and v_c = L_c⁻¹(μ_c − μ). So it can be
 * read one coordinate at a time: given x_0 … x_{j−1}, coordinate j is normal about v/U_jj with the standard deviation 1/U_jj,
 * where v is what is left of row j. Densities leave out (2π)^(−d/2)/det L, which cancels in q/p.
 */
export class WhitenedMixture {
  readonly count: number;
  readonly d: number;
  /** U_c, row-major d×d, one after the other. */
  readonly rows: Float64Array;
  /** Per level: v_c less the coordinates fixed so far, d entries per component; those of earlier rows are out of date. */
  readonly rest: readonly Float64Array[];
  /** Per level: a_c − ½ Σ u² over the coordinates fixed so far, per component. */
  readonly height: readonly Float64Array[];
  private readonly terms: Float64Array;
  /** The components and their log weights, the normal's mean and L: for differences of what is huge. */
  private readonly components: readonly Gaussian[];
  private relative: readonly Gaussian[] | null = null;
  private readonly mean: Float64Array;
  private readonly logWeights: readonly number[];
  private readonly lower: Float64Array;
  private readonly z: Float64Array;

  /**
   * Components that are infinitely narrow or far in units of the normal (beyond 1e308) are left out: they weigh nothing.
   * @param unit multiplies every u, and its square every log density; where it is not 1, only the largest component counts.
   */
  constructor(
    parts: Components,
    origin: Gaussian,
    readonly unit = 1,
  ) {
    const d = origin.dimension;
    const lower = factorOf(origin);
    const mu = meanOf(origin);
    const seen = parts.components.map((component, c) => {
      const factor = factorOf(component);
      const rows = lower.map((x) => x * unit);
      for (let column = 0; column < d; column++) solveLowerInPlace(factor, d, rows, column, d);
      // Half of each mean, so that the difference of two huge ones does not overflow.
      const v = meanOf(component).map((m, j) => unit * (0.5 * m - 0.5 * mu[j]!));
      solveLowerInPlace(factor, d, v);
      let log = parts.logWeights[c]!;
      for (let j = 0; j < d; j++) log -= logRatio(factor[j * d + j]!, lower[j * d + j]!);
      return { rows, v: v.map((x) => 2 * x), log: log * unit * unit, component, logWeight: parts.logWeights[c]! };
    });
    const finite = seen.filter(({ rows, v }) => rows.every(Number.isFinite) && v.every(Number.isFinite));
    const count = finite.length;
    this.d = d;
    this.count = count;
    this.rows = new Float64Array(count * d * d);
    this.rest = Array.from({ length: d }, () => new Float64Array(count * d));
    this.height = Array.from({ length: d }, () => new Float64Array(count));
    this.terms = new Float64Array(count);
    this.components = finite.map(({ component }) => component);
    this.mean = mu;
    this.logWeights = finite.map(({ logWeight }) => logWeight);
    this.lower = lower;
    this.z = new Float64Array(d);
    finite.forEach(({ rows, v, log }, c) => {
      this.rows.set(rows, c * d * d);
      this.rest[0]!.set(v, c * d);
      this.height[0]![c] = log;
    });
  }

  /** Fixes coordinate `level` to x; the next level's conditionals follow. */
  fix(level: number, x: number): void {
    const { d, count, rows } = this;
    const rest = this.rest[level]!;
    const height = this.height[level]!;
    const restThen = this.rest[level + 1]!;
    const heightThen = this.height[level + 1]!;
    for (let c = 0; c < count; c++) {
      const row = (c * d + level) * d;
      const at = c * d;
      const u = rows[row + level]! * x - rest[at + level]!;
      heightThen[c] = height[c]! - 0.5 * u * u;
      for (let i = level + 1; i < d; i++) restThen[at + i] = rest[at + i]! - rows[(at + i) * d + level]! * x;
    }
  }

  /** The log density with the last coordinate at x and the ones before it fixed. */
  logDensity(x: number): number {
    const { d, count, rows, terms } = this;
    const rest = this.rest[d - 1]!;
    const height = this.height[d - 1]!;
    const last = d * d - 1;
    let largest = -Infinity;
    for (let c = 0; c < count; c++) {
      const u = rows[c * d * d + last]! * x - rest[c * d + d - 1]!;
      const term = height[c]! - 0.5 * u * u;
      terms[c] = term;
      if (term > largest) largest = term;
    }
    if (count === 1 || largest === -Infinity || this.unit !== 1) return largest;
    let sum = 0;
    for (let c = 0; c < count; c++) {
      const exponent = terms[c]! - largest;
      if (exponent > NEGLIGIBLE) sum += Math.exp(exponent);
    }
    return sum === 1 ? largest : largest + Math.log(sum);
  }

  /** ∂_j of the log density, where `logDensity` was last evaluated: with the coordinates x, of which x_{d−1} = last. */
  derivative(j: number, last: number, x: Float64Array): number {
    const { d, count, rows, terms } = this;
    let largest = Math.max(...terms);
    if (largest < FAR) {
      this.relative ??= this.components.map((component) => relativeTo(this.mean, component));
      keepDifferences(this.relative, this.logWeights, this.at(last, x), terms);
      largest = Math.max(...terms);
    }
    let sum = 0;
    let total = 0;
    for (let c = 0; c < count; c++) {
      const exponent = terms[c]! - largest;
      if (!(exponent > NEGLIGIBLE)) continue;
      const share = Math.exp(exponent);
      // −(Uᵀu)_j; row i of u is up to date at level i.
      let pull = 0;
      for (let i = j; i < d; i++) {
        const row = (c * d + i) * d;
        const u = rows[row + i]! * (i === d - 1 ? last : x[i]!) - this.rest[i]![c * d + i]!;
        pull -= rows[row + j]! * u;
      }
      sum += share * pull;
      total += share;
    }
    return sum / total;
  }

  /** z − μ = L·x. */
  private at(last: number, x: Float64Array): Float64Array {
    const { d, lower, z } = this;
    for (let i = 0; i < d; i++) {
      z[i] = 0;
      for (let j = 0; j <= i; j++) z[i]! += lower[i * d + j]! * (j === d - 1 ? last : x[j]!);
    }
    return z;
  }
}
