import { nth } from '../../nth';
import type { GraphBuilder } from '../graph/builder';
import { sizeOf, type Value } from '../graph/graph';
import { dim, range } from '../graph/shapes';
import { blockedConvolution, blockedFilterBack, blockedTransposed } from './blocked';
import { filterBackAsProduct } from './filter-product';
import { fitted, type Geometry, pads, reach } from './geometry';

// Everything here is [n, c, …spatial] with filters [out, in/group, k…]. A sum over nothing, or over padding alone, is 0: ONNX Runtime refuses convolutions over no
// channels, no images or no windows, leaves memory as it is for some, and ends the process for others.
const isEmpty = ({ shape }: Value): boolean => sizeOf(shape) === 0;

/** y[n, o, p] = Σ x[n, i, p·stride + k·dilation − before] · w[o, i, k]. */
export function convolve(b: GraphBuilder, x: Value, filter: Value, geometry: Geometry, group: number): Value {
  const { kernel, strides, dilations, output } = geometry;
  const shape = [dim(x.shape, 0), dim(filter.shape, 0), ...output];
  if (isEmpty(x) || isEmpty(filter) || sizeOf(shape) === 0) return b.fill(0, x.dtype, shape);
  const [used, onUsed] = fitted(b, x, geometry);
  if (isEmpty(used)) return b.fill(0, x.dtype, shape);
  const windows = { kernel, strides, dilations, pads: pads(onUsed), output };
  const blocked = group === 1 ? blockedConvolution(b, used, filter, windows) : null;
  if (blocked) return blocked;
  const [image, padding] = evenlyPadded(b, used, windows.pads);
  const attributes = { kernel_shape: kernel, strides, dilations, pads: padding, group };
  return b.one('Conv', [image, filter], attributes, x.dtype, shape);
}

/**
 * Padding that is not the same on both sides is put there before: ONNX Runtime 1.30's WebGPU convolution takes the front's for
 * both.
 */
function evenlyPadded(b: GraphBuilder, x: Value, padding: readonly number[]): readonly [Value, readonly number[]] {
  const half = padding.length / 2;
  const [before, after] = [padding.slice(0, half), padding.slice(half)];
  const common = before.map((n, i) => Math.min(n, nth(after, i)));
  const beyond = (side: readonly number[]): number[] => side.map((n, i) => n - nth(common, i));
  return [padApart(b, x, beyond(before), beyond(after)), [...common, ...common]];
}

/**
 * Zeros around the spatial axes, where ONNX Runtime does not find them: it moves a Pad into the convolution behind it. So the last axis gets one
 * column more, which is cut off again. (Zeros of a shape of their own, to be joined, would depend on the number of rows.)
 */
function padApart(b: GraphBuilder, x: Value, before: readonly number[], after: readonly number[]): Value {
  if ([...before, ...after].every((n) => n === 0)) return x;
  const more = after.map((n, i) => (i === after.length - 1 ? n + 1 : n));
  const padded = b.pad(x, [0, 0, ...before], [0, 0, ...more]);
  const ends = padded.shape.map((n, axis) => (axis === padded.shape.length - 1 ? n - 1 : n));
  return b.slice(
    padded,
    ends.map(() => 0),
    ends,
  );
}

/**
 * The gradient of `convolve` by its input: every window's dy · w added where the window lay. Where windows move by one, that is a convolution with the
 * filter turned round, which is faster than ONNX Runtime's transposed one.
 */
export function convolveBack(b: GraphBuilder, dy: Value, filter: Value, geometry: Geometry, group: number): Value {
  const { strides, dilations, input, output } = geometry;
  const [n, outputs] = [dim(dy.shape, 0), dim(dy.shape, 1)];
  const channels = dim(filter.shape, 1) * group;
  if (isEmpty(dy) || isEmpty(filter)) return b.fill(0, dy.dtype, [n, channels, ...input]);
  // tf.conv2dTranspose accepts a dy larger than the convolution's output, and leaves the rest unread.
  const windows = b.slice(
    dy,
    dy.shape.map(() => 0),
    [n, outputs, ...output],
  );
  const byOne = [...strides, ...dilations].every((step) => step === 1) && group === 1;
  return (byOne ? turnedRound(b, windows, filter, geometry) : null) ?? transposed(b, windows, filter, geometry, group);
}

/** The same as a convolution; null where the windows do not reach all of the input. */
function turnedRound(
  b: GraphBuilder,
  dy: Value,
  filter: Value,
  { kernel, before, input, output }: Geometry,
): Value | null {
  const front = kernel.map((k, i) => k - 1 - nth(before, i));
  const back = kernel.map((k, i) => nth(input, i) - nth(output, i) - nth(front, i) + k - 1);
  if ([...front, ...back].some((zeros) => zeros < 0)) return null;
  const spatial = range(kernel.length).map((i) => i + 2);
  const turned = spatial.reduce(
    (weights, axis, i) => {
      const last = nth(kernel, i) - 1;
      return last === 0 ? weights : b.gather(weights, b.indices(range(last + 1).map((k) => last - k)), axis);
    },
    b.transpose(filter, [1, 0, ...spatial]),
  );
  const ones = kernel.map(() => 1);
  const windows = { kernel, strides: ones, dilations: ones, pads: [...front, ...back], output: input };
  const blocked = blockedConvolution(b, dy, turned, windows);
  if (blocked) return blocked;
  const [padded, pads] = evenlyPadded(b, dy, windows.pads);
  const attributes = { kernel_shape: kernel, strides: ones, dilations: ones, pads, group: 1 };
  const shape = [dim(dy.shape, 0), dim(filter.shape, 1), ...input];
  return b.one('Conv', [padded, turned], attributes, dy.dtype, shape);
}

function transposed(b: GraphBuilder, windows: Value, filter: Value, geometry: Geometry, group: number): Value {
  const { kernel, strides, dilations, before, input } = geometry;
  const full = reach(geometry);
  const n = dim(windows.shape, 0);
  const channels = dim(filter.shape, 1) * group;
  const attributes = { kernel_shape: kernel, strides, dilations, pads: [...before, ...before].map(() => 0), group };
  const shape = [n, channels, ...full];
  const blocked = group === 1 ? blockedTransposed(b, windows, filter, geometry) : null;
  const spread = blocked ?? b.one('ConvTranspose', [windows, filter], attributes, windows.dtype, shape);
  // What the windows reach is the padded input from its first zero on, or from where they begin behind the input's first elements.
  const [zeros, skipped] = [before.map((n) => Math.max(0, n)), before.map((n) => Math.max(0, -n))];
  const ends = input.map((n, i) => n + nth(before, i));
  const missing = ends.map((end, i) => Math.max(0, end - nth(full, i)));
  const padded = b.pad(spread, [0, 0, ...before.map(() => 0)], [0, 0, ...missing]);
  const used = b.slice(padded, [0, 0, ...zeros], [n, channels, ...ends]);
  return b.pad(used, [0, 0, ...skipped], [0, 0, ...skipped.map(() => 0)]);
}

/**
 * The gradient of `convolve` by its filter: dw[o, i, k] = Σ x[n, i, p·stride + k·dilation − before] · dy[n, o, p]. As one product of
 * matrices where it can be, else as a convolution that sums over n. In groups, each group of x's channels meets its own of dy's. The result
 * has i first: [i, o, k…].
 */
export function convolveFilterBack(b: GraphBuilder, image: Value, dy: Value, whole: Geometry, group: number): Value {
  const [x, geometry] = fitted(b, image, whole);
  if (isEmpty(x) || isEmpty(dy)) {
    const rows = group === 1 ? dim(image.shape, 1) : 1;
    return b.fill(0, image.dtype, [rows, dim(dy.shape, 1), ...whole.kernel]);
  }
  const blocked = group === 1 ? blockedFilterBack(b, x, dy, geometry) : null;
  if (blocked) return blocked;
  const plain = group === 1 && geometry.kernel.length === 2 && geometry.dilations.every((n) => n === 1);
  return plain ? filterBackAsProduct(b, x, dy, geometry) : filterBackAsConvolution(b, x, dy, geometry, group);
}

/** The same as a convolution with the roles of stride and dilation exchanged. */
function filterBackAsConvolution(b: GraphBuilder, x: Value, dy: Value, geometry: Geometry, group: number): Value {
  const { kernel, strides, dilations, input, output } = geometry;
  const [n, channels] = [dim(x.shape, 0), dim(x.shape, 1)];
  const outputs = dim(dy.shape, 1);
  const spatial = range(kernel.length).map((i) => i + 2);
  const padding = pads(geometry);
  const [padded, evenly] = evenlyPadded(b, x, padding);
  const swapped = { kernel_shape: output, strides: dilations, dilations: strides, pads: evenly, group };
  const byChannel = b.transpose(padded, [1, 0, ...spatial]);
  const channelRows = group === 1 ? byChannel : b.reshape(byChannel, [1, channels * n, ...padded.shape.slice(2)]);
  const windows = b.transpose(dy, [1, 0, ...spatial]);
  // Windows may end before the padded input does; then there are positions past the kernel's last.
  const positions = input.map((size, i) => {
    const total = size + nth(padding, i) + nth(padding, i + kernel.length);
    return Math.floor((total - (nth(output, i) - 1) * nth(strides, i) - 1) / nth(dilations, i)) + 1;
  });
  const rows = dim(channelRows.shape, 0);
  const all = b.one('Conv', [channelRows, windows], swapped, x.dtype, [rows, outputs, ...positions]);
  return b.slice(
    all,
    all.shape.map(() => 0),
    [rows, outputs, ...kernel],
  );
}
