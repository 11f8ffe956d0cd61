import { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { dim, frontAxis, range } from '../graph/shapes';
import { dtypeOf } from './creation';
import { gatherBatched, withinAxis } from './gather';
import type { Kernel, Lowerings } from './lowering';

/** Kernels that take or put elements where an index tensor says. */
export interface IndexingKernels {
  GatherNd: Kernel<tf.GatherNdInputs>;
  GatherV2: Kernel<tf.GatherV2Inputs, tf.GatherV2Attrs>;
  OneHot: Kernel<tf.OneHotInputs, tf.OneHotAttrs>;
  ScatterNd: Kernel<tf.ScatterNdInputs, tf.ScatterNdAttrs>;
  TensorScatterUpdate: Kernel<tf.TensorScatterUpdateInputs>;
}

/** bool[…, size]: true where the index on the last axis equals `x`. */
export function oneHotMask(b: GraphBuilder, x: Value, size: number): Value {
  return b.compare('Equal', b.reshape(x, [...x.shape, 1]), b.indices(range(size)));
}

/** A value as the argument checks of tfjs take it, which look at its shape and type only. */
export function info({ shape, dtype }: Value): tf.Tensor {
  return { shape: [...shape], rank: shape.length, dtype } as unknown as tf.Tensor;
}

/** Indices as ONNX takes them, which would count negative ones from the end: TensorFlow.js refuses these, and so does ONNX Runtime what they become. */
function fromFront(b: GraphBuilder, indices: Value): Value {
  return b.cast(
    b.where(b.compare('Less', indices, b.scalar(0, 'int32')), b.scalar(2 ** 31 - 1, 'int32'), indices),
    'int64',
  );
}

function scatter(b: GraphBuilder, into: Value, indices: Value, updates: Value, reduction: 'none' | 'add'): Value {
  return b.one(
    'ScatterND',
    [into, fromFront(b, b.cast(indices, 'int32')), updates],
    { reduction },
    into.dtype,
    into.shape,
  );
}

export const INDEXING: Lowerings<IndexingKernels> = {
  GatherNd: (b, { params, indices }) => {
    tf.gather_util.prepareAndValidate(info(params), info(indices));
    const depth = dim(indices.shape, -1);
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
    return b.one('GatherND', [params, fromFront(b, b.cast(indices, 'int32'))], {}, params.dtype, shape);
  },
  GatherV2: (b, { x, indices }, { axis, batchDims }) => {
    const at = frontAxis(axis, x.shape.length);
    tf.backend_util.segment_util.collectGatherOpShapeInfo(info(x), info(indices), at, batchDims);
    return gatherBatched(b, x, withinAxis(b, x, b.cast(indices, 'int32'), at, batchDims), at, batchDims);
  },
  OneHot: (b, { indices }, { dtype, depth, onValue, offValue }) => {
    const type = dtypeOf(dtype);
    return b.where(oneHotMask(b, b.cast(indices, 'int32'), depth), b.scalar(onValue, type), b.scalar(offValue, type));
  },
  ScatterNd: (b, { indices, updates }, { shape }) => {
    const { sliceRank, numUpdates, sliceSize } = tf.backend_util.calculateShapes(info(updates), info(indices), shape);
    const dtype = updates.dtype === 'bool' ? 'int32' : updates.dtype;
    const zeros = b.fill(0, dtype, [...shape.slice(0, sliceRank), sliceSize]);
    const rows = b.cast(b.reshape(updates, [numUpdates, sliceSize]), dtype);
    const sum = scatter(b, zeros, b.reshape(indices, [numUpdates, sliceRank]), rows, 'add');
    return b.cast(b.reshape(sum, shape), updates.dtype);
  },
  TensorScatterUpdate: (b, { tensor, indices, updates }) => scatter(b, tensor, indices, updates, 'none'),
};
