import { tf } from '../tensors';

/** q(z|x) = N(mean, diag σ²), one row per image. */
export interface Posterior {
  readonly mean: tf.Tensor2D;
  /** ln σ², already bounded (numerical rule 5). */
  readonly logVariance: tf.Tensor2D;
}

/** z = μ + σ·ε: `[samples, n, d]`. */
export function reparameterise({ mean, logVariance }: Posterior, noise: tf.Tensor3D): tf.Tensor3D {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
}
