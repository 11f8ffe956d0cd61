import { shown } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';
import type { Goal } from './estimators/best';
import type { EstimatorName } from './estimators/table';

/**
 * Which estimator of KL(q‖p) draws, how many draws or down to which error, and from which seed.
 *
 * @example
 * ```ts
 * import { estimateKl, type EstimateKlOptions, GaussianMixture, Normal } from 'gmm-vae';
 *
 * const options: EstimateKlOptions = { estimator: 'best', targetError: 1e-3, maxSamples: 1e6, seed: 1 };
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * estimateKl(new Normal(0, 1), p, options).stoppedBy; // 'target-error'
 * ```
 */
export interface EstimateKlOptions {
  /** Which estimator; `best` tries them in pilot runs and takes the one expected to be cheapest for the target, or best for the samples. */
  readonly estimator: EstimatorName | 'best';
  /** Draws from q at most: antithetic, stratified, importance and rqmc take whole pairs, blocks or powers of two. */
  readonly samples?: number;
  /** Instead of `samples`: draw until the standard error, in nats, is at most this … */
  readonly targetError?: number;
  /** … or this many draws are taken; default 10,000,000. */
  readonly maxSamples?: number;
  readonly seed: number;
  /** The probability that the interval covers the divergence; default 0.95. */
  readonly confidence?: number;
}

const DEFAULT_CAP = 10_000_000;

/**
 * The most draws that may be taken.
 * @throws InvalidArgumentError unless exactly one of samples and targetError is given, and valid.
 */
export function drawsAllowed({ samples, targetError, maxSamples = DEFAULT_CAP }: EstimateKlOptions): number {
  if ((samples === undefined) === (targetError === undefined)) {
    throw new InvalidArgumentError('samples', 'expected exactly one of samples and targetError');
  }
  if (targetError !== undefined && !(typeof targetError === 'number' && targetError > 0 && targetError < Infinity)) {
    throw new InvalidArgumentError('targetError', `expected a finite number > 0, got ${shown(targetError)}`);
  }
  const [argument, cap] =
    samples === undefined ? (['maxSamples', maxSamples] as const) : (['samples', samples] as const);
  if (Number.isSafeInteger(cap) && cap >= 1) return cap;
  throw new InvalidArgumentError(argument, `expected a positive integer, got ${shown(cap)}`);
}

export function goalOf({ targetError }: EstimateKlOptions, cap: number): Goal {
  return targetError === undefined ? { samples: cap } : { targetError };
}

export function checkedConfidence(confidence: number): number {
  if (!(typeof confidence === 'number' && confidence > 0 && confidence < 1)) {
    throw new InvalidArgumentError('confidence', `expected a number between 0 and 1, got ${shown(confidence)}`);
  }
  // The quantile is taken at ½ + ½·confidence, which must not round to 1.
  if (0.5 + 0.5 * confidence < 1) return confidence;
  throw new InvalidArgumentError('confidence', `expected at most ${1 - Number.EPSILON}, got ${confidence}`);
}
