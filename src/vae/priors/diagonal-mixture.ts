import type { GaussianMixture } from '../../distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal, stddevOf } from '../../distributions/multivariate-normal';
import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import type { tf } from '../../tensors';
import { boundedLogVariance, boundedLogVariance64, componentLogProbs, unboundedLogVariance } from '../tensor-math';
import { type CovarianceParameters, MixturePrior } from './mixture-prior';
import { randomMixture } from './random-mixture';

/** `MixturePrior` with diagonal covariances: ln σ_k² = `boundedLogVariance(rawLogVariances)`. */
export class GaussianMixturePrior extends MixturePrior {
  readonly covariance = 'diagonal' as const;

  constructor(start: GaussianMixture) {
    super(start, rawLogVariancesOf);
  }

  static random(components: number, dimension: number, stream: RandomStream): GaussianMixturePrior {
    return new GaussianMixturePrior(randomMixture(components, dimension, stream));
  }

  protected override componentLogProbs(z: tf.Tensor): tf.Tensor {
    const logVariances = boundedLogVariance(this.parameter('prior/raw-log-variances'));
    return componentLogProbs(z, this.parameter('prior/means'), logVariances);
  }

  protected override component(k: number, mean: Float64Array, valuesOf: (name: string) => Float32Array): Gaussian {
    const d = mean.length;
    const raw = valuesOf('prior/raw-log-variances').subarray(k * d, (k + 1) * d);
    return MultivariateNormal.diagonal(
      mean,
      Float64Array.from(raw, (r) => Math.exp(0.5 * boundedLogVariance64(r))),
    );
  }
}

const rawLogVariancesOf: CovarianceParameters = (mixture) => {
  const values = Float32Array.from(
    mixture.components.flatMap((component, k) =>
      [...diagonal(component, k)].map((sigma) => unboundedLogVariance(2 * Math.log(sigma))),
    ),
  );
  return new Map([['prior/raw-log-variances', { values, shape: [mixture.components.length, mixture.dimension] }]]);
};

function diagonal(component: Gaussian, k: number): Float64Array {
  const stddev = stddevOf(component);
  if (stddev) return stddev;
  throw new InvalidArgumentError(
    `mixture.components[${k}]`,
    'expected a diagonal covariance, which is what this prior learns, got a full one',
  );
}
