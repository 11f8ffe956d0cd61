import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal, stddevOf } from '../../distributions/multivariate-normal';
import { InvalidArgumentError } from '../../errors';
import { logSoftmax as logSoftmax64 } from '../../math/log-sum-exp';
import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { type NamedVariables, variable } from '../networks';
import {
  boundedLogVariance,
  boundedLogVariance64,
  componentLogProbs,
  logSoftmax,
  logSumExp,
  unboundedLogVariance,
} from '../tensor-math';
import { checkSameSize, logitsAndMeans, randomMixture } from './mixture-parameters';
import type { Prior } from './prior';

/**
 * Equation (10) with learned parameters: p(z) = Σ_k π_k N(z; μ_k, diag σ_k²), π = softmax(logits),
 * ln σ_k² = `boundedLogVariance(rawLogVariances)`.
 */
export class GaussianMixturePrior implements Prior {
  readonly kind = 'gaussian-mixture' as const;
  readonly covariance = 'diagonal' as const;
  readonly closedFormKl = null;
  readonly variables: NamedVariables;
  readonly dimension: number;
  readonly components: number;
  private readonly logits: tf.Variable;
  private readonly means: tf.Variable;
  private readonly rawLogVariances: tf.Variable;

  constructor(start: GaussianMixture) {
    const k = start.components.length;
    const d = start.dimension;
    const { logits, means } = logitsAndMeans(start);
    this.components = k;
    this.dimension = d;
    this.logits = variable(logits, [k]);
    this.means = variable(means, [k, d]);
    this.rawLogVariances = variable(rawLogVariancesOf(start), [k, d]);
    this.variables = new Map([
      ['prior/logits', this.logits],
      ['prior/means', this.means],
      ['prior/raw-log-variances', this.rawLogVariances],
    ]);
  }

  static random(components: number, dimension: number, stream: RandomStream): GaussianMixturePrior {
    return new GaussianMixturePrior(randomMixture(components, dimension, stream));
  }

  /** Each component's sum over dimensions first, then one log-sum-exp over components (numerical rules 1 and 2). */
  logProb(z: tf.Tensor): tf.Tensor {
    const components = componentLogProbs(z, this.means, boundedLogVariance(this.rawLogVariances)); // […, K]
    return logSumExp(tf.add(components, logSoftmax(this.logits)));
  }

  /**
   * Replaces the parameters by those of a diagonal mixture of the same K and d, for instance one that EM fitted to encodings.
   *
   * @throws InvalidArgumentError when K, d or a covariance's form differ
   */
  assign(mixture: GaussianMixture): void {
    checkSameSize(mixture, this);
    const { logits, means } = logitsAndMeans(mixture);
    const raw = rawLogVariancesOf(mixture);
    tf.tidy(() => {
      this.logits.assign(tf.tensor(logits, [this.components]));
      this.means.assign(tf.tensor(means, [this.components, this.dimension]));
      this.rawLogVariances.assign(tf.tensor(raw, [this.components, this.dimension]));
    });
  }

  distribution(): GaussianMixture {
    const [means, raw] = [this.means.dataSync(), this.rawLogVariances.dataSync()];
    const d = this.dimension;
    const normals = Array.from({ length: this.components }, (_, k) =>
      MultivariateNormal.diagonal(
        Float64Array.from(means.subarray(k * d, (k + 1) * d)),
        Float64Array.from(raw.subarray(k * d, (k + 1) * d), (r) => Math.exp(0.5 * boundedLogVariance64(r))),
      ),
    );
    return new GaussianMixture(logSoftmax64(this.logits.dataSync()).map(Math.exp), normals);
  }
}

function rawLogVariancesOf(mixture: GaussianMixture): Float32Array {
  return Float32Array.from(
    mixture.components.flatMap((component, k) =>
      [...diagonal(component, k)].map((sigma) => unboundedLogVariance(2 * Math.log(sigma))),
    ),
  );
}

function diagonal(component: Gaussian, k: number): Float64Array {
  const stddev = stddevOf(component);
  if (stddev) return stddev;
  throw new InvalidArgumentError(
    `mixture.components[${k}]`,
    'expected a diagonal covariance, which is what this prior learns, got a full one',
  );
}
