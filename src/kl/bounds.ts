import type { Gaussian } from '../distributions/multivariate-normal';
import { MultivariateNormal, meanOf, stddevOf } from '../distributions/multivariate-normal';
import { LOG_TWO_PI } from '../math/elementary';
import { logSumExp } from '../math/log-sum-exp';
import type { KlDistribution } from './closed-form';
import { klDivergence } from './closed-form';
import type { Components } from './components';
import { componentsOf } from './components';
import { requireSameShape } from './shapes';

export interface KlBounds {
  /** The lower bound in nats, at least 0. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Closed-form bounds lower ≤ KL(q‖p) ≤ upper, in nats; equal to one another where the divergence has a closed form.
 *
 * For a normal q and p = Σ_c π_c p_c (Hershey and Olsen 2007; Durrieu, Thiran and Kelly 2012):
 *   upper = −ln Σ_c π_c exp(−KL(q‖p_c));  lower = max(0, −H(q) − ln Σ_c π_c N(μ_q; μ_c, Σ_q + Σ_c)).
 * A mixture q = Σ_i w_i q_i is taken apart by its components: the cross entropies E_{q_i}[−ln p] and E_{q_i}[−ln q] are
 * enclosed by the same two inequalities (the second pair bounds the entropy H(q): Kolchinsky and Tracey 2017), and
 * Σ_i w_i KL(q_i‖p), an upper bound because the divergence is convex, is used where it is the smaller.
 * @throws InvalidArgumentError when the event shapes differ.
 */
export function klBounds(q: KlDistribution, p: KlDistribution): KlBounds {
  requireSameShape(q, p);
  const qs = componentsOf(q);
  const ps = componentsOf(p);
  if (qs.components.length === 1 && ps.components.length === 1) {
    const exact = klDivergence(qs.components[0]!, ps.components[0]!);
    return { lower: exact, upper: exact };
  }
  const { lower, upper } = qs.components.length === 1 ? boundsOfNormal(qs.components[0]!, ps) : boundsOfMixture(qs, ps);
  // The two meet as q narrows; rounding must not make them cross.
  return { lower: Math.min(Math.max(0, lower), upper), upper };
}

function boundsOfNormal(q: Gaussian, p: Components): KlBounds {
  return { lower: crossEntropyBelow(q, p) - q.entropy(), upper: divergenceAbove(q, p) };
}

function boundsOfMixture(q: Components, p: Components): KlBounds {
  const average = (of: (component: Gaussian) => number): number =>
    q.components.reduce((sum, component, i) => sum + Math.exp(q.logWeights[i]!) * of(component), 0);
  const entropyBelow = average((component) => crossEntropyBelow(component, q));
  const entropyAbove = average((component) => component.entropy() + divergenceAbove(component, q));
  const crossAbove = average((component) => component.entropy() + divergenceAbove(component, p));
  const convex = average((component) => divergenceAbove(component, p));
  return {
    lower: average((component) => crossEntropyBelow(component, p)) - entropyAbove,
    upper: Math.min(convex, crossAbove - entropyBelow),
  };
}

/** −ln Σ_c π_c exp(−KL(q‖p_c)) ≥ KL(q‖p), by Jensen's inequality for the responsibilities held fixed. */
function divergenceAbove(q: Gaussian, p: Components): number {
  return -logSumExp(p.components.map((component, c) => p.logWeights[c]! - klDivergence(q, component)));
}

/** −ln Σ_c π_c ∫ q p_c = −ln E_q[p] ≤ E_q[−ln p], by Jensen's inequality; ∫ q p_c = N(μ_q; μ_c, Σ_q + Σ_c). */
function crossEntropyBelow(q: Gaussian, p: Components): number {
  return -logSumExp(p.components.map((component, c) => p.logWeights[c]! + logOverlap(q, component)));
}

/** ln N(μ_a; μ_b, Σ_a + Σ_b). */
function logOverlap(a: Gaussian, b: Gaussian): number {
  const sigmaA = stddevOf(a);
  const sigmaB = stddevOf(b);
  if (sigmaA && sigmaB) return logOverlapDiagonal(meanOf(a), sigmaA, meanOf(b), sigmaB);
  const sum = a.covarianceMatrix();
  b.covarianceMatrix().forEach((value, i) => {
    sum[i]! += value;
  });
  return MultivariateNormal.full(meanOf(b), sum).logProb(meanOf(a));
}

function logOverlapDiagonal(mu: Float64Array, sigma: Float64Array, m: Float64Array, s: Float64Array): number {
  let log = -0.5 * mu.length * LOG_TWO_PI;
  for (let j = 0; j < mu.length; j++) {
    // √(σ² + s²) as the larger times √(1 + ratio²), so that no square overflows or vanishes.
    const larger = Math.max(sigma[j]!, s[j]!);
    const square = (Math.min(sigma[j]!, s[j]!) / larger) ** 2;
    const u = (mu[j]! - m[j]!) / larger;
    log -= Math.log(larger) + 0.5 * Math.log1p(square) + (0.5 * u * u) / (1 + square);
  }
  return log;
}
