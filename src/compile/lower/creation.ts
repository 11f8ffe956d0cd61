import { UsageError } from '../../errors';
import type { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import type { DType, Value } from '../graph/graph';
import { range } from '../graph/shapes';
import type { Kernel, Lowerings } from './lowering';

/** Kernels whose result depends on their attributes alone. */
export interface CreationKernels {
  Fill: Kernel<object, tf.FillAttrs>;
  LinSpace: Kernel<object, tf.LinSpaceAttrs>;
  OnesLike: Kernel<tf.OnesLikeInputs>;
  Range: Kernel<object, tf.RangeAttrs>;
  ZerosLike: Kernel<tf.ZerosLikeInputs>;
}

/** A tfjs element type that the graph has too. */
export function dtypeOf(dtype: tf.DataType | DType): Exclude<DType, 'int64'> {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new UsageError(`a ${dtype} tensor cannot be compiled: use float32, int32 or bool`);
}

function vector(b: GraphBuilder, values: readonly number[], dtype: DType): Value {
  const data = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
  return b.constant(data, dtype, [values.length]);
}

export const CREATION: Lowerings<CreationKernels> = {
  Fill: (b, _, { shape, value, dtype }) => b.fill(Number(value), dtypeOf(dtype ?? 'float32'), shape),
  LinSpace: (b, _, { start, stop, num }) => {
    const step = num > 1 ? (stop - start) / (num - 1) : 0;
    return vector(
      b,
      range(num).map((i) => start + i * step),
      'float32',
    );
  },
  OnesLike: (b, { x }) => b.fill(1, x.dtype, x.shape),
  Range: (b, _, { start, stop, step, dtype }) => {
    // A step left out is 1, which tfjs turns around for a range that runs down.
    const by = stop < start && step === 1 ? -1 : step;
    const count = Math.max(0, Math.ceil((stop - start) / by));
    return vector(
      b,
      range(count).map((i) => start + i * by),
      dtypeOf(dtype),
    );
  },
  ZerosLike: (b, { x }) => b.fill(0, x.dtype, x.shape),
};
