import { nth } from '../nth';
import type { KlDistribution } from './closed-form';
import { klOfNormals } from './closed-form';
import { average, type Components, componentsOf } from './components';
import { crossEntropiesBelow, divergencesAbove, entropyAbove, entropyBelow } from './entropy-bounds';
import { ofPairs, type Pairs } from './pairs';
import { requireSameShape } from './shapes';
import { variationalAbove } from './variational-bound';

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
  const divergences = ofPairs(qs, ps, klOfNormals);
  if (divergences.length === 1) return { lower: nth(divergences, 0), upper: nth(divergences, 0) };
  const below = crossEntropiesBelow(qs, ps);
  const lower = average(qs, (i) => nth(below, i)) - entropyAbove(qs);
  // Rounding of logarithms that cancel may leave −1e-17.
  const upper = Math.max(0, divergenceAbove(qs, ps, divergences));
  // The two meet as q narrows; rounding must not make them cross.
  return { lower: Math.min(Math.max(0, lower), upper), upper };
}

function divergenceAbove(q: Components, p: Components, divergences: Pairs): number {
  const each = divergencesAbove(divergences, p);
  const convex = average(q, (i) => nth(each, i));
  // For a normal q all upper bounds are the same sum.
  if (q.components.length === 1) return convex;
  const byEntropy = average(q, (i) => nth(q.components, i).entropy() + nth(each, i)) - entropyBelow(q);
  return Math.min(byEntropy, variationalAbove(q, p, divergences, convex));
}
