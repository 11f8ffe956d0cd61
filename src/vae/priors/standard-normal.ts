import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { MultivariateNormal } from '../../distributions/multivariate-normal';
import { tf } from '../../tensors';
import { checkSize, type NamedVariables } from '../networks';
import { klToStandardNormal, LOG_TWO_PI } from '../tensor-math';
import type { Prior } from './prior';

/** p = N(0, I). Its KL term is equation (9), or `sampled`: equation (11), the estimate that every other prior has to make do with. */
export class StandardNormalPrior implements Prior {
  readonly kind = 'standard-normal' as const;
  readonly components = 1;
  readonly variables: NamedVariables = new Map();
  readonly shared = null;
  readonly closedFormKl: Prior['closedFormKl'];

  constructor(
    readonly dimension: number,
    { sampled = false }: { readonly sampled?: boolean } = {},
  ) {
    checkSize('dimension', dimension);
    this.closedFormKl = sampled ? null : klToStandardNormal;
  }

  logProb(z: tf.Tensor): tf.Tensor {
    return tf.mul(tf.sum(tf.add(tf.square(z), LOG_TWO_PI), -1), -0.5);
  }

  frozen(): this {
    return this;
  }

  distribution(): GaussianMixture {
    const d = this.dimension;
    return new GaussianMixture([1], [MultivariateNormal.diagonal(new Float64Array(d), new Float64Array(d).fill(1))]);
  }
}
