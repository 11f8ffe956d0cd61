import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { MultivariateNormal } from '../../distributions/multivariate-normal';
import { named, nth } from '../../nth';
import { tf } from '../../tensors';
import { type NamedVariables, variable } from '../networks';
import type { Posterior } from '../posterior';
import { componentLogProbs, logSumExp } from '../tensor-math';
import type { Prior, PriorDensity, SharedWork } from './prior';

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
  readonly shared: SharedWork;
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
    const shape = [this.components, dimension];
    this.shared = {
      shapes: { means: shape, logVariances: shape },
      compute: () => {
        const { mean, logVariance } = this.posteriors();
        return { means: mean, logVariances: logVariance };
      },
      density: (given) => densityOf(named(given, 'means'), named(given, 'logVariances')),
    };
  }

  logProb(z: tf.Tensor): tf.Tensor {
    const { mean, logVariance } = this.posteriors();
    return equalMixtureLogProb(z, mean, logVariance);
  }

  /** The prior as it stands, without the encoder's work on the pseudo-inputs in every evaluation. */
  frozen(): PriorDensity {
    const { means, logVariances } = this.posteriorValues();
    const shape: [number, number] = [this.components, this.dimension];
    return {
      closedFormKl: null,
      logProb: (z) => equalMixtureLogProb(z, tf.tensor2d(means, shape), tf.tensor2d(logVariances, shape)),
    };
  }

  distribution(): GaussianMixture {
    const [k, d] = [this.components, this.dimension];
    const { means, logVariances } = this.posteriorValues();
    const normals = Array.from({ length: k }, (_, i) => {
      const row = (values: Float32Array) => Float64Array.from(values.subarray(i * d, (i + 1) * d));
      return MultivariateNormal.diagonal(
        row(means),
        row(logVariances).map((v) => Math.exp(0.5 * v)),
      );
    });
    return new GaussianMixture(Array(k).fill(1 / k), normals);
  }

  /** The components, `[K, d]` each. */
  private posteriors(): Posterior {
    return this.encode(tf.sigmoid(this.pseudoInputLogits) as tf.Tensor2D);
  }

  private posteriorValues(): { means: Float32Array; logVariances: Float32Array } {
    return tf.tidy(() => {
      const { mean, logVariance } = this.posteriors();
      return { means: mean.dataSync<'float32'>(), logVariances: logVariance.dataSync<'float32'>() };
    });
  }
}

function densityOf(means: tf.Tensor, logVariances: tf.Tensor): PriorDensity {
  return { closedFormKl: null, logProb: (z) => equalMixtureLogProb(z, means, logVariances) };
}

/** ln 1/K Σ_k N(z; μ_k, diag σ_k²): `[…, d] → […]`. */
function equalMixtureLogProb(z: tf.Tensor, mean: tf.Tensor, logVariance: tf.Tensor): tf.Tensor {
  return tf.sub(logSumExp(componentLogProbs(z, mean, logVariance)), Math.log(nth(mean.shape, 0)));
}
