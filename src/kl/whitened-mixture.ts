import type { Gaussian } from '../distributions/multivariate-normal';
import { factorOf, meanOf } from '../distributions/multivariate-normal';
import { logRatio } from '../math/elementary';
import { solveLowerInPlace } from '../math/linear-algebra';
import type { Parts } from './parts';

/** Exponents below this add nothing to a double-precision sum of which the largest term is 1. */
const NEGLIGIBLE = -40;

/** Components at least this wide are seen by the quadrature rule's own nodes, at most 0.5 apart around the centre. */
const NARROW = 0.15;

/**
 * A mixture seen from one normal N(μ, L·Lᵀ), in the coordinates z = μ + L·x where that normal is standard, and read one
 * coordinate at a time: component c is N(m_c, C_c·C_cᵀ) there, so given x_0 … x_{j−1} its coordinate j is normal with a mean
 * that depends on them and the standard deviation C_c,jj. Densities leave out (2π)^(−d/2)/det L, which cancels in q/p.
 */
export class WhitenedMixture {
  readonly count: number;
  private readonly d: number;
  private readonly means: readonly Float64Array[];
  private readonly factors: readonly Float64Array[];
  /** Per level: the log weight and density of the coordinates fixed so far, per component. */
  private readonly partial: readonly Float64Array[];
  /** Per level: the conditional mean of that level's coordinate, per component. */
  private readonly centre: readonly Float64Array[];
  /** Per level: the conditional standard deviation, per component. */
  private readonly spread: readonly Float64Array[];
  /** Per level: how many of its conditional standard deviations the coordinate lies from the conditional mean. */
  private readonly u: readonly Float64Array[];
  private readonly terms: Float64Array;

  constructor(parts: Parts, origin: Gaussian) {
    const d = origin.dimension;
    const count = parts.components.length;
    const lower = factorOf(origin);
    const mu = meanOf(origin);
    this.d = d;
    this.count = count;
    this.means = parts.components.map((component) => {
      const m = meanOf(component).map((x, j) => x - mu[j]!);
      solveLowerInPlace(lower, d, m);
      return m;
    });
    this.factors = parts.components.map((component) => {
      const factor = Float64Array.from(factorOf(component));
      for (let column = 0; column < d; column++) solveLowerInPlace(lower, d, factor, column, d);
      return factor;
    });
    const levels = (): Float64Array[] => Array.from({ length: d }, () => new Float64Array(count));
    this.partial = levels();
    this.centre = levels();
    this.u = levels();
    this.terms = new Float64Array(count);
    this.spread = levels().map((level, j) => level.map((_, c) => this.factors[c]![j * d + j]!));
    for (let c = 0; c < count; c++) {
      const factor = factorOf(parts.components[c]!);
      let log = parts.logWeights[c]!;
      for (let j = 0; j < d; j++) log -= logRatio(factor[j * d + j]!, lower[j * d + j]!);
      this.partial[0]![c] = log;
      this.centre[0]![c] = this.means[c]![0]!;
    }
  }

  /** Fixes coordinate `level` to x; the next level's conditionals follow. */
  fix(level: number, x: number): void {
    const next = level + 1;
    for (let c = 0; c < this.count; c++) {
      const u = (x - this.centre[level]![c]!) / this.spread[level]![c]!;
      this.u[level]![c] = u;
      this.partial[next]![c] = this.partial[level]![c]! - 0.5 * u * u;
      let centre = this.means[c]![next]!;
      for (let k = 0; k < next; k++) centre += this.factors[c]![next * this.d + k]! * this.u[k]![c]!;
      this.centre[next]![c] = centre;
    }
  }

  /** The log density with the last coordinate at x and the ones before it fixed. */
  logDensity(x: number): number {
    const level = this.d - 1;
    const partial = this.partial[level]!;
    const centre = this.centre[level]!;
    const spread = this.spread[level]!;
    const terms = this.terms;
    let largest = -Infinity;
    for (let c = 0; c < this.count; c++) {
      const u = (x - centre[c]!) / spread[c]!;
      const term = partial[c]! - 0.5 * u * u;
      terms[c] = term;
      if (term > largest) largest = term;
    }
    if (this.count === 1 || largest === -Infinity) return largest;
    let sum = 0;
    for (let c = 0; c < this.count; c++) {
      const exponent = terms[c]! - largest;
      if (exponent > NEGLIGIBLE) sum += Math.exp(exponent);
    }
    return largest + Math.log(sum);
  }

  /**
   * Appends to `breakpoints` what adaptive quadrature along coordinate `level` must not overlook: components much narrower than
   * the standard normal that stand out where they peak, fenced by points at 4, 24, 144 … of their standard deviations.
   */
  addBreakpoints(level: number, reach: number, breakpoints: number[]): void {
    const centre = this.centre[level]!;
    const spread = this.spread[level]!;
    for (let c = 0; c < this.count; c++) {
      const s = spread[c]!;
      if (s > NARROW || Math.abs(centre[c]!) > reach || !this.standsOut(level, c)) continue;
      for (let step = 4 * s; step < 2 * reach; step *= 6) {
        if (Math.abs(centre[c]! - step) < reach) breakpoints.push(centre[c]! - step);
        if (Math.abs(centre[c]! + step) < reach) breakpoints.push(centre[c]! + step);
      }
    }
  }

  private standsOut(level: number, c: number): boolean {
    const partial = this.partial[level]!;
    const x = this.centre[level]![c]!;
    for (let other = 0; other < this.count; other++) {
      const u = (x - this.centre[level]![other]!) / this.spread[level]![other]!;
      if (partial[other]! - 0.5 * u * u + NEGLIGIBLE > partial[c]!) return false;
    }
    return true;
  }
}
