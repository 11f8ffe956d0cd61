import type { GaussianMixture } from '../distributions/gaussian-mixture';
import type { Gaussian } from '../distributions/multivariate-normal';
import type { KlDistribution } from './closed-form';
import { type CombinedEstimation, CombinedEstimator } from './combined-estimator';
import type { DivergenceName } from './divergences';
import { divergenceCombination, entropyCombination } from './estimate-combined';
import { type DrawOptions, drawInParallel } from './estimate-in-parallel';
import type { EstimateKlOptions } from './estimate-options';

/** `estimateDivergence` on several threads, as `estimateKlInParallel`: the same numbers, to the last bit. */
export function estimateDivergenceInParallel(
  name: DivergenceName,
  q: KlDistribution,
  p: KlDistribution,
  options: EstimateKlOptions & DrawOptions,
): Promise<CombinedEstimation> {
  return drawCombined(new CombinedEstimator(divergenceCombination(name, q, p), options), options);
}

/** `estimateEntropy` on several threads, as `estimateKlInParallel`: the same numbers, to the last bit. */
export function estimateEntropyInParallel(
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
