import type { Distribution } from '../distributions/distribution';
import { InvalidArgumentError } from '../errors';
import { Moments } from '../math/moments';
import { RandomStream } from '../math/random';
import { requireSameShape } from './shapes';

export interface MonteCarloOptions {
  /** N, the number of draws from q. */
  readonly samples: number;
  readonly seed: number;
}

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
 * @throws InvalidArgumentError when the event shapes differ, or `samples` is no positive integer.
 */
export function monteCarloKl(q: Distribution, p: Distribution, { samples, seed }: MonteCarloOptions): KlEstimate {
  const estimator = new MonteCarloKl(q, p, seed);
  estimator.draw(samples);
  return estimator.estimate();
}

/** `monteCarloKl` in steps: draw, look, draw more. The estimate depends on how many were drawn, not in what portions. */
export class MonteCarloKl {
  private readonly stream: RandomStream;
  private moments: Moments = new Moments();
  private readonly z: Float64Array;

  constructor(
    private readonly q: Distribution,
    private readonly p: Distribution,
    seed: number,
  ) {
    requireSameShape(q, p);
    this.stream = RandomStream.of(seed, 'kl/monte-carlo');
    this.z = new Float64Array(q.dimension);
  }

  draw(samples: number): void {
    if (!Number.isSafeInteger(samples) || samples < 1) {
      throw new InvalidArgumentError('samples', `expected a positive integer, got ${samples}`);
    }
    const { q, p, z, stream, moments } = this;
    for (let i = 0; i < samples; i++) {
      q.sampleInto(stream, z, 0);
      const logP = p.logProbAt(z, 0);
      moments.push(logP === -Infinity ? Infinity : q.logProbAt(z, 0) - logP);
    }
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
