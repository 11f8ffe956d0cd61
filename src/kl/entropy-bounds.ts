import type { GaussianMixture } from '../distributions/gaussian-mixture';
import { type Gaussian, meanOf, stddevOf } from '../distributions/multivariate-normal';
import { accurateCholesky } from '../math/accurate-cholesky';
import { LOG_TWO_PI } from '../math/elementary';
import { diagonalMatrix } from '../math/linear-algebra';
import { nth } from '../nth';
import { klOfNormals } from './closed-form';
import { average, type Components, componentsOf } from './components';
import { logAffinityOf, logOverlap, logOverlapOf, type SumDensity, sumDensity } from './overlap';
import { logMixed, negated, ofPairs } from './pairs';

/**
 * Bounds of an entropy in closed form, in nats: lower ≤ H ≤ upper.
 *
 * @example
 * ```ts
 * import { type EntropyBounds, entropyBounds, GaussianMixture, Normal, quadratureEntropy } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * const { lower, upper }: EntropyBounds = entropyBounds(p);
 * lower < quadratureEntropy(p) && quadratureEntropy(p) < upper; // true
 * ```
 */
export interface EntropyBounds {
  /** Lower bound in nats. */
  readonly lower: number;
  /** Upper bound in nats. */
  readonly upper: number;
}

/**
 * Closed-form bounds lower ≤ H(q) ≤ upper on the differential entropy −E_q[ln q], in nats; equal where it has a closed form. For q = Σ_i w_i q_i
 * each is the best of two:
 *   lower: Σ_i w_i [H(q_i) − ln Σ_j w_j ∫√(q_i q_j)] and −Σ_i w_i ln Σ_j w_j ∫q_i q_j;
 *   upper: Σ_i w_i [H(q_i) − ln Σ_j w_j exp(−KL(q_i‖q_j))] and ½ ln det(2πe Cov z).
 * (Kolchinsky and Tracey 2017; the second lower bound: Huber, Bailey, Durrant-Whyte and Hanebeck 2008; the second upper one: the normal has the
 * largest entropy for its variance.)
 *
 * @example
 * ```ts
 * import { entropyBounds, GaussianMixture, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * entropyBounds(p); // { lower: 1.6454, upper: 1.76551 }
 * ```
 */
export function entropyBounds(distribution: Gaussian | GaussianMixture): EntropyBounds {
  const parts = componentsOf(distribution);
  if (parts.components.length === 1) {
    const exact = nth(parts.components, 0).entropy();
    return { lower: exact, upper: exact };
  }
  const upper = entropyAbove(parts);
  return { lower: Math.min(entropyBelow(parts), upper), upper };
}

export function entropyBelow(q: Components): number {
  const entropies = q.components.map((own) => own.entropy());
  const { overlaps, affinities } = overlapsAmong(q, entropies);
  const byOverlap = logMixed(overlaps, q);
  const byAffinity = logMixed(affinities, q);
  return Math.max(
    average(q, (i) => -nth(byOverlap, i)),
    average(q, (i) => nth(entropies, i) - nth(byAffinity, i)),
  );
}

/** ln ∫ q_i q_j and ln ∫ √(q_i q_j) for all pairs, both symmetric and of the same sums of covariances. */
function overlapsAmong(
  { components }: Components,
  entropies: readonly number[],
): { overlaps: Float64Array; affinities: Float64Array } {
  const n = components.length;
  const [overlaps, affinities] = [new Float64Array(n * n), new Float64Array(n * n)];
  components.forEach((own, i) => {
    for (let j = 0; j <= i; j++) {
      const sum: SumDensity = sumDensity(own, nth(components, j));
      overlaps[i * n + j] = overlaps[j * n + i] = logOverlapOf(sum);
      const both = nth(entropies, i) + nth(entropies, j);
      affinities[i * n + j] = affinities[j * n + i] = logAffinityOf(sum, both, own.dimension);
    }
  });
  return { overlaps, affinities };
}

export function entropyAbove(q: Components): number {
  if (q.components.length === 1) return nth(q.components, 0).entropy();
  const above = divergencesAbove(ofPairs(q, q, klOfNormals), q);
  const byDivergence = average(q, (i) => nth(q.components, i).entropy() + nth(above, i));
  return Math.min(byDivergence, entropyOfSpread(q));
}

/**
 * −ln Σ_c π_c exp(−KL(q_i‖p_c)) ≥ KL(q_i‖p) for each i, by Jensen's inequality for the responsibilities held fixed.
 * @param divergences KL(q_i‖p_c), row by row
 */
export function divergencesAbove(divergences: Float64Array, p: Components): Float64Array {
  return negated(logMixed(negated(divergences.slice()), p));
}

/** −ln Σ_c π_c ∫ q_i p_c = −ln E_q_i[p] ≤ E_q_i[−ln p] for each i, by Jensen's inequality. */
export function crossEntropiesBelow(q: Components, p: Components): Float64Array {
  return negated(logMixed(ofPairs(q, p, logOverlap), p));
}

/** The size below which rounding shows in the pivots of a correlation matrix. */
const SMALLEST_PIVOT = 1e-6;

/**
 * ½ ln det(2πe Cov z): the entropy of the normal with the same covariance, as Σ_j ½ ln(2πe Var z_j) and half the logarithm of the determinant of the
 * correlations, which is left out, being below 0, where it cannot be had to its digits.
 */
function entropyOfSpread(q: Components): number {
  const { deviations, stddev } = momentsOf(q);
  const d = stddev.length;
  const independent = stddev.reduce((sum, s) => sum + Math.log(s) + 0.5 * (LOG_TWO_PI + 1), 0);
  const factor = accurateCholesky(correlations(q, deviations, stddev), d);
  const pivots = Array.from(stddev, (_, j) => (factor === null ? 0 : nth(factor, j * d + j) ** 2));
  if (!pivots.every((pivot) => pivot > SMALLEST_PIVOT)) return independent;
  return independent + pivots.reduce((sum, pivot) => sum + 0.5 * Math.log(Math.min(1, pivot)), 0);
}

function correlations(q: Components, deviations: readonly Float64Array[], stddev: Float64Array): Float64Array {
  const d = stddev.length;
  const total = diagonalMatrix(new Float64Array(d).fill(1));
  const within = q.components.map((component) => (component.kind === 'full' ? component.covariance : null));
  for (let at = 0; at < d * d; at++) {
    const [i, j] = [Math.floor(at / d), at % d];
    if (i === j) continue;
    total[at] = average(q, (k) => {
      const [covariance, deviation] = [nth(within, k), nth(deviations, k)];
      const between = 4 * (nth(deviation, i) / nth(stddev, i)) * (nth(deviation, j) / nth(stddev, j));
      return between + (covariance ? nth(covariance, at) : 0) / nth(stddev, i) / nth(stddev, j);
    });
  }
  return total;
}

/** Half of μ_i − E[z] for each component, and the standard deviations of the coordinates; Infinity where one exceeds every float. */
export interface Moments {
  readonly deviations: readonly Float64Array[];
  readonly stddev: Float64Array;
}

/** Computed from differences of means, by halves and by hypot: a shift costs no digits, and neither differences nor squares overflow. */
export function momentsOf(q: Components): Moments {
  const first = meanOf(nth(q.components, 0));
  const sigmas = q.components.map((component) => stddevOf(component) ?? rootOfDiagonal(component));
  const fromFirst = q.components.map((component) => meanOf(component).map((mu, j) => 0.5 * mu - 0.5 * nth(first, j)));
  const centre = first.map((_, j) => average(q, (i) => nth(nth(fromFirst, i), j)));
  const deviations = fromFirst.map((half) => half.map((x, j) => x - nth(centre, j)));
  const stddev = first.map((_, j) => {
    const terms = q.logWeights.flatMap((log, i) => {
      const root = Math.exp(0.5 * log);
      return [0.5 * root * nth(nth(sigmas, i), j), root * nth(nth(deviations, i), j)];
    });
    return 2 * Math.hypot(...terms);
  });
  return { deviations, stddev };
}

function rootOfDiagonal(g: Gaussian): Float64Array {
  const covariance = g.covarianceMatrix();
  return Float64Array.from({ length: g.dimension }, (_, j) => Math.sqrt(nth(covariance, j * g.dimension + j)));
}
