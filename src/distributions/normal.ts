import { LOG_TWO_PI } from '../math/elementary';
import type { RandomStream } from '../math/random';
import type { Distribution } from './distribution';
import { finiteNumber, point, standardDeviation } from './validate';

/** The scalar normal distribution N(μ, σ²), event shape []. */
export class Normal implements Distribution {
  readonly kind = 'normal' as const;
  readonly eventShape: readonly number[] = [];
  readonly dimension = 1;
  /** μ, the mean. */
  readonly mu: number;
  /** σ, the standard deviation. */
  readonly sigma: number;
  private readonly logNormaliser: number;
  private readonly scratch: Float64Array = new Float64Array(1);

  /** @throws InvalidArgumentError unless `mean` is finite and `stddev` finite and positive. */
  constructor(mean: number, stddev: number) {
    this.mu = finiteNumber('mean', mean);
    this.sigma = standardDeviation('stddev', stddev);
    this.logNormaliser = Math.log(this.sigma) + 0.5 * LOG_TWO_PI;
  }

  logProb(z: number | ArrayLike<number>): number {
    return this.logProbAt(point(z, this.scratch), 0);
  }

  /** ln N(z; μ, σ²) = −½((z − μ)/σ)² − ln σ − ½ ln 2π. */
  logProbAt(points: Float64Array, offset: number): number {
    const u = (points[offset]! - this.mu) / this.sigma;
    return -0.5 * u * u - this.logNormaliser;
  }

  sample(stream: RandomStream): Float64Array {
    return Float64Array.of(this.mu + this.sigma * stream.normal());
  }

  sampleInto(stream: RandomStream, out: Float64Array, offset: number): void {
    out[offset] = this.mu + this.sigma * stream.normal();
  }

  mean(): Float64Array {
    return Float64Array.of(this.mu);
  }

  covariance(): Float64Array {
    return Float64Array.of(this.sigma * this.sigma);
  }

  /** H = ½ ln(2πe σ²). */
  entropy(): number {
    return this.logNormaliser + 0.5;
  }
}
