import { InvalidArgumentError } from '../../errors';
import { tf } from '../../tensors';

/**
 * Settings of `AdamWOptimizer`; those left out are Adam's usual ones.
 *
 * @example
 * ```ts
 * import { AdamWOptimizer, type AdamWOptions } from 'gmm-vae';
 *
 * const options: AdamWOptions = { weightDecay: 1e-4, beta2: 0.99 };
 * new AdamWOptimizer(1e-3, options).weightDecay; // 0.0001
 * ```
 */
export interface AdamWOptions {
  /** The share of each parameter that is taken away per step, before the learning rate multiplies it. Default 0.01. */
  readonly weightDecay?: number;
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number;
  /** Added to √v̂. Default 1e-7. */
  readonly epsilon?: number;
}

/**
 * Adam with decoupled weight decay: θ ← θ − ηλθ, then Adam's step (Loshchilov & Hutter, Decoupled Weight Decay
 * Regularization, ICLR 2019, algorithm 2 with a constant schedule multiplier). An ordinary tfjs optimizer; compiled on `cpu`, it
 * runs as one fused pass.
 *
 * @example
 * ```ts
 * import { AdamWOptimizer, tf } from 'gmm-vae';
 *
 * const x = tf.variable(tf.scalar(2));
 * new AdamWOptimizer(0.1, { weightDecay: 0.5 }).minimize(() => tf.square(x) as tf.Scalar);
 * Math.round(100 * (x.dataSync()[0] ?? 0)) / 100; // 1.8
 * ```
 */
export class AdamWOptimizer extends tf.AdamOptimizer {
  readonly weightDecay: number;

  static override get className(): string {
    return 'AdamW';
  }

  /** @throws InvalidArgumentError on a `weightDecay` that is negative or not a number */
  constructor(
    learningRate: number,
    { weightDecay = 0.01, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamWOptions = {},
  ) {
    if (!(weightDecay >= 0))
      throw new InvalidArgumentError('weightDecay', `expected a number >= 0, got ${weightDecay}`);
    super(learningRate, beta1, beta2, epsilon);
    this.weightDecay = weightDecay;
  }

  /** One update by gradients as `tf.variableGrads` returns them. */
  override applyGradients(gradients: Parameters<tf.AdamOptimizer['applyGradients']>[0]): void {
    const entries = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor])
      : Object.entries(gradients);
    const variables = tf.engine().registeredVariables;
    tf.tidy(() => {
      for (const [name, gradient] of entries as [string, tf.Tensor | null | undefined][]) {
        const variable = variables[name];
        // TensorFlow.js has null for a variable that is not trainable and undefined for one that the loss does not use.
        if (gradient) variable?.assign(tf.mul(variable, 1 - this.learningRate * this.weightDecay));
      }
    });
    super.applyGradients(gradients);
  }

  /** What the optimizer is made from again. */
  override getConfig(): ReturnType<tf.AdamOptimizer['getConfig']> {
    return { ...super.getConfig(), weightDecay: this.weightDecay };
  }
}
