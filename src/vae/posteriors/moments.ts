import { tf } from '../../tensors';
import type { Posterior } from '../posterior';
import type { PosteriorFamily } from './family';

/** Mean and standard deviation of q(z|x), `[n, d]` each. */
export interface PosteriorMoments {
  readonly mean: tf.Tensor2D;
  readonly stddev: tf.Tensor2D;
}

/**
 * Mean and standard deviation of each coordinate of z. Where q(z|x) is no normal, by the cubature rule of degree 3 (Arasaratnam and Haykin,
 * 2009): the 2d points ε = ±√d·e_j, equally weighted. It is exact where z is linear in ε, needs no random numbers, and follows a gently curved
 * map to second order.
 */
export function momentsOf(family: PosteriorFamily, posterior: Posterior, dimension: number): PosteriorMoments {
  if (family.kind === 'normal') {
    return { mean: posterior.mean, stddev: tf.exp(tf.mul(posterior.logVariance, 0.5)) };
  }
  const { z } = family.draw(posterior, cubaturePoints(dimension));
  const mean = tf.mean(z, 0) as tf.Tensor2D;
  return { mean, stddev: tf.sqrt(tf.mean(tf.square(tf.sub(z, mean)), 0)) };
}

/** `[2d, 1, d]`: the same for every image. */
function cubaturePoints(d: number): tf.Tensor3D {
  const values = new Float32Array(2 * d * d);
  for (let j = 0; j < d; j++) {
    values[2 * j * d + j] = Math.sqrt(d);
    values[(2 * j + 1) * d + j] = -Math.sqrt(d);
  }
  return tf.tensor3d(values, [2 * d, 1, d]);
}
