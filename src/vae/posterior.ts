import { tf } from '../tensors';

/** What the encoder says of q(z|x), one row per image: N(mean, diag σ²), or where a `PosteriorFamily` starts from. */
export interface Posterior {
  readonly mean: tf.Tensor2D;
  /** ln σ², already bounded (numerical rule 5). */
  readonly logVariance: tf.Tensor2D;
  /** What else the family needs, `[n, context]`; absent where it needs nothing. */
  readonly context?: tf.Tensor2D;
}

/** z = μ + σ·ε: `[samples, n, d]`. */
export function reparameterise({ mean, logVariance }: Posterior, noise: tf.Tensor3D): tf.Tensor3D {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
}
