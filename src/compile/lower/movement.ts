import { nth } from '../../nth';
import { tf } from '../../tensors';
import { sizeOf, type Value } from '../graph/graph';
import { printType } from '../graph/print';
import { dim, frontAxis, range } from '../graph/shapes';
import { mirrorPad } from './gather';
import { info } from './indexing';
import type { Kernel, Lowerings } from './lowering';

/** Kernels that place elements without computing with them. */
export interface MovementKernels {
  BatchToSpaceND: Kernel<tf.BatchToSpaceNDInputs, tf.BatchToSpaceNDAttrs>;
  BroadcastTo: Kernel<tf.BroadcastToInputs, tf.BroadCastToAttrs>;
  Concat: Kernel<tf.ConcatInputs, tf.ConcatAttrs>;
  DepthToSpace: Kernel<tf.DepthToSpaceInputs, tf.DepthToSpaceAttrs>;
  ExpandDims: Kernel<tf.ExpandDimsInputs, tf.ExpandDimsAttrs>;
  MirrorPad: Kernel<tf.MirrorPadInputs, tf.MirrorPadAttrs>;
  Pack: Kernel<tf.PackInputs, tf.PackAttrs>;
  PadV2: Kernel<tf.PadV2Inputs, tf.PadV2Attrs>;
  Reshape: Kernel<tf.ReshapeInputs, tf.ReshapeAttrs>;
  Reverse: Kernel<tf.ReverseInputs, tf.ReverseAttrs>;
  Slice: Kernel<tf.SliceInputs, tf.SliceAttrs>;
  SpaceToBatchND: Kernel<tf.SpaceToBatchNDInputs, tf.SpaceToBatchNDAttrs>;
  SplitV: Kernel<tf.SplitVInputs, tf.SplitVAttrs>;
  StridedSlice: Kernel<tf.StridedSliceInputs, tf.StridedSliceAttrs>;
  Tile: Kernel<tf.TileInputs, tf.TileAttrs>;
  Transpose: Kernel<tf.TransposeInputs, tf.TransposeAttrs>;
  Unpack: Kernel<tf.UnpackInputs, tf.UnpackAttrs>;
}

const sum = (a: readonly number[], b: readonly number[]): number[] => a.map((n, i) => n + nth(b, i));

function withAxis(x: Value, at: number): readonly number[] {
  return [...x.shape.slice(0, at), 1, ...x.shape.slice(at)];
}

const { getReshaped, getPermuted, getReshapedPermuted, getSliceBeginCoords, getSliceSize } = tf.backend_util;

export const MOVEMENT: Lowerings<MovementKernels> = {
  BatchToSpaceND: (b, { x }, { blockShape, crops }) => {
    const block = sizeOf(blockShape);
    const reshaped = getReshaped([...x.shape], blockShape, block);
    const flat = getReshapedPermuted([...x.shape], blockShape, block);
    const rest = flat.slice(blockShape.length + 1);
    const begin = [...getSliceBeginCoords(crops, blockShape.length), ...rest.map(() => 0)];
    const size = [...getSliceSize(flat, crops, blockShape.length), ...rest];
    const moved = b.transpose(b.reshape(x, reshaped), getPermuted(reshaped.length, blockShape.length));
    return b.slice(b.reshape(moved, flat), begin, sum(begin, size));
  },
  BroadcastTo: (b, { x }, { shape }) => b.expand(x, shape),
  Concat: (b, xs, { axis }) => {
    const at = nth(tf.util.parseAxisParam(axis, [...nth(xs, 0).shape]), 0);
    tf.backend_util.assertParamsConsistent(
      xs.map((x) => [...x.shape]),
      at,
    );
    const full = xs.filter((x) => sizeOf(x.shape) > 0);
    const { dtype } = nth(xs, 0);
    return b.concat(
      (full.length > 0 ? full : xs).map((x) => b.cast(x, dtype)),
      at,
    );
  },
  DepthToSpace: (b, { x }, { blockSize: s, dataFormat }) => {
    const last = dataFormat === 'NHWC';
    const [n, c] = [dim(x.shape, 0), dim(x.shape, last ? 3 : 1)];
    const [h, w] = last ? [dim(x.shape, 1), dim(x.shape, 2)] : [dim(x.shape, 2), dim(x.shape, 3)];
    const depth = c / (s * s);
    const split = b.reshape(x, last ? [n, h, w, s, s, depth] : [n, s, s, depth, h, w]);
    const moved = b.transpose(split, last ? [0, 1, 3, 2, 4, 5] : [0, 3, 4, 1, 5, 2]);
    return b.reshape(moved, last ? [n, h * s, w * s, depth] : [n, depth, h * s, w * s]);
  },
  ExpandDims: (b, { input }, { dim }) => {
    const rank = input.shape.length;
    if (dim < -rank - 1 || dim > rank) throw new Error(`expandDims: axis ${dim} is outside [${-rank - 1}, ${rank}]`);
    return b.reshape(input, withAxis(input, frontAxis(dim, rank + 1)));
  },
  MirrorPad: (b, { x }, { paddings, mode }) => mirrorPad(b, x, paddings, mode),
  Pack: (b, xs, { axis }) => {
    const first = nth(xs, 0);
    const other = xs.find((x) => printType(x) !== printType(first));
    if (other) throw new Error(`stack: ${printType(first)} and ${printType(other)} differ`);
    const at = frontAxis(axis, first.shape.length + 1);
    return b.concat(
      xs.map((x) => b.reshape(x, withAxis(x, at))),
      at,
    );
  },
  PadV2: (b, { x }, { paddings, constantValue }) => {
    const [before, after] = [paddings.map(([n]) => n), paddings.map(([, n]) => n)];
    return b.pad(x, before, after, Number(constantValue));
  },
  Reshape: (b, { x }, { shape }) => b.reshape(x, tf.util.inferFromImplicitShape(shape, sizeOf(x.shape))),
  Reverse: (b, { x }, { dims }) => {
    const axes = tf.util.parseAxisParam(dims, [...x.shape]);
    if (axes.length === 0) return x;
    const flipped = <T>(yes: (n: number) => T, no: (n: number) => T): T[] =>
      x.shape.map((n, i) => (axes.includes(i) ? yes(n) : no(n)));
    const starts = flipped(
      (n) => n - 1,
      () => 0,
    );
    const ends = flipped(
      () => -1,
      (n) => n,
    );
    return b.slice(
      x,
      starts,
      ends,
      flipped(
        () => -1,
        () => 1,
      ),
    );
  },
  Slice: (b, { x }, { begin, size }) => {
    const [starts = [], sizes = []] = tf.slice_util.parseSliceParams(info(x), begin, size);
    tf.slice_util.assertParamsValid(info(x), starts, sizes);
    return b.slice(x, starts, sum(starts, sizes));
  },
  SpaceToBatchND: (b, { x }, { blockShape, paddings }) => {
    const block = sizeOf(blockShape);
    const rest = x.shape.length - 1 - blockShape.length;
    const none: readonly [number, number] = [0, 0];
    const complete = [none, ...paddings, ...range(rest).map(() => none)];
    const [before, after] = [complete.map(([front]) => front), complete.map(([, back]) => back)];
    const padded = b.pad(x, before, after);
    const reshaped = getReshaped([...padded.shape], blockShape, block, false);
    const moved = b.transpose(b.reshape(padded, reshaped), getPermuted(reshaped.length, blockShape.length, false));
    return b.reshape(moved, getReshapedPermuted([...padded.shape], blockShape, block, false));
  },
  SplitV: (b, { x }, { numOrSizeSplits, axis }) => {
    const at = frontAxis(axis, x.shape.length);
    const sizes = tf.backend_util.prepareSplitSize(info(x), numOrSizeSplits, at);
    return sizes.length === 1 ? [x] : b.split(x, sizes, at);
  },
  StridedSlice: (b, { x }, { begin, end, strides, ...masks }) => {
    const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = masks;
    const plan = tf.slice_util.sliceInfo(
      [...x.shape],
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    if (plan.isIdentity) return b.reshape(x, plan.finalShape);
    if (plan.finalShapeSparse.includes(0)) return b.fill(0, x.dtype, plan.finalShape);
    return b.reshape(b.slice(x, plan.begin, plan.end, plan.strides), plan.finalShape);
  },
  Tile: (b, { x }, { reps }) =>
    b.one(
      'Tile',
      [x],
      { repeats: reps },
      x.dtype,
      x.shape.map((n, i) => n * nth(reps, i)),
    ),
  Transpose: (b, { x }, { perm }) => b.transpose(x, perm),
  Unpack: (b, { value }, { axis }) => {
    const at = frontAxis(axis, value.shape.length);
    const ones = range(dim(value.shape, at)).map(() => 1);
    const parts = ones.length === 1 ? [value] : b.split(value, ones, at);
    return parts.map((part) =>
      b.reshape(
        part,
        value.shape.filter((_, i) => i !== at),
      ),
    );
  },
};
