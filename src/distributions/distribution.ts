import type { RandomStream } from '../math/random';

/**
 * A probability distribution over real numbers (event shape []) or real vectors (event shape [d]), in float64.
 * All logarithms are natural: log densities and entropies are in nats.
 *
 * @example
 * ```ts
 * import { type Distribution, Normal, RandomStream } from 'gmm-vae';
 *
 * // The mean log density of draws from a distribution: an estimate of minus its entropy, in nats.
 * function meanLogProb(distribution: Distribution, draws: number): number {
 *   const stream = RandomStream.of(1, 'draws');
 *   let sum = 0;
 *   for (let i = 0; i < draws; i++) sum += distribution.logProb(distribution.sample(stream));
 *   return sum / draws;
 * }
 *
 * meanLogProb(new Normal(0, 1), 100_000); // -1.417
 * new Normal(0, 1).entropy(); // 1.41894
 * ```
 */
export interface Distribution {
  /** [] for a scalar, [d] for a vector of d dimensions. */
  readonly eventShape: readonly number[];
  /** Numbers per draw: 1 for a scalar, d for a vector. */
  readonly dimension: number;

  /**
   * The log density at `z`, in nats; −Infinity where the density underflows beyond every float or a coordinate is infinite.
   * @throws InvalidArgumentError when `z` has another length than `dimension` or contains NaN.
   */
  logProb(z: number | ArrayLike<number>): number;

  /** `logProb` of the finite point stored at points[offset … offset + dimension), without checks: for inner loops. */
  logProbAt(points: Float64Array, offset: number): number;

  /** One draw, of length `dimension`. */
  sample(stream: RandomStream): Float64Array;

  /** Writes one draw to out[offset … offset + dimension): for inner loops. */
  sampleInto(stream: RandomStream, out: Float64Array, offset: number): void;

  /** E[Z], of length `dimension`. */
  meanVector(): Float64Array;

  /** Cov[Z], row-major, dimension × dimension. */
  covarianceMatrix(): Float64Array;

  /**
   * The differential entropy −E[ln p(Z)], in nats.
   * @throws NoClosedFormError where there is no closed form.
   */
  entropy(): number;
}
