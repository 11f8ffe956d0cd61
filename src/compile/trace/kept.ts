import { UsageError } from '../../errors';
import { tf } from '../../tensors';
import { TracedData } from './backend';
import type { Restore } from './restore';

/**
 * The tensors of the trace that `tf.keep` takes out of tf.tidy from now on. `restore` disposes of those that are left: TensorFlow.js itself
 * keeps what gradients need, and lets go of it only if nothing throws.
 */
export function watchKeptTensors(restore: Restore): ReadonlySet<tf.Tensor> {
  const kept = new Set<tf.Tensor>();
  const engine = tf.engine();
  const keep = engine.keep;
  engine.keep = (tensor) => {
    const isTraced = tensor.dataId instanceof TracedData && !(tensor instanceof tf.Variable);
    if (isTraced) kept.add(tensor);
    return keep.call(engine, tensor) as typeof tensor;
  };
  restore.later(() => {
    engine.keep = keep;
    for (const tensor of kept) if (!tensor.isDisposed) tensor.dispose();
  });
  return kept;
}

/** Throws if the function keeps a tensor for later, when it has no value. */
export function assertNothingKept(kept: ReadonlySet<tf.Tensor>): void {
  const left = [...kept].find((tensor) => !tensor.isDisposed);
  if (left === undefined) return;
  throw new UsageError(
    `the function keeps a ${left.dtype}[${left.shape}] tensor (tf.keep, or a setting of an optimizer that is made or changed inside), but it is ` +
      'called when compiling only: return the tensor, assign it to a tf.variable, or make and set optimizers before compile()',
  );
}
