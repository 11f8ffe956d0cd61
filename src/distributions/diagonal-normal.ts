import { display, type MimeBundle } from '../display';
import { LOG_TWO_PI } from '../math/elementary';
import { diagonalMatrix } from '../math/linear-algebra';
import type { RandomStream } from '../math/random';
import type { Distribution } from './distribution';
import { distributionBundle } from './show';
import { finiteNumber, point, sameLength, standardDeviation, vector } from './validate';

/** N(μ, diag(σ²)), event shape [d]: independent coordinates. Made by `MultivariateNormal.diagonal`. */
export class DiagonalNormal implements Distribution {
  readonly kind = 'diagonal' as const;
  readonly eventShape: readonly number[];
  readonly dimension: number;
  /** μ, of length d. */
  readonly mean: Float64Array;
  /** σ, of length d: the standard deviation of each coordinate. */
  readonly stddev: Float64Array;
  private readonly logNormaliser: number;
  private readonly scratch: Float64Array;

  /** @throws InvalidArgumentError naming the entry that is not finite, not positive or missing. */
  constructor(mean: ArrayLike<number>, stddev: ArrayLike<number>) {
    this.mean = vector('mean', mean, finiteNumber);
    this.dimension = this.mean.length;
    this.eventShape = [this.dimension];
    this.stddev = vector('stddev', stddev, standardDeviation);
    sameLength('stddev', this.stddev.length, this.dimension, 'dimension of mean');
    this.logNormaliser = this.stddev.reduce((sum, sigma) => sum + Math.log(sigma), 0.5 * this.dimension * LOG_TWO_PI);
    this.scratch = new Float64Array(this.dimension);
  }

  logProb(z: number | ArrayLike<number>): number {
    return this.logProbAt(point(z, this.scratch), 0);
  }

  /** −½ Σ_j ((z_j − μ_j)/σ_j)² − Σ_j ln σ_j − (d/2) ln 2π. */
  logProbAt(points: Float64Array, offset: number): number {
    const { mean: mu, stddev: sigma } = this;
    let squares = 0;
    for (let j = 0; j < mu.length; j++) {
      const u = (points[offset + j]! - mu[j]!) / sigma[j]!;
      squares += u * u;
    }
    return -0.5 * squares - this.logNormaliser;
  }

  sample(stream: RandomStream): Float64Array {
    const z = new Float64Array(this.dimension);
    this.sampleInto(stream, z, 0);
    return z;
  }

  sampleInto(stream: RandomStream, out: Float64Array, offset: number): void {
    for (let j = 0; j < this.dimension; j++) out[offset + j] = this.mean[j]! + this.stddev[j]! * stream.normal();
  }

  meanVector(): Float64Array {
    return this.mean.slice();
  }

  covarianceMatrix(): Float64Array {
    return diagonalMatrix(this.stddev.map((sigma) => sigma * sigma));
  }

  /** H = Σ_j ½ ln(2πe σ_j²). */
  entropy(): number {
    return this.logNormaliser + 0.5 * this.dimension;
  }

  /** What a notebook shows: a table of weights, means and standard deviations. */
  [display](): MimeBundle {
    return distributionBundle(this);
  }
}
