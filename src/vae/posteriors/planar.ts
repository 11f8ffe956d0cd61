import { tf } from '../../tensors';
import { softplus } from '../tensor-math';
import type { Flow } from './flow';

/** Keeps the determinant from zero, whose logarithm float32 would have as −∞. */
const SMALLEST = 1e-3;

/** So that m(0) = 0: u = 0 is no step at all. */
const SHIFT = Math.log(Math.E - 1);

/** Keeps wᵀû·w/‖w‖² from 0/0. */
const TINY = 1e-12;

/**
 * Planar flows (Rezende and Mohamed, 2015), whose u, w and b the encoder gives for every image:
 *
 *   z' = z + û·tanh(wᵀz + b),   ln|det ∂z'/∂z| = ln(1 + (1 − tanh²(wᵀz + b))·wᵀû)
 *
 * with û = u + (m(wᵀu) − wᵀu)·w/‖w‖², so that wᵀû = m(wᵀu) > −1 and the map can be inverted (their appendix A.1). Theirs is
 * m(a) = softplus(a) − 1; here it is shifted, softplus(a + ln(e − 1)) − 1, so that a flow with u = 0 leaves z as it is.
 */
export function planarFlow(dimension: number, length: number): Flow {
  const each = 2 * dimension + 1;
  return {
    context: length * each,
    variables: new Map(),
    apply: (start, context) => {
      const sizes = Array.from({ length }, () => [dimension, dimension, 1]).flat();
      const parameters = tf.split(context, sizes, 1);
      let [z, logDet] = [start, tf.zeros(start.shape.slice(0, -1)) as tf.Tensor];
      for (let k = 0; k < length; k++) {
        const [u, w, b] = parameters.slice(3 * k, 3 * k + 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
        const step = planarStep(z, u, w, b);
        z = step.z as tf.Tensor3D;
        logDet = tf.add(logDet, step.logDet);
      }
      return { z, logDet: logDet as tf.Tensor2D };
    },
  };
}

/** One step: z `[S, n, d]`, u and w `[n, d]`, b `[n, 1]`. */
function planarStep(z: tf.Tensor, u: tf.Tensor, w: tf.Tensor, b: tf.Tensor): { z: tf.Tensor; logDet: tf.Tensor } {
  const product = tf.sum(tf.mul(w, u), -1, true); // wᵀu, [n, 1]
  const wanted = tf.mul(tf.sub(softplus(tf.add(product, SHIFT)), 1), 1 - SMALLEST);
  const square = tf.sum(tf.square(w), -1, true);
  const guarded = tf.add(square, TINY);
  const change = tf.div(tf.sub(wanted, product), guarded);
  const direction = tf.add(u, tf.mul(change, w)); // û
  // wᵀû, without the difference of large numbers
  const slope = tf.div(tf.add(tf.mul(wanted, square), tf.mul(product, TINY)), guarded);
  const bent = tf.tanh(tf.add(tf.sum(tf.mul(z, w), -1, true), b)); // [S, n, 1]
  const logDet = tf.log1p(tf.mul(tf.sub(1, tf.square(bent)), slope));
  return { z: tf.add(z, tf.mul(direction, bent)), logDet: tf.squeeze(logDet, [-1]) };
}
