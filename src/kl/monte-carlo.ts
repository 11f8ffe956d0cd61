import { DiagonalNormal } from '../distributions/diagonal-normal';
import type { Distribution } from '../distributions/distribution';
import { FullNormal } from '../distributions/full-normal';
import { GaussianMixture } from '../distributions/gaussian-mixture';
import { Normal } from '../distributions/normal';
import { shown } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';
import { RandomStream } from '../math/random';
import type { KlDistribution } from './closed-form';
import { klProblem } from './estimators/problem';
import { advance, averageRun, type EstimatorRun, meanOfRows, type RunEstimate } from './estimators/run';
import { startRun } from './estimators/start-run';
import { requireSameShape } from './shapes';

/**
 * The number of draws and their seed.
 *
 * @example
 * ```ts
 * import { monteCarloKl, type MonteCarloOptions, Normal } from 'gmm-vae';
 *
 * const options: MonteCarloOptions = { samples: 1, seed: 1 };
 * // One draw has no standard error.
 * monteCarloKl(new Normal(0, 1), new Normal(1, 1), options).standardError; // null
 * ```
 */
export interface MonteCarloOptions {
  /** N, the number of draws from q. */
  readonly samples: number;
  readonly seed: number;
}

/**
 * An estimate by equation (11), in nats.
 *
 * @example
 * ```ts
 * import { type KlEstimate, monteCarloKl, Normal } from 'gmm-vae';
 *
 * const estimate: KlEstimate = monteCarloKl(new Normal(0, 1), new Normal(0.1, 1), { samples: 10, seed: 1 });
 * // Unbiased, so it may be negative; the divergence is 0.005.
 * estimate.value; // -0.00901628
 * ```
 */
export interface KlEstimate {
  /** The estimate in nats: unbiased, so it may be negative where the divergence is small. Never clamped. */
  readonly value: number;
  /** Sample standard deviation (ddof 1) over √N; null for one sample, and for an infinite value. */
  readonly standardError: number | null;
  readonly samples: number;
}

/**
 * Equation (11): KL(q‖p) ≈ 1/N Σ_i ln q(z_i)/p(z_i) with z_i ~ q, for any two distributions on one space. The same seed gives
 * the same number; memory does not grow with N.
 * @throws InvalidArgumentError when the event shapes differ, or `samples` is not a positive integer.
 *
 * @example
 * ```ts
 * import { GaussianMixture, monteCarloKl, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-2, 0.8), new Normal(1, 0.5)]);
 * const { value, standardError } = monteCarloKl(new Normal(0.6, 0.7), p, { samples: 10_000, seed: 1 });
 * value; // 0.747142
 * standardError; // 0.00719018
 * ```
 */
export function monteCarloKl(q: Distribution, p: Distribution, { samples, seed }: MonteCarloOptions): KlEstimate {
  checkSamples(samples);
  const run = plainRun(q, p, seed);
  advance(run, samples);
  const { value, standardError } = run.accumulator.estimate();
  return { value, standardError, samples };
}

/** The run of the estimator `plain`, for any two distributions: its rows are ln q(z)/p(z), one draw each. */
export function plainRun(q: Distribution, p: Distribution, seed: number): EstimatorRun {
  requireSameShape(q, p);
  if (isNormalOrMixture(q) && isNormalOrMixture(p)) {
    return startRun(klProblem(q, p), { estimator: 'plain', seed, planned: 1 });
  }
  const stream = RandomStream.of(seed, 'kl/monte-carlo');
  return averageRun({ stream, uniforms: q.dimension, term: logRatiosOfAny(q, p, stream) });
}

/**
 * Estimates by `plain`, each from `samples` draws of its own. All come from one stream: consecutive stretches of it are independent, and no
 * two estimates can share a draw.
 */
export function* plainEstimates(
  q: Distribution,
  p: Distribution,
  { samples, seed }: MonteCarloOptions,
): Generator<RunEstimate, never> {
  checkSamples(samples);
  const { sampler } = plainRun(q, p, seed);
  for (;;) {
    const accumulator = meanOfRows();
    advance({ sampler, accumulator }, samples);
    yield accumulator.estimate();
  }
}

function checkSamples(samples: number): void {
  if (Number.isSafeInteger(samples) && samples >= 1) return;
  throw new InvalidArgumentError('samples', `expected a positive integer, got ${shown(samples)}`);
}

/** ln q(z)/p(z) at one draw after another, for distributions of which no more is known than that they are some. */
function logRatiosOfAny(q: Distribution, p: Distribution, stream: RandomStream): () => number {
  const z = new Float64Array(q.dimension);
  return () => {
    q.sampleInto(stream, z, 0);
    const logP = p.logProbAt(z, 0);
    return logP === -Infinity ? Infinity : q.logProbAt(z, 0) - logP;
  };
}

/** A subclass may have densities of its own. */
function isNormalOrMixture(distribution: Distribution): distribution is KlDistribution {
  return [Normal, DiagonalNormal, FullNormal, GaussianMixture].some((kind) => distribution.constructor === kind);
}
