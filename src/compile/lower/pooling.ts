import { nth } from '../../nth';
import type { GraphBuilder } from '../graph/builder';
import { sameShape, sizeOf, type Value } from '../graph/graph';
import { dim, range } from '../graph/shapes';
import { convolveBack } from './convolve';
import { fitted, type Geometry, pads, reach, surround } from './geometry';

// Everything here is [n, c, …spatial].

/** The largest or the mean element of each window; the padding counts for neither. */
export function pool(b: GraphBuilder, op: 'MaxPool' | 'AveragePool', image: Value, whole: Geometry): Value {
  const { kernel, strides, dilations, output } = whole;
  // tfjs takes windows of one element for no pooling at all, whatever the stride, if the shape stays the same.
  if (sizeOf(kernel) === 1 && sameShape(whole.input, output)) return image;
  const shape = [...image.shape.slice(0, 2), ...output];
  if (sizeOf(shape) === 0) return b.fill(0, image.dtype, shape);
  if (image.dtype !== 'float32') return maxOfIntegers(b, image, whole);
  const [x, geometry] = fitted(b, image, whole);
  const padding = pads(geometry);
  const attributes = { kernel_shape: kernel, strides, ...(op === 'MaxPool' ? { dilations } : {}) };
  // ONNX Runtime pads by less than a window only; else −∞ or 0 is put there before.
  const wide = padding.some((n, i) => n >= nth(kernel, i % kernel.length));
  if (!wide) return b.one(op, [x], { ...attributes, pads: padding }, x.dtype, shape);
  const [before, after] = [padding.slice(0, kernel.length), padding.slice(kernel.length)];
  const padded = surround(b, x, before, after, op === 'MaxPool' ? Number.NEGATIVE_INFINITY : 0);
  const pooled = b.one(op, [padded], { ...attributes, pads: padding.map(() => 0) }, x.dtype, shape);
  return op === 'MaxPool' ? pooled : b.binary('Mul', pooled, shareOfElements(b, geometry));
}

/** The largest element of each window of integers or bools, place by place: ONNX Runtime's MaxPool knows neither. */
function maxOfIntegers(b: GraphBuilder, image: Value, whole: Geometry): Value {
  const [x, geometry] = fitted(b, b.cast(image, 'int32'), whole);
  const elements = range(sizeOf(geometry.kernel)).map((place) => windowElement(b, x, geometry, place));
  return b.cast(
    elements.reduce((a, c) => b.binary('Max', a, c)),
    image.dtype,
  );
}

/** What turns the mean over a window with zeros of the padding into the mean of its elements: size ÷ elements, 0 without any. */
function shareOfElements(b: GraphBuilder, { kernel, strides, dilations, before, input, output }: Geometry): Value {
  const along = output.map((count, axis) =>
    range(count).map((at) => {
      const start = at * nth(strides, axis) - nth(before, axis);
      const places = range(nth(kernel, axis)).map((k) => start + k * nth(dilations, axis));
      return places.filter((place) => place >= 0 && place < nth(input, axis)).length;
    }),
  );
  const elements = along.reduce<number[]>((all, counts) => all.flatMap((n) => counts.map((m) => n * m)), [1]);
  const share = elements.map((n) => (n === 0 ? 0 : sizeOf(kernel) / n));
  return b.constant(Float32Array.from(share), 'float32', [1, 1, ...output]);
}

/** Spreads dy evenly over each window, divided by the whole window's size also at a padded edge, as tfjs has it. */
export function averagePoolBack(b: GraphBuilder, dy: Value, geometry: Geometry): Value {
  const channels = dim(dy.shape, 1);
  const size = sizeOf(geometry.kernel);
  const shape = [channels, 1, ...geometry.kernel];
  const ones = b.constant(new Float32Array(channels * size).fill(1 / size), 'float32', shape);
  return convolveBack(b, dy, ones, geometry, channels);
}

/** dy put at the first largest element of each window of x, whose maximum is y; in 3D at the last, as TensorFlow.js has it. */
export function maxPoolBack(b: GraphBuilder, dy: Value, x: Value, y: Value, geometry: Geometry): Value {
  if (sizeOf(dy.shape) === 0) return b.fill(0, dy.dtype, x.shape);
  const places = sizeOf(geometry.kernel);
  const channels = dim(dy.shape, 1);
  const [used, onUsed] = fitted(b, x, geometry);
  let left = dy;
  const volumes = geometry.kernel.length === 3;
  const order = volumes ? range(places).reverse() : range(places);
  const shares = order.map((place) => {
    const isMaximum = b.compare('Equal', windowElement(b, used, onUsed, place), y);
    const share = b.where(isMaximum, left, b.scalar(0));
    left = b.where(isMaximum, b.scalar(0), left);
    return b.reshape(share, [...dy.shape.slice(0, 2), 1, ...geometry.output]);
  });
  const stacked = b.reshape(b.concat(volumes ? shares.reverse() : shares, 2), [
    dim(dy.shape, 0),
    channels * places,
    ...geometry.output,
  ]);
  return convolveBack(b, stacked, oneHotFilters(b, channels, geometry.kernel), geometry, channels);
}

/** The element at `place` (counted along the kernel) of every window of x, in the padding what is less than all numbers. */
function windowElement(b: GraphBuilder, x: Value, geometry: Geometry, place: number): Value {
  const { kernel, strides, dilations, before, input, output } = geometry;
  const after = reach(geometry).map((end, i) => Math.max(0, end - nth(input, i) - nth(before, i)));
  const least = x.dtype === 'float32' ? Number.NEGATIVE_INFINITY : -(2 ** 31);
  const padded = b.pad(x, [0, 0, ...before], [0, 0, ...after], least);
  const offset = kernel.map((k, i) => (Math.floor(place / sizeOf(kernel.slice(i + 1))) % k) * nth(dilations, i));
  const ends = offset.map((start, i) => start + (nth(output, i) - 1) * nth(strides, i) + 1);
  return b.slice(padded, [0, 0, ...offset], [...x.shape.slice(0, 2), ...ends], [1, 1, ...strides]);
}

/** Makes, for each channel, one filter per place of the kernel: 1 there and 0 elsewhere. */
function oneHotFilters(b: GraphBuilder, channels: number, kernel: readonly number[]): Value {
  const places = sizeOf(kernel);
  const data = new Float32Array(channels * places * places);
  for (let i = 0; i < channels * places; i++) data[i * places + (i % places)] = 1;
  return b.constant(data, 'float32', [channels * places, 1, ...kernel]);
}
