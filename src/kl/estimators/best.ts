import { RandomStream } from '../../math/random';
import type { KlProblem } from './problem';
import { ESTIMATORS, type EstimatorName, KL_ESTIMATORS } from './table';

/** What the pilot run of one estimator found. */
export interface EstimatorTrial {
  readonly estimator: EstimatorName;
  /** Points at which the densities were evaluated. */
  readonly evaluations: number;
  /** Of its estimate, in nats. */
  readonly standardError: number;
}

export interface EstimatorChoice {
  readonly estimator: EstimatorName;
  /** Every trial, the smallest variance × evaluations first. */
  readonly compared: readonly EstimatorTrial[];
}

/** Points per trial: enough to know a standard error within some 15 %. */
const MOST_PER_TRIAL = 4096;
const FEWEST_PER_TRIAL = 256;

/**
 * Tries every unbiased estimator with a variance on this problem and takes the one with the smallest variance × evaluations. Time is
 * left out of the comparison, so that the same seed makes the same choice everywhere. The draws are used for nothing else: the
 * estimate that follows is independent of the choice.
 */
export function chooseEstimator(problem: KlProblem, seed: number, planned: number): EstimatorChoice {
  const points = Math.max(FEWEST_PER_TRIAL, Math.min(MOST_PER_TRIAL, Math.floor(planned / 50)));
  const compared = KL_ESTIMATORS.flatMap((estimator) => trial(problem, estimator, seed, points));
  const cost = ({ standardError, evaluations }: EstimatorTrial): number => standardError ** 2 * evaluations;
  compared.sort((a, b) => cost(a) - cost(b));
  return { estimator: compared[0]?.estimator ?? 'plain', compared };
}

function trial(problem: KlProblem, estimator: EstimatorName, seed: number, points: number): EstimatorTrial[] {
  const { unbiased, objection, hasVariance, start } = ESTIMATORS[estimator];
  if (!unbiased || objection(problem) !== null || !hasVariance(problem)) return [];
  const run = start(problem, RandomStream.of(seed, `kl/pilot/${estimator}`), points);
  const evaluations = run.fit(Math.max(points, run.fewest));
  run.advance(evaluations / run.step);
  const { standardError } = run.estimate();
  return standardError === null ? [] : [{ estimator, evaluations, standardError }];
}
