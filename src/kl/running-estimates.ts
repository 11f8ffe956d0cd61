import type { KlDistribution } from './closed-form';
import { estimateKl } from './estimate-kl';
import type { EstimateKlOptions } from './estimate-options';
import { startRun } from './estimators/start-run';
import { type KlEstimation, KlEstimator } from './kl-estimator';

/** Steps of a run that are worth a dot each. */
const MOST_STEPS = 40;

/**
 * Follows one run of an estimator of KL(q‖p) as its draws come: what it says of fewer draws, up to where it stops.
 * @param options as for `estimateKl`: so many `samples`, or draws until the standard error is at most `targetError`
 * @returns at most 40 estimates: one for each count of draws that the estimator can use, by steps that grow where those are more
 * @throws InvalidArgumentError as `estimateKl` does
 *
 * @example
 * ```ts
 * import { Normal, runningEstimates } from 'gmm-vae';
 *
 * const runs = runningEstimates(new Normal(0, 1), new Normal(1, 1), { estimator: 'plain', samples: 1000, seed: 1 });
 * runs.at(-1)?.samples; // 1000
 * ```
 */
export function runningEstimates(
  q: KlDistribution,
  p: KlDistribution,
  options: EstimateKlOptions,
): readonly KlEstimation[] {
  const last = estimateKl(q, p, options);
  const { estimator, seed, confidence } = { ...options, estimator: last.estimator };
  const runs: KlEstimation[] = [];
  const asked = new KlEstimator(q, p, { estimator, samples: last.samples, seed });
  // Strata of a long run are finer, and its blocks longer, than those of a short one.
  const { fewest } = startRun(asked.problem, { estimator, seed, purpose: asked.purpose, planned: 1 });
  for (const samples of countsUpTo(last.samples)) {
    if (samples < fewest) continue;
    const run = estimateKl(q, p, { estimator, samples, seed, ...(confidence !== undefined && { confidence }) });
    // Some take whole pairs, blocks or powers of two.
    if (run.samples > (runs.at(-1)?.samples ?? 0) && run.samples < last.samples) runs.push(run);
  }
  return [...runs, last];
}

/** Whole numbers from 1 on, each until they are many, then by equal factors. */
function countsUpTo(last: number): number[] {
  const even = Array.from({ length: MOST_STEPS }, (_, i) => Math.round(last ** (i / (MOST_STEPS - 1))));
  return last <= MOST_STEPS ? Array.from({ length: last }, (_, i) => i + 1) : [...new Set(even)];
}
