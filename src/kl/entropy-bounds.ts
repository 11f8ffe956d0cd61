import type { GaussianMixture } from '../distributions/gaussian-mixture';
import { type Gaussian, meanOf, stddevOf } from '../distributions/multivariate-normal';
import { LOG_TWO_PI } from '../math/elementary';
import { logSumExp } from '../math/log-sum-exp';
import { klDivergence } from './closed-form';
import { average, type Components, componentsOf } from './components';
import { logAffinity, logOverlap } from './overlap';

/** Bounds of an entropy in closed form, in nats: lower ≤ H ≤ upper. */
export interface EntropyBounds {
  /** In nats. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Closed-form bounds lower ≤ H(q) ≤ upper on the differential entropy −E_q[ln q], in nats; equal where it has a closed form. For q = Σ_i w_i q_i
 * each is the best of two:
 *   lower: Σ_i w_i [H(q_i) − ln Σ_j w_j ∫√(q_i q_j)] and −Σ_i w_i ln Σ_j w_j ∫q_i q_j;
 *   upper: Σ_i w_i [H(q_i) − ln Σ_j w_j exp(−KL(q_i‖q_j))] and Σ_j ½ ln(2πe Var z_j).
 * (Kolchinsky and Tracey 2017; the second lower bound: Huber, Bailey, Durrant-Whyte and Hanebeck 2008; the second upper one: the normal has the
 * largest entropy for its variance.)
 */
export function entropyBounds(distribution: Gaussian | GaussianMixture): EntropyBounds {
  const parts = componentsOf(distribution);
  if (parts.components.length === 1) {
    const exact = parts.components[0]!.entropy();
    return { lower: exact, upper: exact };
  }
  const upper = entropyAbove(parts);
  return { lower: Math.min(entropyBelow(parts), upper), upper };
}

export function entropyBelow(q: Components): number {
  const byOverlap = average(q, (i) => crossEntropyBelow(q.components[i]!, q));
  const byAffinity = average(q, (i) => {
    const own = q.components[i]!;
    return own.entropy() - logSumExp(q.components.map((other, j) => q.logWeights[j]! + logAffinity(own, other)));
  });
  return Math.max(byOverlap, byAffinity);
}

export function entropyAbove(q: Components): number {
  const byDivergence = average(q, (i) => q.components[i]!.entropy() + divergenceAbove(q.components[i]!, q));
  return Math.min(byDivergence, entropyOfSpread(q));
}

/** −ln Σ_c π_c exp(−KL(q‖p_c)) ≥ KL(q‖p), by Jensen's inequality for the responsibilities held fixed. */
export function divergenceAbove(q: Gaussian, p: Components): number {
  return -logSumExp(p.components.map((component, c) => p.logWeights[c]! - klDivergence(q, component)));
}

/** −ln Σ_c π_c ∫ q p_c = −ln E_q[p] ≤ E_q[−ln p], by Jensen's inequality. */
export function crossEntropyBelow(q: Gaussian, p: Components): number {
  return -logSumExp(p.components.map((component, c) => p.logWeights[c]! + logOverlap(q, component)));
}

/** Σ_j ½ ln(2πe Var z_j): the entropy of independent normals with the variances of the coordinates. */
function entropyOfSpread(q: Components): number {
  return spreadAbout(q, centreOf(q)).reduce((sum, s) => sum + Math.log(s) + 0.5 * (LOG_TWO_PI + 1), 0);
}

/** The mean of each coordinate as a float holds it, and the root mean square distance from there; Infinity where that exceeds every float. */
export function coordinateMoments(q: Components): { readonly mean: Float64Array; readonly stddev: Float64Array } {
  const first = meanOf(q.components[0]!);
  const mean = centreOf(q).map((c, j) => first[j]! + 2 * c);
  // What rounding moved the mean by is part of the distance.
  return {
    mean,
    stddev: spreadAbout(
      q,
      mean.map((m, j) => 0.5 * m - 0.5 * first[j]!),
    ),
  };
}

/** Half the distance of component i's mean from the first one's: neither a common shift nor the size of the means costs a digit. */
function halfDistance(q: Components, i: number): Float64Array {
  const first = meanOf(q.components[0]!);
  return meanOf(q.components[i]!).map((m, j) => 0.5 * m - 0.5 * first[j]!);
}

/** Half the distance of the mean from the first component's. */
function centreOf(q: Components): Float64Array {
  const halves = q.components.map((_, i) => halfDistance(q, i));
  return halves[0]!.map((_, j) => average(q, (i) => halves[i]![j]!));
}

/** The root mean square distance of each coordinate from a centre given as `centreOf` gives it. */
function spreadAbout(q: Components, centre: Float64Array): Float64Array {
  const halves = q.components.map((_, i) => halfDistance(q, i));
  const sigmas = q.components.map((component) => stddevOf(component) ?? rootOfDiagonal(component));
  return centre.map((c, j) => {
    // By halves and by hypot, so that neither differences nor squares overflow.
    const terms = q.components.flatMap((_component, i) => {
      const root = Math.exp(0.5 * q.logWeights[i]!);
      return [0.5 * root * sigmas[i]![j]!, root * (halves[i]![j]! - c)];
    });
    return 2 * Math.hypot(...terms);
  });
}

function rootOfDiagonal(g: Gaussian): Float64Array {
  const covariance = g.covarianceMatrix();
  return Float64Array.from({ length: g.dimension }, (_, j) => Math.sqrt(covariance[j * g.dimension + j]!));
}
