import { DiagonalNormal } from '../distributions/diagonal-normal';
import type { Distribution } from '../distributions/distribution';
import { FullNormal } from '../distributions/full-normal';
import { GaussianMixture } from '../distributions/gaussian-mixture';
import { Normal } from '../distributions/normal';
import { shown } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';
import { Moments } from '../math/moments';
import { RandomStream } from '../math/random';
import type { KlDistribution } from './closed-form';
import { Draws, klProblem, logRatioAt } from './estimators/problem';
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
  const estimator = new MonteCarloKl(q, p, seed);
  estimator.draw(samples);
  return estimator.estimate();
}

/** `monteCarloKl` in steps: draw, look, draw more. The estimate depends on how many were drawn, not in what portions. */
export class MonteCarloKl {
  private moments: Moments = new Moments();
  private readonly term: () => number;

  constructor(q: Distribution, p: Distribution, seed: number) {
    requireSameShape(q, p);
    const stream = RandomStream.of(seed, 'kl/monte-carlo');
    this.term = isNormalOrMixture(q) && isNormalOrMixture(p) ? logRatios(q, p, stream) : logRatiosOfAny(q, p, stream);
  }

  draw(samples: number): void {
    if (!Number.isSafeInteger(samples) || samples < 1) {
      throw new InvalidArgumentError('samples', `expected a positive integer, got ${shown(samples)}`);
    }
    for (let i = 0; i < samples; i++) this.moments.push(this.term());
  }

  /** Forgets the estimate but not the place in the stream: the next one is independent of all before. */
  restart(): void {
    this.moments = new Moments();
  }

  estimate(): KlEstimate {
    const { mean, standardError, count } = this.moments;
    return { value: mean, standardError, samples: count };
  }
}

/** ln q(z)/p(z) at one draw after another, computed from z − μ, so that large means cost no digits. */
function logRatios(q: KlDistribution, p: KlDistribution, stream: RandomStream): () => number {
  const problem = klProblem(q, p);
  const draws = new Draws(problem, stream);
  return () => logRatioAt(problem.from(draws.next()), draws.z);
}

/** The same for distributions of which no more is known than that they are some. */
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
