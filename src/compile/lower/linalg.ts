import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import { sizeOf, type Value } from '../graph/graph';
import { printType } from '../graph/print';
import { dim, range } from '../graph/shapes';
import { type Activation, activate } from './activation';
import { numbers } from './formulas';
import type { Kernel, Lowerings } from './lowering';

/** Matrix products and what builds matrices. */
export interface LinalgKernels {
  BatchMatMul: Kernel<tf.BatchMatMulInputs, tf.BatchMatMulAttrs>;
  Diag: Kernel<tf.DiagInputs>;
  Einsum: Kernel<tf.EinsumInputs, tf.EinsumAttrs>;
  _FusedMatMul: Kernel<tf._FusedMatMulInputs, tf._FusedMatMulAttrs>;
}

/** op(a)·op(b), batched over the leading axes. */
function product(b: GraphBuilder, left: Value, right: Value, transposeA: boolean, transposeB: boolean): Value {
  const [inner, other] = [left.shape.at(transposeA ? -2 : -1), right.shape.at(transposeB ? -1 : -2)];
  if (left.shape.length < 2 || right.shape.length < 2 || inner !== other) {
    const flags = `transposeA=${transposeA}, transposeB=${transposeB}`;
    throw new Error(
      `matMul: the inner dimensions of ${printType(left)} and ${printType(right)} do not match (${flags})`,
    );
  }
  return b.matMul(transposeA ? b.transposeLast(left) : left, transposeB ? b.transposeLast(right) : right);
}

export const LINALG: Lowerings<LinalgKernels> = {
  BatchMatMul: (g, { a, b }, { transposeA, transposeB }) => product(g, a, b, transposeA, transposeB),
  Diag: (b, { x }) => {
    const n = sizeOf(x.shape);
    const eye = b.compare('Equal', b.indices(range(n), [n, 1]), b.indices(range(n)));
    return b.reshape(b.where(eye, b.reshape(x, [n]), b.scalar(0, x.dtype)), [...x.shape, ...x.shape]);
  },
  Einsum: (b, tensors, { equation }) => {
    const { allDims, summedDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length);
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as unknown as tf.Tensor[]);
    const sizes: number[] = [];
    idDims.forEach((dims, i) => {
      for (const [axis, name] of dims.entries()) sizes[name] = dim(nth(tensors, i).shape, axis);
    });
    const shape = range(allDims.length - summedDims.length).map((name) => nth(sizes, name));
    const dtype = tensors[0]?.dtype ?? 'float32';
    if (tensors.some((x) => x.dtype !== dtype)) {
      const types = tensors.map((x) => printType(x)).join(' and ');
      throw new UsageError(
        `einsum: ${types} are of different types, expected one: tf.cast one to the type of the other`,
      );
    }
    const terms = tensors.map((x) => numbers(b, x));
    const result = b.one('Einsum', terms, { equation }, terms[0]?.dtype ?? 'float32', shape);
    return dtype === 'bool' && summedDims.length === 0 ? b.cast(result, 'bool') : result;
  },
  _FusedMatMul: (g, inputs, { transposeA, transposeB, activation, leakyreluAlpha }) => {
    const { a, b, bias, preluActivationWeights } = inputs;
    const result = product(g, a, b, transposeA, transposeB);
    const sum = bias ? g.binary('Add', result, bias) : result;
    return activate(g, sum, activation as Activation, preluActivationWeights, leakyreluAlpha);
  },
};
