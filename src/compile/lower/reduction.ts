import { nth } from '../../nth';
import type { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import { sizeOf, type Value } from '../graph/graph';
import { dim, frontAxis, range, reducedShape } from '../graph/shapes';
import { numbers } from './formulas';
import { oneHotMask } from './indexing';
import type { Kernel, Lowerings } from './lowering';
import { scan } from './scan';

type Reduce = Kernel<tf.SumInputs, tf.SumAttrs>;

/** Kernels that combine elements along axes. */
export interface ReductionKernels {
  All: Reduce;
  Any: Reduce;
  ArgMax: Kernel<tf.ArgMaxInputs, tf.ArgMaxAttrs>;
  ArgMin: Kernel<tf.ArgMinInputs, tf.ArgMinAttrs>;
  Bincount: Kernel<tf.BincountInputs, tf.BincountAttrs>;
  Cumprod: Kernel<tf.CumprodInputs, tf.CumprodAttrs>;
  Cumsum: Kernel<tf.CumsumInputs, tf.CumsumAttrs>;
  DenseBincount: Kernel<tf.DenseBincountInputs, tf.DenseBincountAttrs>;
  LogSoftmax: Kernel<tf.LogSoftmaxInputs, tf.LogSoftmaxAttrs>;
  Max: Kernel<tf.MaxInputs, tf.MaxAttrs>;
  Mean: Reduce;
  Min: Reduce;
  Prod: Reduce;
  Softmax: Kernel<tf.SoftmaxInputs, tf.SoftmaxAttrs>;
  Sum: Reduce;
  TopK: Kernel<tf.TopKInputs, tf.TopKAttrs>;
  UnsortedSegmentSum: Kernel<tf.UnsortedSegmentSumInputs, tf.UnsortedSegmentSumAttrs>;
}

type Reduction = Parameters<GraphBuilder['reduce']>[0];

function axesOf(x: Value, axis: number | readonly number[] | null): readonly number[] {
  const axes = typeof axis === 'number' ? [axis] : (axis ?? range(x.shape.length));
  return axes.map((a) => frontAxis(a, x.shape.length));
}

/** Sums and products: bool counts as int32. */
const accumulate =
  (op: Reduction) =>
  (b: GraphBuilder, { x }: { readonly x: Value }, { axis, keepDims }: tf.SumAttrs): Value =>
    b.reduce(op, numbers(b, x), axesOf(x, axis), keepDims);

interface ExtremeAttributes {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims: boolean;
}

/**
 * The sums of a matrix's columns as the product of a row of ones with it, null for any other sum. This is the gradient of every bias; ONNX
 * Runtime's reduction over the outer axis takes five times as long, and longer with more threads.
 */
function columnSums(b: GraphBuilder, x: Value, { axis, keepDims }: tf.SumAttrs): Value | null {
  const outer = String(axesOf(x, axis)) === '0' && x.shape.length === 2;
  if (!outer || x.dtype !== 'float32' || sizeOf(x.shape) === 0) return null;
  const [rows, columns] = [dim(x.shape, 0), dim(x.shape, 1)];
  const ones = b.constant(new Float32Array(rows).fill(1), 'float32', [1, rows]);
  return b.reshape(b.matMul(ones, x), keepDims ? [1, columns] : [columns]);
}

/** The largest or smallest element, NaN if there is one among them: ONNX Runtime's own reduction passes NaN over. */
const extreme =
  (op: 'ReduceMax' | 'ReduceMin') =>
  (b: GraphBuilder, { x }: { readonly x: Value }, { axis, reductionIndices, keepDims }: ExtremeAttributes): Value => {
    const axes = axesOf(x, reductionIndices ?? axis ?? null);
    if (x.dtype !== 'float32') return b.cast(b.reduce(op, b.cast(x, 'int32'), axes, keepDims), x.dtype);
    const hasNaN = b.reduce('ReduceMax', b.cast(b.test('IsNaN', x), 'int32'), axes, keepDims);
    return b.where(b.cast(hasNaN, 'bool'), b.scalar(Number.NaN), b.reduce(op, x, axes, keepDims));
  };

/** The position of the extreme element; NaN is passed over, as tfjs does. */
const extremeIndex =
  (op: 'ArgMax' | 'ArgMin') =>
  (b: GraphBuilder, { x }: { readonly x: Value }, { axis }: tf.ArgMaxAttrs): Value => {
    if (x.dtype !== 'float32') return b.argReduce(op, b.cast(x, 'int32'), axis);
    const least = b.scalar(op === 'ArgMax' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
    return b.argReduce(op, b.where(b.test('IsNaN', x), least, x), axis);
  };

/** All as the smallest and Any as the largest of the bits; of no bits all hold and none does. */
const quantifier =
  (op: 'ReduceMin' | 'ReduceMax') =>
  (b: GraphBuilder, { x }: { readonly x: Value }, { axis, keepDims }: tf.SumAttrs): Value => {
    const axes = axesOf(x, axis);
    const neutral = op === 'ReduceMin' ? 1 : 0;
    if (sizeOf(x.shape) === 0) return b.fill(neutral, 'bool', reducedShape(x.shape, axes, keepDims));
    return b.cast(b.reduce(op, b.cast(b.cast(x, 'bool'), 'int32'), axes, keepDims), 'bool');
  };

/** How often (or, given weights, with what total weight) each of 0 … size−1 occurs along the last axis of `x`. */
function binCount(b: GraphBuilder, x: Value, weights: Value, size: number, binary = false): Value {
  const mask = oneHotMask(b, x, size);
  const axis = x.shape.length - 1;
  if (binary) return b.cast(b.reduce('ReduceMax', b.cast(mask, 'int32'), [axis], false), 'float32');
  if (sizeOf(weights.shape) === 0) return b.reduce('ReduceSum', b.cast(mask, 'float32'), [axis], false);
  const summands = numbers(b, weights);
  const counts = b.binary('Mul', b.cast(mask, summands.dtype), b.reshape(summands, [...weights.shape, 1]));
  return b.cast(b.reduce('ReduceSum', counts, [axis], false), weights.dtype);
}

export const REDUCTION: Lowerings<ReductionKernels> = {
  All: quantifier('ReduceMin'),
  Any: quantifier('ReduceMax'),
  ArgMax: extremeIndex('ArgMax'),
  ArgMin: extremeIndex('ArgMin'),
  Bincount: (b, { x, weights }, { size }) => binCount(b, x, weights, size),
  Cumprod: (b, { x }, { axis, exclusive, reverse }) => scan(b, 'Mul', numbers(b, x), axis, exclusive, reverse),
  Cumsum: (b, { x }, { axis, exclusive, reverse }) =>
    b.unary('CumSum', numbers(b, x), {
      axis: frontAxis(axis, x.shape.length),
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    }),
  DenseBincount: (b, { x, weights }, { size, binaryOutput }) => binCount(b, x, weights, size, binaryOutput),
  LogSoftmax: (b, { logits }, { axis }) => b.unary('LogSoftmax', logits, { axis }),
  Max: extreme('ReduceMax'),
  Mean: (b, { x }, { axis, keepDims }) => b.reduce('ReduceMean', b.cast(x, 'float32'), axesOf(x, axis), keepDims),
  Min: extreme('ReduceMin'),
  Prod: accumulate('ReduceProd'),
  Softmax: (b, { logits }, { dim }) => b.unary('Softmax', b.cast(logits, 'float32'), { axis: dim }),
  Sum: (b, inputs, attributes) => columnSums(b, inputs.x, attributes) ?? accumulate('ReduceSum')(b, inputs, attributes),
  TopK: (b, { x }, { k }) => {
    const shape = [...x.shape.slice(0, -1), k];
    const from = numbers(b, x);
    const types = [{ dtype: from.dtype, shape }, { dtype: 'int64', shape }] as const; // biome-ignore format: one pair
    const results = b.emit('TopK', [from], { k: [k], axis: -1, largest: 1, sorted: 1 }, types);
    return [b.cast(nth(results, 0), x.dtype), b.cast(nth(results, 1), 'int32')];
  },
  // One-hot rows times x: exact for the finite values of an embedding's gradient, and in a fixed order on every device.
  UnsortedSegmentSum: (b, { x, segmentIds }, { numSegments }) => {
    const rest = x.shape.slice(1);
    const flat = b.cast(b.reshape(x, [dim(x.shape, 0), sizeOf(rest)]), 'float32');
    const selection = b.transposeLast(b.cast(oneHotMask(b, segmentIds, numSegments), 'float32'));
    return b.cast(b.reshape(b.matMul(selection, flat), [numSegments, ...rest]), x.dtype);
  },
};
