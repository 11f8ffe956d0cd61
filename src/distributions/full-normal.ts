import { display, type MimeBundle } from '../display';
import { accurateCholesky } from '../math/accurate-cholesky';
import { LOG_TWO_PI } from '../math/elementary';
import { cholesky } from '../math/linear-algebra';
import type { RandomStream } from '../math/random';
import type { Distribution } from './distribution';
import { distributionBundle } from './show';
import { finiteNumber, point, symmetricMatrix, vector } from './validate';

/** Dimensions up to which 32 digits for the factor cost next to nothing. */
const FEW_DIMENSIONS = 16;

/** N(μ, Σ) with a full covariance, event shape [d], by the Cholesky factor Σ = L·Lᵀ. Made by `MultivariateNormal.full`. */
export class FullNormal implements Distribution {
  readonly kind = 'full' as const;
  readonly eventShape: readonly number[];
  readonly dimension: number;
  /** μ, of length d. */
  readonly mean: Float64Array;
  /** Σ, row-major d×d. */
  readonly covariance: Float64Array;
  /** L, lower triangular, row-major d×d. */
  readonly factor: Float64Array;
  private readonly logNormaliser: number;
  private readonly scratch: Float64Array;
  private readonly whitened: Float64Array;

  /**
   * @param covariance rows, or row-major entries, or another normal of this dimension whose covariance this one shares. Asymmetry within 5e-7 of √(Σ_ii Σ_jj) is averaged away.
   * @throws InvalidArgumentError naming the entry at fault, or the pivot where Σ turns out not to be positive definite.
   */
  constructor(mean: ArrayLike<number>, covariance: ArrayLike<number> | ArrayLike<ArrayLike<number>> | FullNormal) {
    this.mean = vector('mean', mean, finiteNumber);
    const d = this.mean.length;
    this.dimension = d;
    this.eventShape = [d];
    if (covariance instanceof FullNormal) {
      this.covariance = covariance.covariance;
      this.factor = covariance.factor;
    } else {
      this.covariance = symmetricMatrix('covariance', covariance, d);
      const factor = cholesky(this.covariance, d, 'covariance');
      // A thin normal loses the digits of its width to cancellation, and with them those of its density.
      this.factor = (d <= FEW_DIMENSIONS ? accurateCholesky(this.covariance, d) : null) ?? factor;
    }
    this.logNormaliser = 0.5 * d * LOG_TWO_PI;
    for (let j = 0; j < d; j++) this.logNormaliser += Math.log(this.factor[j * d + j]!);
    this.scratch = new Float64Array(d);
    this.whitened = new Float64Array(d);
  }

  /** The normal with this covariance, not factorised again, and another mean. */
  withMean(mean: Float64Array): FullNormal {
    return new FullNormal(mean, this);
  }

  logProb(z: number | ArrayLike<number>): number {
    const x = point(z, this.scratch);
    return x.every(Number.isFinite) ? this.logProbAt(x, 0) : -Infinity;
  }

  /** −½‖u‖² − Σ_j ln L_jj − (d/2) ln 2π, with L·u = z − μ solved forward. */
  logProbAt(points: Float64Array, offset: number): number {
    const { mean: mu, factor, whitened: u } = this;
    const d = mu.length;
    let squares = 0;
    for (let i = 0, row = 0; i < d; i++, row += d) {
      let sum = points[offset + i]! - mu[i]!;
      for (let k = 0; k < i; k++) sum -= factor[row + k]! * u[k]!;
      const x = sum / factor[row + i]!;
      u[i] = x;
      squares += x * x;
    }
    // A finite point whose distance overflows can give ∞ − ∞ on the way: it is further away than any float.
    return Number.isNaN(squares) ? -Infinity : -0.5 * squares - this.logNormaliser;
  }

  sample(stream: RandomStream): Float64Array {
    const z = new Float64Array(this.dimension);
    this.sampleInto(stream, z, 0);
    return z;
  }

  /** z = μ + L·ε. */
  sampleInto(stream: RandomStream, out: Float64Array, offset: number): void {
    const { mean: mu, factor, whitened: epsilon } = this;
    const d = mu.length;
    for (let i = 0; i < d; i++) {
      epsilon[i] = stream.normal();
      let sum = mu[i]!;
      for (let k = 0; k <= i; k++) sum += factor[i * d + k]! * epsilon[k]!;
      out[offset + i] = sum;
    }
  }

  meanVector(): Float64Array {
    return this.mean.slice();
  }

  covarianceMatrix(): Float64Array {
    return this.covariance.slice();
  }

  /** H = ½ ln det(2πe Σ). */
  entropy(): number {
    return this.logNormaliser + 0.5 * this.dimension;
  }

  /** What a notebook shows: a table of weights, means and standard deviations. */
  [display](): MimeBundle {
    return distributionBundle(this);
  }
}
