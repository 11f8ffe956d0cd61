import type { GaussianMixture } from '../distributions/gaussian-mixture';
import type { Gaussian } from '../distributions/multivariate-normal';
import type { KlDistribution } from './closed-form';
import { type CombinedEstimation, CombinedEstimator } from './combined-estimator';
import type { DivergenceName } from './divergences';
import { divergenceCombination, entropyCombination } from './estimate-combined';
import { type DrawOptions, drawInParallel } from './estimate-in-parallel';
import type { EstimateKlOptions } from './estimate-options';

/**
 * `estimateDivergence` on several threads, as `estimateKlInParallel`: the same numbers, to the last bit.
 * @throws InvalidArgumentError for what `estimateDivergence` refuses and for an invalid number of threads; the signal's reason.
 *
 * @example
 * ```ts
 * import { estimateDivergence, estimateDivergenceInParallel, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const options = { estimator: 'plain', samples: 1000, seed: 1 } as const;
 * const { value } = await estimateDivergenceInParallel('jeffreys', q, p, { ...options, threads: 1 });
 * value === estimateDivergence('jeffreys', q, p, options).value; // true
 * ```
 */
export async function estimateDivergenceInParallel(
  name: DivergenceName,
  q: KlDistribution,
  p: KlDistribution,
  options: EstimateKlOptions & DrawOptions,
): Promise<CombinedEstimation> {
  return drawCombined(new CombinedEstimator(divergenceCombination(name, q, p), options), options);
}

/**
 * `estimateEntropy` on several threads, as `estimateKlInParallel`: the same numbers, to the last bit.
 * @throws InvalidArgumentError for what `estimateEntropy` refuses and for an invalid number of threads; the signal's reason.
 *
 * @example
 * ```ts
 * import { estimateEntropy, estimateEntropyInParallel, GaussianMixture, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * const options = { estimator: 'component-wise', samples: 1000, seed: 1 } as const;
 * const { value } = await estimateEntropyInParallel(p, { ...options, threads: 1 });
 * value === estimateEntropy(p, options).value; // true
 * ```
 */
export async function estimateEntropyInParallel(
  distribution: Gaussian | GaussianMixture,
  options: EstimateKlOptions & DrawOptions,
): Promise<CombinedEstimation> {
  return drawCombined(new CombinedEstimator(entropyCombination(distribution), options), options);
}

/** Draws the parts of a sum one after the other, each until it is done. */
export async function drawCombined(estimator: CombinedEstimator, options: DrawOptions): Promise<CombinedEstimation> {
  for (const part of estimator.parts) await drawInParallel(part, options);
  return estimator.result();
}
