import { nth } from '../nth';
import type { KlDistribution } from './closed-form';
import { klOfNormals } from './closed-form';
import { average, componentsOf } from './components';
import { divergencesAbove } from './entropy-bounds';
import { ofPairs } from './pairs';
import { requireSameShape } from './shapes';

/**
 * Two approximations in nats. Neither is a bound: both can lie on either side of the divergence, and below 0.
 *
 * @example
 * ```ts
 * import { GaussianMixture, type KlApproximations, klApproximations, Normal } from 'gmm-vae';
 *
 * const q = new GaussianMixture([0.5, 0.5], [new Normal(-3, 1), new Normal(3, 1)]);
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-3, 2), new Normal(3, 2)]);
 * const { variational, matchedPair }: KlApproximations = klApproximations(q, p);
 * variational; // 0.307099
 * matchedPair; // 0.318147
 * ```
 */
export interface KlApproximations {
  /** Σ_i w_i ln(Σ_j w_j exp(−KL(q_i‖q_j)) / Σ_c π_c exp(−KL(q_i‖p_c))): right for components far apart, 0 for q = p. */
  readonly variational: number;
  /** Σ_i w_i (KL(q_i‖p_m) + ln w_i/π_m), m the component of p with the smallest KL(q_i‖p_m) − ln π_m: every component matched with one. */
  readonly matchedPair: number;
}

/**
 * Two approximations of KL(q‖p) in closed form, for mixtures on either side (Hershey and Olsen 2007; matched pairs: Goldberger,
 * Gordon and Greenspan 2003). Both are exact where q and p are single normals. `klBounds` gives what is certain, `estimateKl` and `quadratureKl`
 * the value.
 * @throws InvalidArgumentError when the event shapes differ.
 *
 * @example
 * ```ts
 * import { GaussianMixture, klApproximations, Normal, quadratureKl } from 'gmm-vae';
 *
 * const q = new Normal(0, 1);
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * klApproximations(q, p); // { variational: 0.5, matchedPair: 1.19315 }
 * quadratureKl(q, p); // 0.125433
 * ```
 */
export function klApproximations(q: KlDistribution, p: KlDistribution): KlApproximations {
  requireSameShape(q, p);
  const qs = componentsOf(q);
  const ps = componentsOf(p);
  const divergences = ofPairs(qs, ps, klOfNormals);
  const fromP = divergencesAbove(divergences, ps);
  const fromQ = divergencesAbove(ofPairs(qs, qs, klOfNormals), qs);
  const columns = ps.logWeights.length;
  return {
    variational: average(qs, (i) => nth(fromP, i) - nth(fromQ, i)),
    matchedPair: average(qs, (i) => {
      const costs = ps.logWeights.map((log, c) => nth(divergences, i * columns + c) - log);
      return costs.reduce((a, b) => Math.min(a, b)) + nth(qs.logWeights, i);
    }),
  };
}
