import { nth } from '../../nth';
import { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { dtypeOf } from './creation';
import { atan2, floorDivide, floorMod, numbers } from './formulas';
import type { Kernel, Lowerings } from './lowering';

type Binary = Kernel<tf.BinaryInputs>;

/** Kernels that combine the elements of two (or more) inputs, with numpy broadcasting. */
export interface BinaryKernels {
  Add: Binary;
  AddN: Kernel<tf.AddNInputs>;
  Atan2: Binary;
  BitwiseAnd: Binary;
  EluGrad: Kernel<tf.EluGradInputs>;
  Equal: Binary;
  FloorDiv: Binary;
  Greater: Binary;
  GreaterEqual: Binary;
  Less: Binary;
  LessEqual: Binary;
  LogicalAnd: Binary;
  LogicalOr: Binary;
  LogicalXor: Binary;
  Maximum: Binary;
  Minimum: Binary;
  Mod: Binary;
  Multiply: Binary;
  NotEqual: Binary;
  Pow: Binary;
  Prelu: Kernel<tf.PreluInputs>;
  RealDiv: Binary;
  Select: Kernel<tf.SelectInputs>;
  SquaredDifference: Binary;
  Sub: Binary;
}

type Operands = { readonly a: Value; readonly b: Value };

/** Arithmetic on two inputs of one type. */
const arithmetic =
  (op: Parameters<GraphBuilder['binary']>[0]) =>
  (g: GraphBuilder, { a, b }: Operands): Value =>
    g.binary(op, a, b);

const logical =
  (op: 'And' | 'Or' | 'Xor') =>
  (g: GraphBuilder, { a, b }: Operands): Value =>
    g.binary(op, g.cast(a, 'bool'), g.cast(b, 'bool'));

const comparison =
  (op: Parameters<GraphBuilder['compare']>[0]) =>
  (g: GraphBuilder, { a, b }: Operands): Value => {
    const ordered = a.dtype === 'bool' && op !== 'Equal';
    return ordered ? g.compare(op, g.cast(a, 'int32'), g.cast(b, 'int32')) : g.compare(op, a, b);
  };

export const BINARY: Lowerings<BinaryKernels> = {
  Add: arithmetic('Add'),
  AddN: (g, terms) => terms.slice(1).reduce((sum, term) => g.binary('Add', sum, term), nth(terms, 0)),
  Atan2: (g, { a, b }) => atan2(g, g.cast(a, 'float32'), g.cast(b, 'float32')),
  BitwiseAnd: (g, { a, b }) => g.binary('BitwiseAnd', a, b),
  EluGrad: (g, { dy, y }) => {
    const negative = g.binary('Mul', dy, g.binary('Add', y, g.scalar(1)));
    return g.where(g.compare('GreaterOrEqual', y, g.scalar(0)), dy, negative);
  },
  Equal: comparison('Equal'),
  FloorDiv: (g, { a, b }) => floorDivide(g, numbers(g, a), numbers(g, b)),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalXor: logical('Xor'),
  Maximum: arithmetic('Max'),
  Minimum: arithmetic('Min'),
  Mod: (g, { a, b }) => g.cast(floorMod(g, numbers(g, a), numbers(g, b)), a.dtype),
  Multiply: arithmetic('Mul'),
  NotEqual: (g, { a, b }) => g.unary('Not', g.compare('Equal', a, b)),
  Pow: (g, { a, b }) => g.binary('Pow', a, b),
  Prelu: (g, { x, alpha }) => g.binary('PRelu', g.cast(x, 'float32'), g.cast(alpha, 'float32')),
  RealDiv: (g, { a, b }) => g.binary('Div', g.cast(a, 'float32'), g.cast(b, 'float32')),
  Select: (g, { condition, t, e }) => {
    const rank = t.shape.length;
    const perRow = condition.shape.length === 1 && rank > 1;
    const shape = perRow ? [...condition.shape, ...Array<number>(rank - 1).fill(1)] : condition.shape;
    const dtype = dtypeOf(tf.upcastType(dtypeOf(t.dtype), dtypeOf(e.dtype)));
    return g.where(g.reshape(g.cast(condition, 'bool'), shape), g.cast(t, dtype), g.cast(e, dtype));
  },
  SquaredDifference: (g, { a, b }) => {
    const difference = g.binary('Sub', a, b);
    return g.binary('Mul', difference, difference);
  },
  Sub: arithmetic('Sub'),
};
