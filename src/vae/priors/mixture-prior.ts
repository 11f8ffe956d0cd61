import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { type Gaussian, meanOf } from '../../distributions/multivariate-normal';
import { InvalidArgumentError } from '../../errors';
import { tf } from '../../tensors';
import { type NamedVariables, variable } from '../networks';
import { logSoftmax, logSumExp } from '../tensor-math';
import type { Prior } from './prior';

/** A learned array with its first values, row-major. */
export interface Parameter {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** The parameters of a mixture's covariances, by name; the same names and order for every mixture. */
export type CovarianceParameters = (mixture: GaussianMixture) => ReadonlyMap<string, Parameter>;

/** A weight of zero has no logit: it becomes e^−30, small enough to stay out of every sum in float32. */
const SMALLEST_LOG_WEIGHT = -30;

/** Equation (10) with learned parameters: p(z) = Σ_k π_k N(z; μ_k, Σ_k), π = softmax(logits). How Σ_k is written is the subclass's. */
export abstract class MixturePrior implements Prior {
  readonly kind = 'gaussian-mixture' as const;
  abstract readonly covariance: 'diagonal' | 'full';
  readonly closedFormKl = null;
  readonly shared = null;
  readonly variables: NamedVariables;
  readonly dimension: number;
  readonly components: number;

  /** @throws InvalidArgumentError when a covariance's form is not the one that is learned */
  protected constructor(
    start: GaussianMixture,
    private readonly covarianceParameters: CovarianceParameters,
  ) {
    this.components = start.components.length;
    this.dimension = start.dimension;
    this.variables = new Map(
      [...parametersOf(start, covarianceParameters)].map(([name, { values, shape }]) => [
        name,
        variable(values, shape),
      ]),
    );
  }

  /** ln N(z; μ_k, Σ_k): `[…, d]` to `[…, K]`. */
  protected abstract componentLogProbs(z: tf.Tensor): tf.Tensor;

  /** N(μ_k, Σ_k) of component `k`, from the values of the parameters. */
  protected abstract component(k: number, mean: Float64Array, valuesOf: (name: string) => Float32Array): Gaussian;

  /** Each component's sum over dimensions first, then one log-sum-exp over components (numerical rules 1 and 2). */
  logProb(z: tf.Tensor): tf.Tensor {
    return logSumExp(tf.add(this.componentLogProbs(z), logSoftmax(this.parameter('prior/logits'))));
  }

  /** The parameters themselves: nothing else depends on them alone. */
  frozen(): this {
    return this;
  }

  /**
   * Replaces the parameters by those of a mixture of the same K and d, for instance one that EM fitted to encodings.
   *
   * @throws InvalidArgumentError when K, d or a covariance's form differ
   */
  assign(mixture: GaussianMixture): void {
    const [k, d] = [mixture.components.length, mixture.dimension];
    if (k !== this.components || d !== this.dimension) {
      throw new InvalidArgumentError(
        'mixture',
        `expected ${this.components} components of dimension ${this.dimension}, got ${k} of ${d}`,
      );
    }
    const parameters = parametersOf(mixture, this.covarianceParameters);
    tf.tidy(() => {
      for (const [name, { values, shape }] of parameters) this.parameter(name).assign(tf.tensor(values, shape));
    });
  }

  distribution(): GaussianMixture {
    const d = this.dimension;
    const values = new Map([...this.variables].map(([name, own]) => [name, own.dataSync<'float32'>()]));
    const valuesOf = (name: string): Float32Array => values.get(name) as Float32Array;
    const components = Array.from({ length: this.components }, (_, k) => {
      const mean = Float64Array.from(valuesOf('prior/means').subarray(k * d, (k + 1) * d));
      return this.component(k, mean, valuesOf);
    });
    return GaussianMixture.fromLogits(valuesOf('prior/logits'), components);
  }

  protected parameter(name: string): tf.Variable {
    return this.variables.get(name) as tf.Variable;
  }
}

function parametersOf(mixture: GaussianMixture, covariances: CovarianceParameters): ReadonlyMap<string, Parameter> {
  const [k, d] = [mixture.components.length, mixture.dimension];
  const logits = Float32Array.from(mixture.logWeights, (w) => Math.max(w, SMALLEST_LOG_WEIGHT));
  const means = Float32Array.from(mixture.components.flatMap((component) => [...meanOf(component)]));
  return new Map<string, Parameter>([
    ['prior/logits', { values: logits, shape: [k] }],
    ['prior/means', { values: means, shape: [k, d] }],
    ...covariances(mixture),
  ]);
}
