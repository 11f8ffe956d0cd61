import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { MultivariateNormal } from '../../distributions/multivariate-normal';
import { tf } from '../../tensors';
import { type NamedVariables, variable } from '../networks';
import type { Posterior } from '../posterior';
import { componentLogProbs, logSumExp } from '../tensor-math';
import type { Prior } from './prior';

/** Pixels as probabilities keep this far from 0 and 1, where the sigmoid's slope vanishes. */
const MARGIN = 0.01;

/**
 * The variational mixture of posteriors (Tomczak and Welling, 2018): p(z) = 1/K Σ_k q(z|u_k), where the K pseudo-inputs
 * u_k = sigmoid(logits) are images that are learned together with the encoder.
 */
export class VampPrior implements Prior {
  readonly kind = 'vamp' as const;
  readonly closedFormKl = null;
  readonly variables: NamedVariables;
  readonly components: number;
  private readonly pseudoInputLogits: tf.Variable;

  /**
   * @param encode the model's own q(z|x)
   * @param start the first pseudo-inputs, `[K, D]` in [0, 1], row-major
   */
  constructor(
    readonly dimension: number,
    private readonly encode: (x: tf.Tensor2D) => Posterior,
    start: Float32Array,
    pixels: number,
  ) {
    this.components = start.length / pixels;
    const logits = start.map((u) => {
      const p = Math.min(Math.max(u, MARGIN), 1 - MARGIN);
      return Math.log(p / (1 - p));
    });
    this.pseudoInputLogits = variable(logits, [this.components, pixels]);
    this.variables = new Map([['prior/pseudo-input-logits', this.pseudoInputLogits]]);
  }

  logProb(z: tf.Tensor): tf.Tensor {
    const { mean, logVariance } = this.posteriors(); // [K, d] each
    const components = componentLogProbs(z, mean, logVariance); // […, K]
    return tf.sub(logSumExp(components), Math.log(this.components));
  }

  distribution(): GaussianMixture {
    const [k, d] = [this.components, this.dimension];
    const { mean, logVariance } = tf.tidy(() => ({ ...this.posteriors() }));
    const [means, logVariances] = [mean.dataSync<'float32'>(), logVariance.dataSync<'float32'>()];
    tf.dispose([mean, logVariance]);
    const normals = Array.from({ length: k }, (_, i) => {
      const row = (values: Float32Array) => Float64Array.from(values.subarray(i * d, (i + 1) * d));
      return MultivariateNormal.diagonal(
        row(means),
        row(logVariances).map((v) => Math.exp(0.5 * v)),
      );
    });
    return new GaussianMixture(Array(k).fill(1 / k), normals);
  }

  private posteriors(): Posterior {
    return this.encode(tf.sigmoid(this.pseudoInputLogits) as tf.Tensor2D);
  }
}
