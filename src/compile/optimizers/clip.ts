import { InvalidArgumentError } from '../../errors';
import { tf } from '../../tensors';

/** One call of `clipByGlobalNorm`. */
export interface ClipCall {
  readonly maxNorm: number;
  /** How many gradients were clipped together. */
  readonly count: number;
}

/** Where a clipped tensor came from, by the data behind it, so that the compiler can take the unclipped one instead. */
const CLIPPED = new WeakMap<object, { readonly raw: tf.TensorInfo; readonly call: ClipCall }>();

/**
 * Scales gradients, as `tf.variableGrads` returns them, by min(1, maxNorm/‖g‖) with ‖g‖ their common Euclidean norm (Pascanu,
 * Mikolov & Bengio 2013); those that are null stay so. Compiled on `cpu` and passed whole to a fused optimizer, it is part of that optimizer's pass.
 *
 * @param gradients by the names of their variables, of any shapes
 * @param maxNorm the norm of all together that is not exceeded
 * @throws InvalidArgumentError unless `maxNorm` is above zero and finite in float32
 *
 * @example
 * ```ts
 * import { clipByGlobalNorm, tf } from 'gmm-vae';
 *
 * const clipped = clipByGlobalNorm({ a: tf.tensor1d([3, 0]), b: tf.tensor1d([0, 4]) }, 1);
 * Array.from(clipped['b']?.dataSync() ?? [], (value) => Math.round(100 * value) / 100); // [0, 0.8]
 * ```
 */
export function clipByGlobalNorm(gradients: tf.NamedTensorMap, maxNorm: number): tf.NamedTensorMap {
  // Beyond float32 it is 0 or ∞ on tensors, and the quotient NaN.
  if (!(Math.fround(maxNorm) > 0 && Math.fround(maxNorm) < Infinity)) {
    const problem = `expected a number > 0 that float32 can hold, got ${maxNorm}; leave the call out to clip nothing`;
    throw new InvalidArgumentError('maxNorm', problem);
  }
  const entries = Object.entries(gradients).filter(([, gradient]) => gradient);
  if (entries.length === 0) return { ...gradients };
  const call: ClipCall = { maxNorm, count: entries.length };
  return tf.tidy(() => {
    const norm = tf.sqrt(tf.addN(entries.map(([, gradient]) => tf.sum(tf.square(gradient)))));
    const scale = tf.div(maxNorm, tf.maximum(norm, maxNorm));
    const clipped = entries.map(([name, gradient]) => {
      const scaled = tf.mul(gradient, scale);
      CLIPPED.set(scaled.dataId, { raw: gradient, call });
      return [name, scaled] as const;
    });
    // Optimizers find a variable's slots by the place of its gradient, so that each keeps its own.
    return { ...gradients, ...Object.fromEntries(clipped) };
  });
}

/** The unclipped gradients and the norm they are clipped to, if `gradients` are exactly what one call has clipped. */
export function unclipped(
  gradients: readonly tf.TensorInfo[],
): { readonly raw: readonly tf.TensorInfo[]; readonly maxNorm: number } | null {
  const origins = gradients.map(({ dataId }) => CLIPPED.get(dataId));
  const call = origins[0]?.call;
  if (!call || call.count !== gradients.length) return null;
  const raw = origins.flatMap((origin) => (origin?.call === call ? [origin.raw] : []));
  return raw.length === gradients.length ? { raw, maxNorm: call.maxNorm } : null;
}
