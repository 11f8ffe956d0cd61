import type { tf } from '../../tensors';
import type { Layer, NamedVariables } from '../networks';
import type { Posterior } from '../posterior';
import type { PriorDensity } from '../priors/prior';

/** Samples of z, and their density. */
export interface Draw {
  /** `[S, n, d]`. */
  readonly z: tf.Tensor3D;
  /** ln q(z|x), `[S, n]` nats. */
  logProb(): tf.Tensor2D;
}

/** How q(z|x) is made of what the encoder gives. */
export interface PosteriorFamily {
  /** `normal`: q(z|x) = N(μ, diag σ²), whose KL term may have a closed form. */
  readonly kind: 'normal' | 'flow' | 'hierarchy';
  /** Dimensions of the normal that the encoder gives, from which z is made. */
  readonly base: number;
  /** Numbers that the encoder gives for an image besides means and log variances. */
  readonly context: number;
  readonly variables: NamedVariables;
  /** What gives the context, `[n, D] → [n, context]`; null where the encoder does. */
  readonly features: Layer | null;
  /** ln p(z), and where there is a closed form of the KL term, that; from the density that the prior has. */
  density(prior: PriorDensity): PriorDensity;
  /** z of noise ε ~ N(0, I), `[S, n, d]`. */
  draw(posterior: Posterior, noise: tf.Tensor3D, stickingTheLanding?: boolean): Draw;
}
