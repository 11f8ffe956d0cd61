import type { GraphBuilder } from '../graph/builder';
import { producer, type Shape, sizeOf, type Value } from '../graph/graph';
import { dim, range } from '../graph/shapes';

/**
 * Two sets of points subtracted from each other, `[N, 1, d] − [1, K, d]` with its three axes in any order, and the layout in which it is
 * computed: `[K, d, N]`. There a product over any axis but K is one of matrices, component by component, and what is broadcast runs
 * over a whole row of N, not over a few dimensions.
 */
export interface Difference {
  readonly shape: Shape;
  /** The axes of `shape` in the order of the layout. */
  readonly order: readonly [components: number, dimensions: number, points: number];
}

/** `value` as a difference of two sets of points, or null. */
export function differenceOf(value: Value): Difference | null {
  const [a, b] = producer(value, 'Sub')?.inputs ?? [];
  if (!a || !b || value.shape.length !== 3 || value.dtype !== 'float32') return null;
  const varies = (operand: Value): boolean[] => padded(operand.shape).map((n, i) => n === value.shape[i] && n > 1);
  const [left, right] = [varies(a), varies(b)];
  const only = (own: boolean[], other: boolean[]): number[] => range(3).filter((i) => own[i] && !other[i]);
  const [ofLeft, ofRight] = [only(left, right), only(right, left)];
  const shared = range(3).filter((i) => left[i] && right[i]);
  const [l, r, dimensions] = [ofLeft[0], ofRight[0], shared[0]];
  if (l === undefined || r === undefined || dimensions === undefined) return null;
  // Parameters are the components, whichever side they stand on; where that does not tell, what is subtracted.
  const swapped = isGiven(a) && !isGiven(b);
  return { shape: value.shape, order: swapped ? [l, dimensions, r] : [r, dimensions, l] };
}

/** Whether `value` is an input or a constant, perhaps in another shape. */
function isGiven(value: Value): boolean {
  const inner = producer(value, 'Reshape') ?? producer(value, 'Expand');
  return inner?.inputs[0] ? isGiven(inner.inputs[0]) : value.source.kind !== 'node';
}

/** `x`, which broadcasts to the difference, in its layout. */
export function inLayout(b: GraphBuilder, x: Value, { order }: Difference): Value {
  return permuted(b, b.reshape(x, padded(x.shape)), order);
}

/** The opposite of `inLayout`. */
export function outOfLayout(b: GraphBuilder, x: Value, { order }: Difference): Value {
  return permuted(
    b,
    x,
    range(3).map((axis) => order.indexOf(axis)),
  );
}

/**
 * A transposition of the axes that are longer than 1, and no more than a reshape where those keep their order. ONNX Runtime takes a transposition
 * of three axes into the product behind it, which then takes ten times as long.
 */
function permuted(b: GraphBuilder, x: Value, perm: readonly number[]): Value {
  const long = range(x.shape.length).filter((axis) => dim(x.shape, axis) > 1);
  const moved = perm.filter((axis) => dim(x.shape, axis) > 1);
  const short = b.reshape(
    x,
    long.map((axis) => dim(x.shape, axis)),
  );
  const inOrder = moved.every((axis, i) => axis === long[i]);
  const turned = inOrder
    ? short
    : b.transpose(
        short,
        moved.map((axis) => long.indexOf(axis)),
      );
  return b.reshape(
    turned,
    perm.map((axis) => dim(x.shape, axis)),
  );
}

function padded(shape: Shape): Shape {
  return [...Array<number>(Math.max(0, 3 - shape.length)).fill(1), ...shape];
}

/** True for what has as many elements as the difference itself. */
export function isLarge(x: Value, { shape }: Difference): boolean {
  return sizeOf(x.shape) === sizeOf(shape);
}
