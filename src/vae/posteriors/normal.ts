import { tf } from '../../tensors';
import { reparameterise } from '../posterior';
import { LOG_TWO_PI, stopGradient } from '../tensor-math';
import type { PosteriorFamily } from './family';

/** q(z|x) = N(μ, diag σ²). */
export function normalFamily(latent: number): PosteriorFamily {
  return {
    kind: 'normal',
    base: latent,
    context: 0,
    variables: new Map(),
    features: null,
    density: (prior) => prior,
    draw: (posterior, noise, stickingTheLanding = false) => {
      const z = reparameterise(posterior, noise);
      return { z, logProb: () => normalLogProb(posterior, z, noise, stickingTheLanding) };
    },
  };
}

/**
 * ln q(z|x), `[S, n]`, at z = μ + σ·ε. The squares in ln q are ε² itself, which loses nothing to rounding:
 * ln q(z|x) = −½ Σ_j (ln 2π + ln σ_j² + ε_j²). Sticking the landing, ε is what (z − μ̄)/σ̄ is with μ̄ and σ̄ held fixed: the same
 * value, with the gradient of z alone.
 */
export function normalLogProb(
  { logVariance }: { readonly logVariance: tf.Tensor },
  z: tf.Tensor3D,
  noise: tf.Tensor3D,
  stickingTheLanding = false,
): tf.Tensor2D {
  const fixed = stickingTheLanding ? stopGradient(logVariance) : logVariance;
  const epsilon = stickingTheLanding
    ? tf.add(noise, tf.mul(tf.sub(z, stopGradient(z)), tf.exp(tf.mul(fixed, -0.5))))
    : noise;
  return tf.mul(tf.sum(tf.add(tf.add(tf.square(epsilon), fixed), LOG_TWO_PI), -1), -0.5);
}
