import type { KlDistribution } from './closed-form';
import type { EstimateKlOptions } from './estimate-options';
import { type KlEstimation, KlEstimator } from './kl-estimator';

export type { EstimateKlOptions } from './estimate-options';
export type { KlEstimation } from './kl-estimator';

/**
 * Estimates KL(q‖p), in nats, by the estimator asked for; docs/explanation/estimators.md says when to use which. The same seed gives the same
 * numbers; memory does not grow with the number of draws.
 * @throws InvalidArgumentError when the event shapes differ, the estimator cannot be used for q and p, or an option is not valid.
 *
 * @example
 * ```ts
 * import { estimateKl, GaussianMixture, Normal } from 'gmm-vae';
 *
 * const q = new Normal(0, 1.2);
 * const p = new GaussianMixture([0.4, 0.6], [new Normal(-1.6, 0.7), new Normal(1.2, 0.8)]);
 * const { value, standardError } = estimateKl(q, p, { estimator: 'rqmc', samples: 65536, seed: 7 });
 * value; // 0.243506
 * standardError; // 2.1e-6
 * ```
 */
export function estimateKl(q: KlDistribution, p: KlDistribution, options: EstimateKlOptions): KlEstimation {
  const estimation = new KlEstimator(q, p, options);
  while (!estimation.done) estimation.draw(Number.MAX_SAFE_INTEGER);
  return estimation.result();
}
