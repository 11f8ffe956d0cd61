import { nth } from '../../nth';
import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { dim, range } from '../graph/shapes';
import type { Geometry } from './geometry';

/**
 * The gradient of a two-dimensional convolution by its filter as one product of matrices. With the images of a batch below each other, rows
 * counted through: dw[i, o, a, b] = Σ x[i, r + a, c + b] · dy[o, r, c] = Σ x[i, r, c + b] · dy[o, r − a, c]. The shift along rows is one of dy, and
 * that along columns stays with x, so for all a and b at once this is a product of [i·b, r·c] and [r·c, a·o]: x is copied once for each column of the
 * filter and dy once for each row, where the usual rearrangement of windows copies x for each pair of both. Enough zeros between two images keep one's
 * windows off the other. A stride is taken out first, by dealing rows and columns round to as many images.
 *
 * ONNX Runtime's convolution, the other way to sum over the batch, takes two to four times as long: it multiplies matrices with only as many columns
 * as the filter has elements.
 */
export function filterBackAsProduct(b: GraphBuilder, x: Value, dy: Value, geometry: Geometry): Value {
  const { kernel, strides, output } = geometry;
  const [outHeight, outWidth] = [dim(output, 0), dim(output, 1)];
  const [rows, columns] = [axisOf(0, geometry), axisOf(1, geometry)];
  const [n, channels] = [dim(x.shape, 0), dim(x.shape, 1)];
  const outputs = dim(dy.shape, 1);
  const dealt = deal(b, spread(b, x, geometry, [rows.size, columns.size]), strides); // [s·s·i, n, r, c]
  const [images, height] = [dim(dealt.shape, 0), dim(dealt.shape, 2)];
  const length = n * height * outWidth;
  const shifted = range(columns.taps).map((tap) => b.slice(dealt, [0, 0, 0, tap], [images, n, height, tap + outWidth]));
  const left = b.reshape(b.concat(shifted, 0), [columns.taps * images, length]);
  const windows = b.pad(b.transpose(dy, [1, 0, 2, 3]), [0, 0, 0, 0], [0, 0, height - outHeight, 0]);
  const flat = b.reshape(windows, [outputs, length]);
  const lowered = range(rows.taps).map((tap) => moved(b, flat, tap * outWidth));
  const product = b.matMul(left, b.transpose(b.concat(lowered, 0), [1, 0])); // [b·s·s·i, a·o]
  const apart = b.reshape(product, [columns.taps, rows.step, columns.step, channels, rows.taps, outputs]);
  // A row of the filter is tap·stride + the number of the image that it was dealt to.
  const together = b.transpose(apart, [3, 5, 4, 1, 0, 2]);
  const filter = b.reshape(together, [channels, outputs, rows.taps * rows.step, columns.taps * columns.step]);
  return b.slice(filter, [0, 0, 0, 0], [channels, outputs, ...kernel]);
}

interface Axis {
  readonly step: number;
  /** Elements of the filter that meet one of the images that the axis is dealt to. */
  readonly taps: number;
  /** Rows or columns with the zeros around them, in whole strides. */
  readonly size: number;
}

function axisOf(axis: number, { kernel, strides, before, input, output }: Geometry): Axis {
  const [step, first, out] = [nth(strides, axis), nth(before, axis), dim(output, axis)];
  const taps = Math.ceil(dim(kernel, axis) / step);
  const reached = (out + taps - 1) * step;
  if (axis === 1) return { step, taps, size: reached };
  // Rows: a window that ends below its image may reach into the zeros above the next one, but no further.
  const used = Math.min(dim(input, axis), reached - first);
  return { step, taps, size: Math.ceil(Math.max(first + used, reached - first) / step) * step };
}

/** x as [i, n, r, c], what the windows reach and no more, with zeros in front and behind up to the size. */
function spread(
  b: GraphBuilder,
  x: Value,
  { kernel, strides, before, output }: Geometry,
  size: readonly number[],
): Value {
  const [n, channels, ...input] = x.shape as [number, number, ...number[]];
  const used = input.map((all, axis) => {
    const step = nth(strides, axis);
    const reached = (dim(output, axis) + Math.ceil(dim(kernel, axis) / step) - 1) * step;
    return Math.min(all, reached - nth(before, axis));
  });
  const part = b.slice(x, [0, 0, 0, 0], [n, channels, ...used]);
  const after = used.map((all, axis) => nth(size, axis) - nth(before, axis) - all);
  return b.pad(b.transpose(part, [1, 0, 2, 3]), [0, 0, ...before], [0, 0, ...after]);
}

/** Rows moved to the right by `by`: zeros come in, and what is moved out is lost. */
function moved(b: GraphBuilder, rows: Value, by: number): Value {
  const [count, length] = [dim(rows.shape, 0), dim(rows.shape, 1)];
  return by === 0 ? rows : b.pad(b.slice(rows, [0, 0], [count, length - by]), [0, by], [0, 0]);
}

/** [i, n, r·s, c·s] to [s·s·i, n, r, c]: image (a, b) has every s-th row from a on, and every s-th column from b on. */
function deal(b: GraphBuilder, x: Value, strides: readonly number[]): Value {
  const [down, across] = [nth(strides, 0), nth(strides, 1)];
  if (down === 1 && across === 1) return x;
  const [channels, n, height, width] = x.shape as [number, number, number, number];
  const images = range(down).flatMap((first) =>
    range(across).map((start) => b.slice(x, [0, 0, first, start], [channels, n, height, width], [1, 1, down, across])),
  );
  return b.concat(images, 0);
}
