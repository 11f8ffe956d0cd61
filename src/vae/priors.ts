import { GaussianMixture } from '../distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal, meanOf, stddevOf } from '../distributions/multivariate-normal';
import { InvalidArgumentError } from '../errors';
import { logSoftmax as logSoftmax64 } from '../math/log-sum-exp';
import type { RandomStream } from '../math/random';
import { tf } from '../tensors';
import { checkSize, type NamedVariables, variable } from './networks';
import {
  boundedLogVariance,
  diagonalNormalLogProb,
  klToStandardNormal,
  LOG_TWO_PI,
  LOG_VARIANCE_BOUND,
  logSoftmax,
  logSumExp,
  unboundedLogVariance,
} from './tensor-math';

/** p(z) over ℝ^d with whatever parameters it learns. */
export interface Prior {
  readonly kind: 'standard-normal' | 'gaussian-mixture';
  /** d. */
  readonly dimension: number;
  readonly variables: NamedVariables;

  /** ln p(z) in nats: `[…, d] → […]`. Differentiable in z and in the parameters. */
  logProb(z: tf.Tensor): tf.Tensor;

  /**
   * KL(N(mean, diag σ²) ‖ p) in nats, `[…, d] → […]`, where it has a closed form; null where it has none and equation (11)
   * must be used.
   */
  readonly closedFormKl: ((mean: tf.Tensor, logVariance: tf.Tensor) => tf.Tensor) | null;

  /** The density as it is now, in float64. A prior with one component is a mixture with K = 1. */
  distribution(): GaussianMixture;
}

/** p = N(0, I). */
export class StandardNormalPrior implements Prior {
  readonly kind = 'standard-normal' as const;
  readonly variables: NamedVariables = new Map();
  readonly closedFormKl: (mean: tf.Tensor, logVariance: tf.Tensor) => tf.Tensor = klToStandardNormal;

  constructor(readonly dimension: number) {
    checkSize('dimension', dimension);
  }

  logProb(z: tf.Tensor): tf.Tensor {
    return tf.mul(tf.sum(tf.add(tf.square(z), LOG_TWO_PI), -1), -0.5);
  }

  distribution(): GaussianMixture {
    const d = this.dimension;
    return new GaussianMixture([1], [MultivariateNormal.diagonal(new Float64Array(d), new Float64Array(d).fill(1))]);
  }
}

/**
 * Equation (10) with learned parameters: p(z) = Σ_k π_k N(z; μ_k, diag σ_k²), π = softmax(logits),
 * ln σ_k² = `boundedLogVariance(rawLogVariances)`.
 */
export class GaussianMixturePrior implements Prior {
  readonly kind = 'gaussian-mixture' as const;
  readonly closedFormKl = null;
  readonly variables: NamedVariables;
  readonly dimension: number;
  /** K. */
  readonly components: number;
  private readonly logits: tf.Variable;
  private readonly means: tf.Variable;
  private readonly rawLogVariances: tf.Variable;

  constructor(start: GaussianMixture) {
    const k = start.components.length;
    const d = start.dimension;
    const { logits, means, rawLogVariances } = parametersOf(start);
    this.components = k;
    this.dimension = d;
    this.logits = variable(logits, [k]);
    this.means = variable(means, [k, d]);
    this.rawLogVariances = variable(rawLogVariances, [k, d]);
    this.variables = new Map([
      ['prior/logits', this.logits],
      ['prior/means', this.means],
      ['prior/raw-log-variances', this.rawLogVariances],
    ]);
  }

  /** Equal weights, means drawn from N(0, I), unit variances: a fair start when nothing is known of the latent space. */
  static random(components: number, dimension: number, stream: RandomStream): GaussianMixturePrior {
    checkSize('components', components);
    checkSize('dimension', dimension);
    const ones = new Float64Array(dimension).fill(1);
    const normals = Array.from({ length: components }, () => {
      const mean = new Float64Array(dimension);
      stream.fillNormal(mean);
      return MultivariateNormal.diagonal(mean, ones);
    });
    return new GaussianMixturePrior(new GaussianMixture(Array(components).fill(1 / components), normals));
  }

  /** Each component's sum over dimensions first, then one log-sum-exp over components (numerical rules 1 and 2). */
  logProb(z: tf.Tensor): tf.Tensor {
    const components = diagonalNormalLogProb(
      tf.expandDims(z, -2), // […, 1, d]
      this.means, // [K, d]
      boundedLogVariance(this.rawLogVariances), // [K, d]
    ); // […, K]
    return logSumExp(tf.add(components, logSoftmax(this.logits)));
  }

  /**
   * Replaces the parameters by those of a diagonal mixture of the same K and d, for instance one that EM fitted to encodings.
   *
   * @throws InvalidArgumentError when K, d or a covariance's form differ
   */
  assign(mixture: GaussianMixture): void {
    if (mixture.components.length !== this.components || mixture.dimension !== this.dimension) {
      throw new InvalidArgumentError(
        'mixture',
        `expected ${this.components} components of dimension ${this.dimension}, got ${mixture.components.length} of ${mixture.dimension}`,
      );
    }
    const { logits, means, rawLogVariances } = parametersOf(mixture);
    tf.tidy(() => {
      this.logits.assign(tf.tensor(logits, [this.components]));
      this.means.assign(tf.tensor(means, [this.components, this.dimension]));
      this.rawLogVariances.assign(tf.tensor(rawLogVariances, [this.components, this.dimension]));
    });
  }

  distribution(): GaussianMixture {
    const [means, raw] = [this.means.dataSync(), this.rawLogVariances.dataSync()];
    const d = this.dimension;
    const normals = Array.from({ length: this.components }, (_, k) =>
      MultivariateNormal.diagonal(
        Float64Array.from(means.subarray(k * d, (k + 1) * d)),
        Float64Array.from(raw.subarray(k * d, (k + 1) * d), (r) =>
          Math.exp(0.5 * LOG_VARIANCE_BOUND * Math.tanh(r / LOG_VARIANCE_BOUND)),
        ),
      ),
    );
    return new GaussianMixture(logSoftmax64(this.logits.dataSync()).map(Math.exp), normals);
  }
}

/** A weight of zero has no logit: it becomes e^−30, small enough to stay out of every sum in float32. */
const SMALLEST_LOG_WEIGHT = -30;

function parametersOf(mixture: GaussianMixture): Record<'logits' | 'means' | 'rawLogVariances', Float32Array> {
  const stddevs = mixture.components.map((component, k) => diagonal(component, k));
  return {
    logits: Float32Array.from(mixture.logWeights, (w) => Math.max(w, SMALLEST_LOG_WEIGHT)),
    means: Float32Array.from(mixture.components.flatMap((component) => [...meanOf(component)])),
    rawLogVariances: Float32Array.from(
      stddevs.flatMap((sigmas) => [...sigmas].map((sigma) => unboundedLogVariance(2 * Math.log(sigma)))),
    ),
  };
}

function diagonal(component: Gaussian, k: number): Float64Array {
  const stddev = stddevOf(component);
  if (stddev) return stddev;
  throw new InvalidArgumentError(
    `mixture.components[${k}]`,
    'expected a diagonal covariance, which is what this prior learns, got a full one',
  );
}
