import { tf } from '../../tensors';

/** Added to the norm, so that a zero gradient is not divided by zero. */
export const NORM_FLOOR = 1e-7;

/**
 * Adam on gradients that are normalised variable by variable: g ← g/(‖g‖ + 1e-7) with ‖g‖ the Euclidean norm of that variable's own
 * gradient, then Adam's step with ε = 1e-8. What the published code of the VampPrior trains with (Tomczak and Welling, 2018,
 * `AdamNormGrad` in `utils/optimizer.py`); there ε is added to √v and here, as in Kingma and Ba's algorithm 1, to √v̂. An ordinary tfjs
 * optimizer; compiled on `cpu`, it runs as one fused pass.
 *
 * @example
 * ```ts
 * import { AdamNormGradOptimizer, tf } from 'gmm-vae';
 *
 * const x = tf.variable(tf.tensor1d([3, 4]));
 * new AdamNormGradOptimizer(0.1).minimize(() => tf.sum(tf.square(x)) as tf.Scalar);
 * Array.from(x.dataSync(), (value) => Math.round(10 * value) / 10); // [2.9, 3.9]
 * ```
 */
export class AdamNormGradOptimizer extends tf.AdamOptimizer {
  static override get className(): string {
    return 'AdamNormGrad';
  }

  constructor(learningRate: number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8) {
    super(learningRate, beta1, beta2, epsilon);
  }

  /** One update by gradients as `tf.variableGrads` returns them. */
  override applyGradients(gradients: Parameters<tf.AdamOptimizer['applyGradients']>[0]): void {
    tf.tidy(() => {
      if (Array.isArray(gradients)) {
        super.applyGradients(gradients.map(({ name, tensor }) => ({ name, tensor: tensor && normalised(tensor) })));
        return;
      }
      const entries = Object.entries(gradients).map(([name, tensor]) => [name, tensor && normalised(tensor)]);
      super.applyGradients(Object.fromEntries(entries));
    });
  }
}

function normalised(gradient: tf.Tensor): tf.Tensor {
  return tf.div(gradient, tf.add(tf.sqrt(tf.sum(tf.square(gradient))), NORM_FLOOR));
}
