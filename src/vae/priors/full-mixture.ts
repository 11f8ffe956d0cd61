import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { factorOf, MultivariateNormal } from '../../distributions/multivariate-normal';
import { cholesky, solveLowerInPlace } from '../../math/linear-algebra';
import { logSoftmax as logSoftmax64 } from '../../math/log-sum-exp';
import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { type NamedVariables, variable } from '../networks';
import {
  boundedLogVariance,
  boundedLogVariance64,
  LOG_TWO_PI,
  logSoftmax,
  logSumExp,
  unboundedLogVariance,
} from '../tensor-math';
import { checkSameSize, logitsAndMeans, randomMixture } from './mixture-parameters';
import type { Prior } from './prior';

/**
 * Equation (10) with full covariances by the Cholesky factor of the precision, Σ_k⁻¹ = L_k·L_kᵀ:
 * ln N(z; μ_k, Σ_k) = Σ_j ln L_jj − ½‖L_kᵀ(z − μ_k)‖² − (d/2) ln 2π. No matrix is inverted and none can lose its
 * definiteness: the diagonal is L_jj = exp(−½ `boundedLogVariance(raw)`), below it L is free.
 */
export class FullMixturePrior implements Prior {
  readonly kind = 'gaussian-mixture' as const;
  readonly covariance = 'full' as const;
  readonly closedFormKl = null;
  readonly variables: NamedVariables;
  readonly dimension: number;
  readonly components: number;
  private readonly logits: tf.Variable;
  private readonly means: tf.Variable;
  private readonly rawLogVariances: tf.Variable;
  /** `[K, d, d]`; only what is strictly below the diagonal is read. */
  private readonly lower: tf.Variable;

  constructor(start: GaussianMixture) {
    const k = start.components.length;
    const d = start.dimension;
    const { logits, means } = logitsAndMeans(start);
    const { rawLogVariances, lower } = precisionFactors(start);
    this.components = k;
    this.dimension = d;
    this.logits = variable(logits, [k]);
    this.means = variable(means, [k, d]);
    this.rawLogVariances = variable(rawLogVariances, [k, d]);
    this.lower = variable(lower, [k, d, d]);
    this.variables = new Map([
      ['prior/logits', this.logits],
      ['prior/means', this.means],
      ['prior/raw-log-variances', this.rawLogVariances],
      ['prior/precision-lower', this.lower],
    ]);
  }

  static random(components: number, dimension: number, stream: RandomStream): FullMixturePrior {
    return new FullMixturePrior(randomMixture(components, dimension, stream));
  }

  logProb(z: tf.Tensor): tf.Tensor {
    const [k, d] = [this.components, this.dimension];
    const shape = z.shape.slice(0, -1);
    const points = tf.reshape(z, [1, -1, d]);
    const logVariances = boundedLogVariance(this.rawLogVariances); // [K, d]
    const difference = tf.sub(points, tf.expandDims(this.means, 1)); // [K, N, d]
    const whitened = tf.matMul(difference, this.factors(logVariances)); // [K, N, d]: rows (Lᵀ(z − μ))ᵀ
    const squares = tf.sum(tf.square(whitened), -1); // [K, N]
    const constants = tf.sum(tf.add(logVariances, LOG_TWO_PI), -1, true); // [K, 1]: −2 Σ_j ln L_jj + d ln 2π
    const components = tf.mul(tf.transpose(tf.add(squares, constants)), -0.5); // [N, K]
    return tf.reshape(logSumExp(tf.reshape(tf.add(components, logSoftmax(this.logits)), [-1, k])), shape);
  }

  /**
   * Replaces the parameters by those of a mixture of the same K and d.
   *
   * @throws InvalidArgumentError when K or d differ
   */
  assign(mixture: GaussianMixture): void {
    checkSameSize(mixture, this);
    const { logits, means } = logitsAndMeans(mixture);
    const { rawLogVariances, lower } = precisionFactors(mixture);
    const [k, d] = [this.components, this.dimension];
    tf.tidy(() => {
      this.logits.assign(tf.tensor(logits, [k]));
      this.means.assign(tf.tensor(means, [k, d]));
      this.rawLogVariances.assign(tf.tensor(rawLogVariances, [k, d]));
      this.lower.assign(tf.tensor(lower, [k, d, d]));
    });
  }

  distribution(): GaussianMixture {
    const [k, d] = [this.components, this.dimension];
    const [means, raw, lower] = [this.means.dataSync(), this.rawLogVariances.dataSync(), this.lower.dataSync()];
    const normals = Array.from({ length: k }, (_, component) => {
      const factor = new Float64Array(d * d);
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < i; j++) factor[i * d + j] = lower[(component * d + i) * d + j] as number;
        factor[i * d + i] = Math.exp(-0.5 * boundedLogVariance64(raw[component * d + i] as number));
      }
      const mean = Float64Array.from(means.subarray(component * d, (component + 1) * d));
      return MultivariateNormal.full(mean, inverseOfProduct(factor, d));
    });
    return new GaussianMixture(logSoftmax64(this.logits.dataSync()).map(Math.exp), normals);
  }

  /** L: `[K, d, d]`. */
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
    return tf.add(tf.mul(this.lower, below), tf.mul(tf.expandDims(diagonal, -1), identity));
  }
}

/** The raw diagonal `[K, d]` and the strict lower part `[K, d, d]` of each component's precision factor. */
function precisionFactors(mixture: GaussianMixture): { rawLogVariances: Float32Array; lower: Float32Array } {
  const d = mixture.dimension;
  const rawLogVariances = new Float32Array(mixture.components.length * d);
  const lower = new Float32Array(mixture.components.length * d * d);
  mixture.components.forEach((component, k) => {
    const factor = cholesky(inverseOfProduct(factorOf(component), d), d, `mixture.components[${k}].covariance`);
    for (let i = 0; i < d; i++) {
      rawLogVariances[k * d + i] = unboundedLogVariance(-2 * Math.log(factor[i * d + i] as number));
      for (let j = 0; j < i; j++) lower[(k * d + i) * d + j] = factor[i * d + j] as number;
    }
  });
  return { rawLogVariances, lower };
}

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
      for (let k = i; k < d; k++) sum += (inverse[k * d + i] as number) * (inverse[k * d + j] as number);
      product[i * d + j] = sum;
      product[j * d + i] = sum;
    }
  }
  return product;
}
