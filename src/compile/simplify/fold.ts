import { nth } from '../../nth';
import { constantData, sizeOf, type TensorData, type Value } from '../graph/graph';
import type { OpName } from '../graph/ops';
import { broadcastShapes, dim } from '../graph/shapes';
import type { Rule } from './rule';

/** Larger constants are left to ONNX Runtime, which folds them when the session starts. */
const LARGEST = 1024;

type Evaluate = (...x: number[]) => number;

/**
 * Operators whose float32 result is the exact one rounded once, so that folding gives the device's bits: the inputs are float32, and
 * rounding a double's +, −, ×, ÷ and √ of those to float32 is the correctly rounded result (Figueroa 1995).
 */
const EXACT: { readonly [O in OpName]?: Evaluate } = {
  Abs: Math.abs,
  Add: (a, b) => a + b,
  Div: (a, b) => a / b,
  Floor: Math.floor,
  Mul: (a, b) => a * b,
  Neg: (a) => -a,
  Reciprocal: (a) => 1 / a,
  Sqrt: Math.sqrt,
  Sub: (a, b) => a - b,
};

/** Computes float32 operators on small constants now. */
export const foldConstants: Rule = (b, { op, inputs, type }) => {
  const evaluate = EXACT[op];
  if (!evaluate || type.dtype !== 'float32' || sizeOf(type.shape) > LARGEST) return null;
  const read: ((at: number) => number)[] = [];
  for (const input of inputs) {
    const data = constantData(input);
    if (!data) return null;
    read.push(broadcastReader(input, data, type.shape));
  }
  const result = Float32Array.from({ length: sizeOf(type.shape) }, (_, at) => evaluate(...read.map((x) => x(at))));
  return b.constant(result, 'float32', type.shape);
};

/** Reads the element of `value` that broadcasting puts at a flat index of `shape`. */
function broadcastReader(value: Value, data: TensorData, shape: readonly number[]): (at: number) => number {
  if (data.length === 1) return () => nth(data, 0);
  broadcastShapes(value.shape, shape);
  const offset = shape.length - value.shape.length;
  return (at) => {
    let rest = at;
    let stride = 1;
    let index = 0;
    for (let axis = value.shape.length - 1; axis >= 0; axis--) {
      const n = dim(shape, axis + offset);
      const own = dim(value.shape, axis);
      index += own === 1 ? 0 : (rest % n) * stride;
      stride *= own;
      rest = Math.floor(rest / n);
    }
    return nth(data, index);
  };
}

/** A constant in another shape or of another type is a constant. */
export const foldReshapedConstants: Rule = (b, { op, inputs, type }) => {
  const [x] = inputs;
  const data = x && constantData(x);
  if (!data || (op !== 'Reshape' && op !== 'Cast') || data.length > LARGEST) return null;
  if (op === 'Reshape') return b.constant(data, type.dtype, type.shape);
  if (type.dtype === 'float32' && x.dtype !== 'int64')
    return b.constant(Float32Array.from(data), 'float32', type.shape);
  return null;
};
