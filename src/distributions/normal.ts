import { display, type MimeBundle } from '../display';
import { LOG_TWO_PI } from '../math/elementary';
import type { RandomStream } from '../math/random';
import type { Distribution } from './distribution';
import { distributionBundle } from './show';
import { finiteNumber, point, standardDeviation } from './validate';

/**
 * The scalar normal distribution N(μ, σ²), event shape [].
 *
 * @example
 * ```ts
 * import { Normal, RandomStream } from 'gmm-vae';
 *
 * const q = new Normal(0.5, 2);
 * q.logProb(0.5); // -1.61209
 * q.entropy(); // 2.11209
 * q.sample(RandomStream.of(1, 'q')); // [2.13261]
 * ```
 */
export class Normal implements Distribution {
  readonly kind = 'normal' as const;
  readonly eventShape: readonly number[] = [];
  readonly dimension = 1;
  /** μ, the mean. */
  readonly mean: number;
  /** σ, the standard deviation. */
  readonly stddev: number;
  private readonly logNormaliser: number;
  private readonly scratch: Float64Array = new Float64Array(1);

  /** @throws InvalidArgumentError unless `mean` is finite and `stddev` finite and positive. */
  constructor(mean: number, stddev: number) {
    this.mean = finiteNumber('mean', mean);
    this.stddev = standardDeviation('stddev', stddev);
    this.logNormaliser = Math.log(this.stddev) + 0.5 * LOG_TWO_PI;
  }

  logProb(z: number | ArrayLike<number>): number {
    return this.logProbAt(point(z, this.scratch), 0);
  }

  /** ln N(z; μ, σ²) = −½((z − μ)/σ)² − ln σ − ½ ln 2π. */
  logProbAt(points: Float64Array, offset: number): number {
    const u = (points[offset]! - this.mean) / this.stddev;
    return -0.5 * u * u - this.logNormaliser;
  }

  sample(stream: RandomStream): Float64Array {
    return Float64Array.of(this.mean + this.stddev * stream.normal());
  }

  sampleInto(stream: RandomStream, out: Float64Array, offset: number): void {
    out[offset] = this.mean + this.stddev * stream.normal();
  }

  meanVector(): Float64Array {
    return Float64Array.of(this.mean);
  }

  covarianceMatrix(): Float64Array {
    return Float64Array.of(this.stddev * this.stddev);
  }

  /** H = ½ ln(2πe σ²). */
  entropy(): number {
    return this.logNormaliser + 0.5;
  }

  /** What a notebook shows: a table of weights, means and standard deviations. */
  [display](): MimeBundle {
    return distributionBundle(this);
  }
}
