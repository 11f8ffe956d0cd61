import type { GraphBuilder } from '../graph/builder';
import { sizeOf, type Value } from '../graph/graph';
import { dim, range } from '../graph/shapes';
import { type Geometry, reach } from './geometry';

// On the processor, ONNX Runtime's fastest convolution wants a block of channels side by side, `[n, c/block, height, width, block]`, and the filters
// `[o/block, i/block, height, width, block of i, block of o]`. It brings images there by itself where the filters are constants, but not where they
// are trained. So the graph does it: a tenth of the convolution's time, for two thirds of what it takes otherwise.

/** How a convolution's windows lie: as ONNX's Conv has it. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly output: readonly number[];
}

/** Zeros that fill up the last block cost as much as channels do. */
const MOST_WASTE = 4 / 3;

const filledUp = (channels: number, block: number): number => Math.ceil(channels / block) * block;

/** Whether so many channels in, and out, are well computed in blocks. */
function fills(block: number, inputs: number, outputs: number): boolean {
  const waste = (channels: number): number => filledUp(channels, block) / channels;
  return (inputs < block ? 1 : waste(inputs)) * waste(outputs) <= MOST_WASTE;
}

/** `[n, i, …]` with `[o, i, …]` to `[n, o, …]`; null where that is not to be done in blocks. */
export function blockedConvolution(b: GraphBuilder, image: Value, filter: Value, windows: Windows): Value | null {
  const block = b.channelBlock;
  const [outputs, inputs] = [dim(filter.shape, 0), dim(filter.shape, 1)];
  if (block === null || image.dtype !== 'float32' || windows.kernel.length !== 2 || !fills(block, inputs, outputs))
    return null;
  const x = inputs < block ? image : inBlocks(b, image, block);
  return convolution(b, x, filterInBlocks(b, filter, block), windows, outputs);
}

function convolution(b: GraphBuilder, x: Value, filter: Value, windows: Windows, outputs: number): Value {
  const { kernel, strides, dilations, pads, output } = windows;
  const attributes = { kernel_shape: kernel, strides, dilations, pads, group: 1 };
  const n = dim(x.shape, 0);
  const y = b.one('BlockedConv', [x, filter], attributes, 'float32', [n, dim(filter.shape, 0), ...output]);
  return b.one('ReorderOutput', [y], { channels: outputs }, 'float32', [n, outputs, ...output]);
}

/** `[n, c, height, width]` in blocks, with zeros for the channels that the last one lacks. */
function inBlocks(b: GraphBuilder, image: Value, block: number): Value {
  const missing = filledUp(dim(image.shape, 1), block) - dim(image.shape, 1);
  const whole = b.pad(image, [0, 0, 0, 0], [0, missing, 0, 0]);
  return b.one('ReorderInput', [whole], {}, 'float32', whole.shape);
}

/** Filters `[o, i, height, width]` in blocks; the i stay apart where they are less than a block. */
function filterInBlocks(b: GraphBuilder, filter: Value, block: number): Value {
  const [o = 1, i = 1, height = 1, width = 1] = filter.shape;
  const [outputs, inputs] = [filledUp(o, block), i < block ? i : filledUp(i, block)];
  const whole = b.pad(filter, [0, 0, 0, 0], [outputs - o, inputs - i, 0, 0]);
  const inner = i < block ? 1 : block;
  const apart = b.reshape(whole, [outputs / block, block, inputs / inner, inner, height, width]);
  return b.reshape(b.transpose(apart, [0, 2, 4, 5, 3, 1]), [outputs, inputs, height, width]);
}

/**
 * The gradient of a convolution by its filter, `[i, o, height, width]`, as a convolution in blocks: the images of the batch are its channels, the
 * channels of x its images, and those of dy its filters. Null where that is not to be done in blocks.
 */
export function blockedFilterBack(b: GraphBuilder, x: Value, dy: Value, geometry: Geometry): Value | null {
  const block = b.channelBlock;
  const [n, outputs] = [dim(dy.shape, 0), dim(dy.shape, 1)];
  if (block === null || x.dtype !== 'float32' || geometry.kernel.length !== 2 || !fills(block, n, outputs)) return null;
  const { kernel, strides, dilations, before, output } = geometry;
  const ends = reach(geometry);
  const used = b.slice(x, [0, 0, 0, 0], [n, dim(x.shape, 1), ...reached(x, ends, before)]);
  const image = b.transpose(used, [1, 0, 2, 3]);
  const [top = 0, left = 0] = before;
  const [bottom = 0, right = 0] = ends.map((end, axis) => end - (before[axis] ?? 0) - dim(used.shape, axis + 2));
  // Zeros at the sides are put there before: the convolution computes windows that reach over them one by one.
  const wide = widened(b, n < block ? image : inBlocks(b, image, block), [left, right], n < block ? 1 : block);
  const pads = [top, 0, bottom, 0];
  const windows = { kernel: output, strides: dilations, dilations: strides, pads, output: kernel };
  return convolution(b, wide, imagesAsFilter(b, dy, block), windows, outputs);
}

/**
 * A transposed convolution with stride s and filters `[i, o, k…]`, k a multiple of s, `[n, i, …]` to all `[n, o, …]` that it reaches: each of the s·s
 * places in a stride is a convolution with every s-th tap, turned round, and all of them are computed as one with s·s as many filters. Null where
 * that is not to be done in blocks.
 */
export function blockedTransposed(
  b: GraphBuilder,
  dy: Value,
  filter: Value,
  { kernel, strides, dilations }: Geometry,
): Value | null {
  const block = b.channelBlock;
  const [inputs = 1, outputs = 1] = filter.shape;
  const [[tall = 1, wide = 1], [down = 1, across = 1]] = [kernel, strides];
  const fits = kernel.length === 2 && tall % down === 0 && wide % across === 0 && dilations.every((n) => n === 1);
  if (block === null || dy.dtype !== 'float32' || !fits || !fills(block, inputs, outputs)) return null;
  const [rows, columns, all] = [tall / down, wide / across, filledUp(outputs, block)];
  const whole = b.pad(filter, [0, 0, 0, 0], [0, all - outputs, 0, 0]);
  const apart = b.reshape(whole, [inputs, all, rows, down, columns, across]);
  const taps = b.reshape(b.transpose(apart, [3, 5, 1, 0, 2, 4]), [down * across * all, inputs, rows, columns]);
  const turned = reversed(b, reversed(b, taps, 2), 3);
  const x = inputs < block ? dy : inBlocks(b, dy, block);
  const [n = 1, , height = 1, width = 1] = dy.shape;
  const output = [height + rows - 1, width + columns - 1];
  const pads = [rows - 1, columns - 1, rows - 1, columns - 1];
  const attributes = { kernel_shape: [rows, columns], strides: [1, 1], dilations: [1, 1], pads, group: 1 };
  const weights = filterInBlocks(b, turned, block);
  const y = b.one('BlockedConv', [x, weights], attributes, 'float32', [n, down * across * all, ...output]);
  const places = b.reshape(y, [n, down, across, all / block, ...output, block]);
  const size = [(output[0] ?? 1) * down, (output[1] ?? 1) * across];
  const spread = b.reshape(b.transpose(places, [0, 3, 4, 1, 5, 2, 6]), [n, all, ...size]);
  return b.one('ReorderOutput', [spread], { channels: outputs }, 'float32', [n, outputs, ...size]);
}

/** The elements of an axis in the other order. */
function reversed(b: GraphBuilder, x: Value, axis: number): Value {
  const last = dim(x.shape, axis) - 1;
  return last === 0 ? x : b.gather(x, b.indices(range(last + 1).map((i) => last - i)), axis);
}

/** How much of x the windows meet. */
function reached(x: Value, ends: readonly number[], before: readonly number[]): number[] {
  return ends.map((end, axis) => Math.min(dim(x.shape, axis + 2), end - (before[axis] ?? 0)));
}

/** Zeros to the left and right of images in blocks. */
function widened(b: GraphBuilder, x: Value, [left, right]: readonly [number, number], block: number): Value {
  const [n = 1, channels = 1, height = 1, width = 1] = x.shape;
  const rows = b.reshape(x, [sizeOf(x.shape) / (width * block), width * block]);
  const padded = b.pad(rows, [0, left * block], [0, right * block]);
  return b.reshape(padded, [n, channels, height, left + width + right]);
}

/** `[n, o, height, width]` as filters in blocks that take n channels to o. */
function imagesAsFilter(b: GraphBuilder, dy: Value, block: number): Value {
  const inner = dim(dy.shape, 0) < block ? 1 : block;
  const missing = filledUp(dim(dy.shape, 0), inner) - dim(dy.shape, 0);
  const blocks = inBlocks(b, b.pad(dy, [0, 0, 0, 0], [missing, 0, 0, 0]), block);
  const [n = 1, o = 1, height = 1, width = 1] = blocks.shape;
  const apart = b.reshape(blocks, [n / inner, inner, o / block, height * width, block]);
  return b.reshape(b.transpose(apart, [2, 0, 3, 1, 4]), [o, n, height, width]);
}
