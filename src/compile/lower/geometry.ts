import { nth } from '../../nth';
import { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import { type Shape, sizeOf, type Value } from '../graph/graph';
import { range } from '../graph/shapes';

/** How a window moves over the spatial axes, in the terms of any number of them. */
export interface Geometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Zeros before each axis. */
  readonly before: readonly number[];
  readonly input: readonly number[];
  readonly output: readonly number[];
}

type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
type Rounding = 'floor' | 'round' | 'ceil' | undefined;
export type Format = 'channelsLast' | 'channelsFirst';

export function geometry2d(
  shape: Shape,
  filter: Shape,
  strides: number | [number, number],
  dilations: number | [number, number],
  pad: Pad,
  rounding: Rounding,
  format: Format,
  depthwise = false,
): Geometry {
  const info = tf.backend_util.computeConv2DInfo(
    shape as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    dilations,
    pad,
    rounding,
    depthwise,
    format,
  );
  return {
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    before: [info.padInfo.top, info.padInfo.left],
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
  };
}

export function geometry3d(
  shape: Shape,
  filter: Shape,
  strides: number | [number, number, number],
  dilations: number | [number, number, number],
  pad: 'valid' | 'same' | number,
  rounding: Rounding,
): Geometry {
  const info =
    pad === 'same' || pad === 'valid'
      ? tf.backend_util.computeConv3DInfo(
          shape as never,
          filter as never,
          strides,
          dilations,
          pad,
          false,
          'channelsLast',
          rounding,
        )
      : tf.backend_util.computePool3DInfo(
          shape as never,
          filter.slice(0, 3) as never,
          strides,
          dilations,
          pad,
          rounding,
          'NDHWC',
        );
  return {
    kernel: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    before: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
    input: [info.inDepth, info.inHeight, info.inWidth],
    output: [info.outDepth, info.outHeight, info.outWidth],
  };
}

/** How far the last window reaches over the padded input: (out − 1)·stride + the dilated kernel. */
export function reach({ kernel, strides, dilations, output }: Geometry): readonly number[] {
  return kernel.map((k, i) => (nth(output, i) - 1) * nth(strides, i) + (k - 1) * nth(dilations, i) + 1);
}

/** ONNX's pads: as many zeros behind each axis as the last window needs. */
export function pads(geometry: Geometry): readonly number[] {
  const { before, input } = geometry;
  const after = reach(geometry).map((end, i) => Math.max(0, end - nth(input, i) - nth(before, i)));
  return [...before, ...after];
}

/**
 * The part of `x` that the windows use, and how they lie on it. TensorFlow.js begins behind the first elements where a 3D 'same' window is
 * shorter than its stride, and with padding in numbers takes the first axis's window for all; ONNX can say neither.
 */
export function fitted(b: GraphBuilder, x: Value, geometry: Geometry): readonly [Value, Geometry] {
  const { kernel, strides, dilations, before, input, output } = geometry;
  const ends = reach(geometry).map((end, i) => {
    const [first, size] = [nth(before, i), nth(input, i)];
    const rest = Math.max(size + first, end) - ((nth(kernel, i) - 1) * nth(dilations, i) + 1);
    const windows = Math.floor(rest / nth(strides, i)) + 1;
    return windows === output[i] ? size : Math.min(size, end - first);
  });
  const starts = before.map((n) => Math.max(0, -n));
  const used = b.slice(x, [0, 0, ...starts], [...x.shape.slice(0, 2), ...ends]);
  return [used, { ...geometry, before: before.map((n) => Math.max(0, n)), input: used.shape.slice(2) }];
}

/**
 * `x` ([n, c, …spatial]) with `value` put around it. By concatenation, because ONNX Runtime moves a Pad into the pads of the operator
 * behind it, which the callers avoid for its faults there.
 */
export function surround(
  b: GraphBuilder,
  x: Value,
  before: readonly number[],
  after: readonly number[],
  value: number,
): Value {
  return before.reduce((inner, front, i) => {
    const back = nth(after, i);
    const block = (n: number): Value[] =>
      n === 0
        ? []
        : [
            b.fill(
              value,
              x.dtype,
              inner.shape.map((size, axis) => (axis === i + 2 ? n : size)),
            ),
          ];
    return b.concat([...block(front), inner, ...block(back)], i + 2);
  }, x);
}

/** [n, …spatial, c] as [n, c, …spatial]. */
export function channelsFirst(b: GraphBuilder, x: Value, format: Format = 'channelsLast'): Value {
  const rank = x.shape.length;
  return format === 'channelsFirst' ? x : b.transpose(x, [0, rank - 1, ...range(rank - 2).map((i) => i + 1)]);
}

/** [n, c, …spatial] as the format has it. */
export function fromChannelsFirst(b: GraphBuilder, x: Value, format: Format = 'channelsLast'): Value {
  const rank = x.shape.length;
  return format === 'channelsFirst' ? x : b.transpose(x, [0, ...range(rank - 2).map((i) => i + 2), 1]);
}

/** A tfjs filter [k…, in, out] as ONNX's [out, in, k…]. */
export function filterFirst(b: GraphBuilder, filter: Value): Value {
  const spatial = filter.shape.length - 2;
  return b.transpose(filter, [spatial + 1, spatial, ...range(spatial)]);
}

/** A depthwise tfjs filter [k…, c, multiplier] as ONNX's [c·multiplier, 1, k…] of a convolution in c groups. */
export function depthwiseFilterFirst(b: GraphBuilder, filter: Value): Value {
  const spatial = filter.shape.length - 2;
  const moved = b.transpose(filter, [spatial, spatial + 1, ...range(spatial)]);
  return b.reshape(moved, [sizeOf(filter.shape.slice(spatial)), 1, ...filter.shape.slice(0, spatial)]);
}
