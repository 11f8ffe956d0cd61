import type { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { dtypeOf } from './creation';
import { expm1, log1p, sigmoid, softplus, step } from './formulas';
import type { Kernel, Lowerings } from './lowering';

type Unary = Kernel<tf.UnaryInputs>;

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

/** A bound of elements like `x`: an infinite one is the outermost that integers can have, not the 0 that an Int32Array makes of it. */
const bound = (x: Value, value: number): number =>
  x.dtype === 'float32' ? value : Math.max(-(2 ** 31), Math.min(value, 2 ** 31 - 1));

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
  Cast: (b, { x }, { dtype }) => b.cast(x, dtypeOf(dtype)),
  Ceil: whole('Ceil'),
  ClipByValue: (b, { x }, { clipValueMin, clipValueMax }) =>
    b.unary('Clip', x, { min: bound(x, clipValueMin), max: bound(x, clipValueMax) }),
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
  Sigmoid: (b, { x }) => sigmoid(b, b.cast(x, 'float32')),
  Sign: (b, { x }) =>
    x.dtype === 'float32' ? b.where(b.test('IsNaN', x), b.scalar(0), b.unary('Sign', x)) : b.unary('Sign', x),
  Sin: float('Sin'),
  Sinh: float('Sinh'),
  Softplus: (b, { x }) => softplus(b, b.cast(x, 'float32')),
  Sqrt: float('Sqrt'),
  Square: (b, { x }) => b.binary('Mul', x, x),
  Step: (b, { x }, { alpha }) => step(b, x, alpha),
  Tan: float('Tan'),
  Tanh: float('Tanh'),
};
