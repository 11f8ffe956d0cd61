import type { GaussianMixture } from '../../distributions/gaussian-mixture';
import { factorOf, type Gaussian, MultivariateNormal } from '../../distributions/multivariate-normal';
import { cholesky, solveLowerInPlace } from '../../math/linear-algebra';
import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { tf } from '../../tensors';
import { checkElements } from '../networks';
import { boundedLogVariance, boundedLogVariance64, LOG_TWO_PI, unboundedLogVariance } from '../tensor-math';
import { type CovarianceParameters, MixturePrior } from './mixture-prior';
import { randomMixture } from './random-mixture';

/**
 * `MixturePrior` with full covariances by the Cholesky factor of the precision, Σ_k⁻¹ = L_k·L_kᵀ:
 * ln N(z; μ_k, Σ_k) = Σ_j ln L_jj − ½‖L_kᵀ(z − μ_k)‖² − (d/2) ln 2π. No matrix is inverted and none can lose its
 * definiteness: the diagonal is L_jj = exp(−½ `boundedLogVariance(raw)`), below it L is free.
 */
export class FullMixturePrior extends MixturePrior {
  readonly covariance = 'full' as const;

  constructor(start: GaussianMixture) {
    super(start, precisionFactors);
  }

  static random(components: number, dimension: number, stream: RandomStream): FullMixturePrior {
    checkElements('components', [components, dimension, dimension]);
    return new FullMixturePrior(randomMixture(components, dimension, stream));
  }

  protected override componentLogProbs(z: tf.Tensor): tf.Tensor {
    const [k, d] = [this.components, this.dimension];
    const points = tf.reshape(z, [1, -1, d]);
    const logVariances = boundedLogVariance(this.parameter('prior/raw-log-variances')); // [K, d]
    const difference = tf.sub(points, tf.expandDims(this.parameter('prior/means'), 1)); // [K, N, d]
    const whitened = tf.matMul(difference, this.factors(logVariances)); // [K, N, d]: rows (Lᵀ(z − μ))ᵀ
    const squares = tf.sum(tf.square(whitened), -1); // [K, N]
    const constants = tf.sum(tf.add(logVariances, LOG_TWO_PI), -1, true); // [K, 1]: −2 Σ_j ln L_jj + d ln 2π
    const logProbs = tf.mul(tf.transpose(tf.add(squares, constants)), -0.5); // [N, K]
    return tf.reshape(logProbs, [...z.shape.slice(0, -1), k]);
  }

  protected override component(k: number, mean: Float64Array, valuesOf: (name: string) => Float32Array): Gaussian {
    const d = mean.length;
    const [raw, lower] = [valuesOf('prior/raw-log-variances'), valuesOf('prior/precision-lower')];
    const factor = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < i; j++) factor[i * d + j] = nth(lower, (k * d + i) * d + j);
      factor[i * d + i] = Math.exp(-0.5 * boundedLogVariance64(nth(raw, k * d + i)));
    }
    return MultivariateNormal.full(mean, inverseOfProduct(factor, d));
  }

  /** L: `[K, d, d]`; only what is strictly below the diagonal of the parameter is read. */
  private factors(logVariances: tf.Tensor): tf.Tensor {
    const d = this.dimension;
    const below = tf.tensor(
      Float32Array.from({ length: d * d }, (_, at) => (at % d < Math.floor(at / d) ? 1 : 0)),
      [d, d],
    );
    const identity = tf.tensor(
      Float32Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0)),
      [d, d],
    );
    const diagonal = tf.exp(tf.mul(logVariances, -0.5)); // [K, d]
    return tf.add(
      tf.mul(this.parameter('prior/precision-lower'), below),
      tf.mul(tf.expandDims(diagonal, -1), identity),
    );
  }
}

/**
 * The raw diagonal `[K, d]` and the strict lower part `[K, d, d]` of each component's precision factor. Row j of Lᵀ says what z_j is,
 * given the coordinates after it: variance L_jj⁻², regression on z_i by −L_ij/L_jj. Where that variance is out of bounds, the
 * whole row is scaled to the nearest that is not, so that the regression stays what it was.
 */
const precisionFactors: CovarianceParameters = (mixture) => {
  const [k, d] = [mixture.components.length, mixture.dimension];
  const rawLogVariances = new Float32Array(k * d);
  const lower = new Float32Array(k * d * d);
  mixture.components.forEach((component, c) => {
    const factor = cholesky(inverseOfProduct(factorOf(component), d), d, `mixture.components[${c}].covariance`);
    for (let j = 0; j < d; j++) {
      const diagonal = nth(factor, j * d + j);
      const raw = unboundedLogVariance(-2 * Math.log(diagonal));
      const scale = Math.exp(-0.5 * boundedLogVariance64(raw)) / diagonal;
      rawLogVariances[c * d + j] = raw;
      for (let i = j + 1; i < d; i++) lower[(c * d + i) * d + j] = scale * nth(factor, i * d + j);
    }
  });
  return new Map([
    ['prior/raw-log-variances', { values: rawLogVariances, shape: [k, d] }],
    ['prior/precision-lower', { values: lower, shape: [k, d, d] }],
  ]);
};

/** (L·Lᵀ)⁻¹ = L⁻ᵀ·L⁻¹ of a lower triangular L, all row-major d×d. */
function inverseOfProduct(lower: Float64Array, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let column = 0; column < d; column++) {
    inverse[column * d + column] = 1;
    solveLowerInPlace(lower, d, inverse, column, d);
  }
  const product = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < d; k++) sum += nth(inverse, k * d + i) * nth(inverse, k * d + j);
      product[i * d + j] = sum;
      product[j * d + i] = sum;
    }
  }
  return product;
}
