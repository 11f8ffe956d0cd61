import { RandomStream } from '../../math/random';
import type { KlProblem } from './problem';
import type { EstimatorRun } from './run';
import { ESTIMATORS, type EstimatorName } from './table';

/** What tells one run from another of the same problem. */
export interface RunKey {
  readonly estimator: EstimatorName;
  readonly seed: number;
  /** The draws intended at first. */
  readonly planned: number;
}

/** The run behind an estimate, from its beginning. */
export function startRun(problem: KlProblem, { estimator, seed, planned }: RunKey): EstimatorRun {
  // `plain` is monteCarloKl, to the last bit.
  const name = estimator === 'plain' ? 'monte-carlo' : `estimate/${estimator}`;
  return ESTIMATORS[estimator].start(problem, RandomStream.of(seed, `kl/${name}`), planned);
}
