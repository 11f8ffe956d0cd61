import type { Distribution } from '../distributions/distribution';
import { InvalidArgumentError, shown } from '../errors';
import { plainEstimates } from './monte-carlo';

export interface ReplicateOptions {
  /** N, the draws behind each estimate. */
  readonly samples: number;
  /** How many independent estimates. */
  readonly replications: number;
  readonly seed: number;
}

/**
 * Independent repetitions of `monteCarloKl`, each with N draws of its own: the sampling distribution of estimator (11), in nats.
 *
 * @throws InvalidArgumentError when `samples` or `replications` is not a positive integer, or the event shapes differ.
 *
 * @example
 * ```ts
 * import { Normal, replicateMonteCarloKl, summarize } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const estimates = replicateMonteCarloKl(q, p, { samples: 100, replications: 500, seed: 1 });
 * // The standard deviation of ln q/p is 1 here, so that of a mean of 100 is 0.1.
 * summarize(estimates).standardDeviation; // 0.100268
 * ```
 */
export function replicateMonteCarloKl(
  q: Distribution,
  p: Distribution,
  { samples, replications, seed }: ReplicateOptions,
): Float64Array {
  if (!Number.isSafeInteger(replications) || replications < 1) {
    throw new InvalidArgumentError('replications', `expected a positive integer, got ${shown(replications)}`);
  }
  const estimates = plainEstimates(q, p, { samples, seed });
  return Float64Array.from({ length: replications }, () => estimates.next().value.value);
}
