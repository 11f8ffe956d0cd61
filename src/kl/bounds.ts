import { logSumExp } from '../math/log-sum-exp';
import { nth } from '../nth';
import type { KlDistribution } from './closed-form';
import { klDivergence } from './closed-form';
import { average, type Components, componentsOf } from './components';
import { crossEntropyBelow, divergenceAbove, entropyAbove, entropyBelow } from './entropy-bounds';
import { requireSameShape } from './shapes';

/**
 * Bounds of a KL divergence in closed form, in nats: lower ≤ KL(q‖p) ≤ upper.
 *
 * @example
 * ```ts
 * import { type KlBounds, klBounds, Normal } from 'gmm-vae';
 *
 * const { lower, upper }: KlBounds = klBounds(new Normal(0, 1), new Normal(1, 1));
 * upper - lower; // 0
 * ```
 */
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
 * For a mixture q = Σ_i w_i q_i the cross entropies E_{q_i}[−ln p] are enclosed by the same two inequalities and the entropy H(q) by
 * `entropyBounds`. The variational upper bound Σ_ic φ_ic (ln φ_ic/ψ_ic + KL(q_i‖p_c)) with Σ_c φ_ic = w_i and Σ_i ψ_ic = π_c, minimised over
 * φ and ψ (Hershey and Olsen 2007), is used where it is the smaller.
 * @throws InvalidArgumentError when the event shapes differ.
 *
 * @example
 * ```ts
 * import { GaussianMixture, klBounds, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-2, 0.8), new Normal(1, 0.5)]);
 * klBounds(new Normal(0.6, 0.7), p); // { lower: 0.463085, upper: 1.14875 }
 * ```
 */
export function klBounds(q: KlDistribution, p: KlDistribution): KlBounds {
  requireSameShape(q, p);
  const qs = componentsOf(q);
  const ps = componentsOf(p);
  if (qs.components.length === 1 && ps.components.length === 1) {
    const exact = klDivergence(nth(qs.components, 0), nth(ps.components, 0));
    return { lower: exact, upper: exact };
  }
  const lower = average(qs, (i) => crossEntropyBelow(nth(qs.components, i), ps)) - entropyAbove(qs);
  // For a normal q both upper bounds are the same sum.
  const upper =
    qs.components.length === 1
      ? variationalAbove(qs, ps)
      : Math.min(variationalAbove(qs, ps), crossEntropyAbove(qs, ps) - entropyBelow(qs));
  // The two meet as q narrows; rounding must not make them cross.
  return { lower: Math.min(Math.max(0, lower), upper), upper };
}

function crossEntropyAbove(q: Components, p: Components): number {
  return average(q, (i) => nth(q.components, i).entropy() + divergenceAbove(nth(q.components, i), p));
}

const MOST_ITERATIONS = 100;

/**
 * Hershey and Olsen's variational upper bound, φ and ψ minimised in turns: it falls at each turn from what the convexity of the divergence gives,
 * Σ_i w_i KL(q_i‖p) with each term replaced by its own bound. For a normal q nothing is left to minimise.
 */
function variationalAbove(q: Components, p: Components): number {
  const divergences = q.components.map((own) => p.components.map((other) => klDivergence(own, other)));
  let logPsi = q.logWeights.map((w) => p.logWeights.map((pi) => w + pi));
  let bound = Infinity;
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const logTerms = logPsi.map((row, i) => row.map((log, c) => log - divergences[i]![c]!));
    const totals = logTerms.map((row) => logSumExp(row));
    const next = average(q, (i) => nth(q.logWeights, i) - nth(totals, i));
    const gain = bound - next;
    if (Number.isNaN(gain) || gain <= 1e-12 * Math.abs(next)) return Math.min(bound, next);
    bound = next;
    if (q.components.length === 1) return bound;
    const logPhi = logTerms.map((row, i) => row.map((log) => q.logWeights[i]! + log - totals[i]!));
    const columns = p.logWeights.map((_, c) => logSumExp(logPhi.map((row) => row[c]!)));
    logPsi = logPhi.map((row) => row.map((log, c) => (log === -Infinity ? log : p.logWeights[c]! + log - columns[c]!)));
  }
  return bound;
}
