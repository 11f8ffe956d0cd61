import { nth } from '../../nth';
import { producer, sameShape, type Value } from '../graph/graph';
import type { Rule } from './rule';

/** Identity, and casts, reshapes and broadcasts to what is there already. */
export const removeIdentity: Rule = (_, { op, inputs, attributes, type }) => {
  const x = inputs[0];
  if (!x || !sameShape(x.shape, type.shape) || x.dtype !== type.dtype) return null;
  if (op === 'Identity' || op === 'Cast' || op === 'Reshape' || op === 'Expand') return x;
  const perm = attributes.perm;
  const inOrder = op === 'Transpose' && Array.isArray(perm) && perm.every((axis, i) => axis === i);
  return inOrder ? x : null;
};

/** A reshape of a reshape is one reshape. */
export const mergeReshapes: Rule = (b, { op, inputs, type }) => {
  const inner = op === 'Reshape' && inputs[0] ? producer(inputs[0], 'Reshape') : null;
  return inner?.inputs[0] ? b.reshape(inner.inputs[0], type.shape) : null;
};

/** A transposition of a transposition is one, or none. */
export const mergeTransposes: Rule = (b, { op, inputs, attributes }) => {
  const inner = op === 'Transpose' && inputs[0] ? producer(inputs[0], 'Transpose') : null;
  const [outerPerm, innerPerm] = [attributes.perm, inner?.attributes.perm];
  if (!inner?.inputs[0] || !Array.isArray(outerPerm) || !Array.isArray(innerPerm)) return null;
  return b.transpose(
    inner.inputs[0],
    outerPerm.map((axis: number) => nth(innerPerm, axis)),
  );
};

/** A transposition that moves none but axes of size 1 past others leaves all numbers in their order. That of a matrix is left to `Gemm`. */
export const reshapeForUnitAxes: Rule = (b, { op, inputs, attributes, type }) => {
  const [x, perm] = [inputs[0], attributes.perm];
  if (op !== 'Transpose' || !x || !Array.isArray(perm) || perm.length < 3) return null;
  const moved = perm.filter((axis: number) => nth(x.shape, axis) !== 1);
  return moved.every((axis, i) => i === 0 || axis > nth(moved, i - 1)) ? b.reshape(x, type.shape) : null;
};

/** Images brought out of their blocks of channels and back are what they were. */
export const removeReorders: Rule = (_, { op, inputs, type }) => {
  const blocks = op === 'ReorderInput' && inputs[0] ? producer(inputs[0], 'ReorderOutput')?.inputs[0] : null;
  return blocks && sameShape(blocks.shape, type.shape) ? blocks : null;
};

/** The matrix whose transpose `value` is, if a node computes it so. */
function transposeOf(value: Value): Value | null {
  return producer(value, 'Transpose')?.inputs[0] ?? null;
}

/** A product of matrices, one or both transposed first, is a Gemm that reads them transposed. */
export const foldTransposesIntoGemm: Rule = (b, { op, inputs, type }) => {
  const [x, y] = inputs;
  if (op !== 'MatMul' || x?.shape.length !== 2 || y?.shape.length !== 2 || type.dtype !== 'float32') return null;
  const [a, c] = [transposeOf(x), transposeOf(y)];
  if (!a && !c) return null;
  const flags = { transA: a ? 1 : 0, transB: c ? 1 : 0 };
  return b.one('Gemm', [a ?? x, c ?? y], { ...flags, alpha: 1, beta: 1 }, type.dtype, type.shape);
};
