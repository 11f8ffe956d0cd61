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
  /** Where its random numbers come from: another name for each run that must be independent of others with this seed. Default `kl`. */
  readonly purpose?: string;
}

/** The run behind an estimate, from its beginning. */
export function startRun(problem: KlProblem, { estimator, seed, planned, purpose = 'kl' }: RunKey): EstimatorRun {
  // `plain` is monteCarloKl, to the last bit.
  const name = estimator === 'plain' ? 'monte-carlo' : `estimate/${estimator}`;
  return ESTIMATORS[estimator].start(problem, RandomStream.of(seed, `${purpose}/${name}`), planned);
}
