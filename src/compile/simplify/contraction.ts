import { nth } from '../../nth';
import type { GraphBuilder } from '../graph/builder';
import { type Shape, sizeOf, type Value } from '../graph/graph';
import { dim } from '../graph/shapes';
import { outOfLayout } from './difference';
import { type Factor, type Product, productOf, weightOf } from './product';
import type { Rule } from './rule';

const COMPONENTS = 0;
const DIMENSIONS = 1;
const POINTS = 2;

/**
 * A sum over one axis of products with a difference z_nj − μ_kj of two sets of points, as the plain formula of a mixture's log density and
 * its gradients have them: Σ_j (z_nj − μ_kj)²/σ_kj², Σ_n g_nk (z_nj − μ_kj)²/σ_kj⁴, Σ_k g_nk (z_nj − μ_kj)/σ_kj². The difference and its
 * square are taken as they stand, never expanded (z and μ may be far from 0 and close to each other), but factors that do not
 * depend on the axis come after the sum, and the others are weights of a product of matrices. Of a dozen passes over [N, K, d], three or four
 * are left. Rounding differs by the order of products and sums; a divisor in a weight is taken as its reciprocal.
 */
export const contractDifferences: Rule = (b, { op, inputs, attributes, type }) => {
  const [x] = inputs;
  const axes = attributes.axes;
  if (op !== 'ReduceSum' || !x || x.shape.length !== 3 || !Array.isArray(axes) || axes.length !== 1) return null;
  const sum = sumOf(b, x, nth(axes, 0));
  return sum && b.reshape(sum, type.shape);
};

/**
 * Σ x over `axis`, which stays with length 1, or null. A smaller summand is summed by itself: the products beside it are rounded each, at
 * the size that they have, so that no digit is lost that they had.
 */
function sumOf(b: GraphBuilder, x: Value, axis: number): Value | null {
  const node = x.source.kind === 'node' ? x.source.node : null;
  if (node?.op !== 'Add' && node?.op !== 'Sub') {
    const product = productOf(b, x);
    return product && contract(b, product, axis);
  }
  const [left, right] = [nth(node.inputs, 0), nth(node.inputs, 1)];
  const [l, r] = [left, right].map((side) => (isWhole(side, x) ? sumOf(b, side, axis) : smallSum(b, side, x, axis)));
  const anyProduct = isWhole(left, x) || isWhole(right, x);
  return l && r && anyProduct ? b.binary(node.op, l, r) : null;
}

const isWhole = (side: Value, { shape }: Value): boolean => shape.every((n, i) => side.shape.at(i - 3) === n);

/** Σ over `axis` of what broadcasts to `whole` and is smaller. */
function smallSum(b: GraphBuilder, x: Value, whole: Value, axis: number): Value {
  const shape: Shape = [...Array<number>(3 - x.shape.length).fill(1), ...x.shape];
  const aligned = b.reshape(x, shape);
  const count = dim(whole.shape, axis);
  if (dim(shape, axis) === count) return b.reduce('ReduceSum', aligned, [axis], true);
  return b.binary('Mul', aligned, b.scalar(count));
}

/** Σ of the product over `axis` of the difference, back in its order of axes. */
function contract(b: GraphBuilder, { of, core, factors }: Product, axis: number): Value {
  const along = of.order.indexOf(axis);
  const [numbers, others] = halves(factors, ({ value }) => sizeOf(value.shape) === 1);
  const [inside, outside] = halves(others, ({ value }) => dim(value.shape, along) > 1);
  // Where the product is there in full, for the sum over another axis, its own sum is the cheapest.
  const weight = weightOf(b, others);
  const full = weight && along === POINTS ? b.existing('Mul', [core, weight]) : null;
  const sum = full ? sumOfPoints(b, full) : scaled(b, sumAlong(b, core, inside, along), outside);
  // Numbers come last: next to a product of matrices, ONNX Runtime would take one into it, and another kernel, of twice the time.
  return scaled(b, outOfLayout(b, sum, of), numbers);
}

function halves<T>(all: readonly T[], first: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(first), all.filter((one) => !first(one))];
}

function scaled(b: GraphBuilder, value: Value, factors: readonly Factor[]): Value {
  return factors.reduce((product, f) => b.binary(f.divides ? 'Div' : 'Mul', product, f.value), value);
}

/** Σ of the core with weights that depend on the axis, as a product of matrices where ONNX Runtime has a fast one. */
function sumAlong(b: GraphBuilder, core: Value, inside: readonly Factor[], along: number): Value {
  if (along === DIMENSIONS && inside.every(({ value }) => dim(value.shape, POINTS) === 1)) {
    return sumOfRows(b, core, weightOf(b, inside));
  }
  const weight = weightOf(b, inside);
  const summands = weight ? b.binary('Mul', core, weight) : core;
  if (along === DIMENSIONS) return sumOfRows(b, summands, null);
  return along === POINTS ? sumOfPoints(b, summands) : sumOfComponents(b, summands);
}

/** Σ_j: a row of weights, `[K, d, 1]` or 1 each, times the matrix of each component. */
function sumOfRows(b: GraphBuilder, x: Value, weights: Value | null): Value {
  const column = weights ?? ones(b, [1, dim(x.shape, DIMENSIONS), 1]);
  return b.matMul(b.reshape(column, [dim(column.shape, COMPONENTS), 1, dim(column.shape, DIMENSIONS)]), x);
}

/** Σ_n. A product of each matrix with a column takes longer. */
function sumOfPoints(b: GraphBuilder, x: Value): Value {
  const [k, d, n] = x.shape as [number, number, number];
  return b.reshape(b.reduce('ReduceSum', b.reshape(x, [k * d, n]), [1], false), [k, d, 1]);
}

/** Σ_k, as a row of ones times one matrix: ONNX Runtime's reduction over the outer axis takes longer. */
function sumOfComponents(b: GraphBuilder, x: Value): Value {
  const [k, d, n] = x.shape as [number, number, number];
  return b.reshape(b.matMul(ones(b, [1, k]), b.reshape(x, [k, d * n])), [1, d, n]);
}

function ones(b: GraphBuilder, shape: Shape): Value {
  return b.constant(new Float32Array(sizeOf(shape)).fill(1), 'float32', shape);
}
