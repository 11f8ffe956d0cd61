import type { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { atan2, expm1, floorDivide, floorMod, log1p, step } from './formulas';
import type { Kernel, Lowerings } from './lowering';

type Unary = Kernel<tf.UnaryInputs>;
type Binary = Kernel<tf.BinaryInputs>;

/** Kernels of one input that compute each element from the element at the same place. */
export interface UnaryKernels {
  Abs: Unary;
  Acos: Unary;
  Acosh: Unary;
  Asin: Unary;
  Asinh: Unary;
  Atan: Unary;
  Atanh: Unary;
  Cast: Kernel<tf.CastInputs, tf.CastAttrs>;
  Ceil: Unary;
  ClipByValue: Kernel<tf.ClipByValueInputs, tf.ClipByValueAttrs>;
  Cos: Unary;
  Cosh: Unary;
  Elu: Unary;
  Erf: Unary;
  Exp: Unary;
  Expm1: Unary;
  Floor: Unary;
  Identity: Unary;
  IsFinite: Unary;
  IsInf: Unary;
  IsNan: Unary;
  LeakyRelu: Kernel<tf.LeakyReluInputs, tf.LeakyReluAttrs>;
  Log: Unary;
  Log1p: Unary;
  LogicalNot: Unary;
  Neg: Unary;
  Reciprocal: Unary;
  Relu: Unary;
  Relu6: Unary;
  Round: Unary;
  Rsqrt: Unary;
  Selu: Unary;
  Sigmoid: Unary;
  Sign: Unary;
  Sin: Unary;
  Sinh: Unary;
  Softplus: Unary;
  Sqrt: Unary;
  Square: Unary;
  Step: Kernel<tf.StepInputs, tf.StepAttrs>;
  Tan: Unary;
  Tanh: Unary;
}

type UnaryOp = Parameters<GraphBuilder['unary']>[0];

/** A float function: integers are computed as float32, which is also the result's type. */
const float =
  (op: UnaryOp) =>
  (b: GraphBuilder, { x }: { readonly x: Value }): Value =>
    b.unary(op, b.cast(x, 'float32'));

/** A function that keeps the type of its input. */
const keep =
  (op: UnaryOp) =>
  (b: GraphBuilder, { x }: { readonly x: Value }): Value =>
    b.unary(op, x);

/** Rounding, which leaves integers as they are. */
const whole =
  (op: 'Ceil' | 'Floor' | 'Round') =>
  (b: GraphBuilder, { x }: { readonly x: Value }): Value =>
    x.dtype === 'float32' ? b.unary(op, x) : x;

/** The constants of Klambauer et al., Self-Normalizing Neural Networks, 2017. */
const SELU_ALPHA = 1.7580993408473768;
const SELU_SCALE = 1.0507009873554805;

export const UNARY: Lowerings<UnaryKernels> = {
  Abs: keep('Abs'),
  Acos: float('Acos'),
  Acosh: float('Acosh'),
  Asin: float('Asin'),
  Asinh: float('Asinh'),
  Atan: float('Atan'),
  Atanh: float('Atanh'),
  Cast: (b, { x }, { dtype }) =>
    b.cast(x, dtype === 'float32' || dtype === 'int32' || dtype === 'bool' ? dtype : unsupported(dtype)),
  Ceil: whole('Ceil'),
  ClipByValue: (b, { x }, { clipValueMin, clipValueMax }) =>
    b.unary('Clip', x, { min: clipValueMin, max: clipValueMax }),
  Cos: float('Cos'),
  Cosh: float('Cosh'),
  Elu: float('Elu'),
  Erf: float('Erf'),
  Exp: float('Exp'),
  Expm1: (b, { x }) => expm1(b, b.cast(x, 'float32')),
  Floor: whole('Floor'),
  Identity: (_, { x }) => x,
  IsFinite: (b, { x }) => b.compare('Less', b.unary('Abs', b.cast(x, 'float32')), b.scalar(Number.POSITIVE_INFINITY)),
  IsInf: (b, { x }) => b.test('IsInf', b.cast(x, 'float32')),
  IsNan: (b, { x }) => b.test('IsNaN', b.cast(x, 'float32')),
  LeakyRelu: (b, { x }, { alpha }) => b.unary('LeakyRelu', b.cast(x, 'float32'), { alpha }),
  Log: float('Log'),
  Log1p: (b, { x }) => log1p(b, b.cast(x, 'float32')),
  LogicalNot: (b, { x }) => b.unary('Not', b.cast(x, 'bool')),
  Neg: keep('Neg'),
  Reciprocal: float('Reciprocal'),
  Relu: keep('Relu'),
  Relu6: (b, { x }) => b.unary('Clip', x, { min: 0, max: 6 }),
  Round: whole('Round'),
  Rsqrt: (b, { x }) => b.unary('Reciprocal', b.unary('Sqrt', b.cast(x, 'float32'))),
  Selu: (b, { x }) =>
    b.binary('Mul', b.unary('Elu', b.cast(x, 'float32'), { alpha: SELU_ALPHA / SELU_SCALE }), b.scalar(SELU_SCALE)),
  Sigmoid: float('Sigmoid'),
  Sign: (b, { x }) =>
    x.dtype === 'float32' ? b.where(b.test('IsNaN', x), b.scalar(0), b.unary('Sign', x)) : b.unary('Sign', x),
  Sin: float('Sin'),
  Sinh: float('Sinh'),
  Softplus: float('Softplus'),
  Sqrt: float('Sqrt'),
  Square: (b, { x }) => b.binary('Mul', x, x),
  Step: (b, { x }, { alpha }) => step(b, x, alpha),
  Tan: float('Tan'),
  Tanh: float('Tanh'),
};

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

/** Arithmetic on two inputs of one type; ONNX has none on bool, which is computed as int32 and cast back. */
const arithmetic =
  (op: Parameters<GraphBuilder['binary']>[0]) =>
  (g: GraphBuilder, { a, b }: Operands): Value =>
    a.dtype === 'bool' ? g.cast(g.binary(op, g.cast(a, 'int32'), g.cast(b, 'int32')), 'bool') : g.binary(op, a, b);

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
  AddN: (g, terms) => terms.slice(1).reduce((sum, term) => g.binary('Add', sum, term), terms[0] as Value),
  Atan2: (g, { a, b }) => atan2(g, a, b),
  BitwiseAnd: (g, { a, b }) => g.binary('BitwiseAnd', a, b),
  EluGrad: (g, { dy, y }) => {
    const negative = g.binary('Mul', dy, g.binary('Add', y, g.scalar(1)));
    return g.where(g.compare('GreaterOrEqual', y, g.scalar(0)), dy, negative);
  },
  Equal: comparison('Equal'),
  FloorDiv: (g, { a, b }) => floorDivide(g, a, b),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalXor: logical('Xor'),
  Maximum: arithmetic('Max'),
  Minimum: arithmetic('Min'),
  Mod: (g, { a, b }) => floorMod(g, a, b),
  Multiply: arithmetic('Mul'),
  NotEqual: (g, { a, b }) => g.unary('Not', g.compare('Equal', a, b)),
  Pow: (g, { a, b }) => g.binary('Pow', a, b),
  Prelu: (g, { x, alpha }) => g.binary('PRelu', g.cast(x, 'float32'), g.cast(alpha, 'float32')),
  RealDiv: (g, { a, b }) => g.binary('Div', g.cast(a, 'float32'), g.cast(b, 'float32')),
  Select: (g, { condition, t, e }) => {
    const rank = t.shape.length;
    const perRow = condition.shape.length === 1 && rank > 1;
    const shape = perRow ? [...condition.shape, ...Array<number>(rank - 1).fill(1)] : condition.shape;
    return g.where(g.reshape(g.cast(condition, 'bool'), shape), t, e);
  },
  SquaredDifference: (g, { a, b }) => {
    const difference = g.binary('Sub', a, b);
    return g.binary('Mul', difference, difference);
  },
  Sub: arithmetic('Sub'),
};

function unsupported(dtype: string): never {
  throw new Error(`the element type ${dtype} cannot be compiled: use float32, int32 or bool`);
}
