import { constantData, sizeOf, type TensorData, type Value } from '../graph/graph';
import type { OpName } from '../graph/ops';
import { broadcastShapes } from '../graph/shapes';
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
  const data = inputs.map(constantData);
  if (!evaluate || type.dtype !== 'float32' || sizeOf(type.shape) > LARGEST || data.includes(null)) return null;
  const read = inputs.map((input, i) => broadcastReader(input, data[i] as TensorData, type.shape));
  const result = Float32Array.from({ length: sizeOf(type.shape) }, (_, at) => evaluate(...read.map((x) => x(at))));
  return b.constant(result, 'float32', type.shape);
};

/** Reads the element of `value` that broadcasting puts at a flat index of `shape`. */
function broadcastReader(value: Value, data: TensorData, shape: readonly number[]): (at: number) => number {
  if (data.length === 1) return () => data[0] ?? Number.NaN;
  broadcastShapes(value.shape, shape);
  const offset = shape.length - value.shape.length;
  return (at) => {
    let rest = at;
    let stride = 1;
    let index = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const n = shape[axis] ?? 1;
      const own = value.shape[axis - offset] ?? 1;
      index += own === 1 ? 0 : (rest % n) * stride;
      stride *= own;
      rest = Math.floor(rest / n);
    }
    return data[index] ?? Number.NaN;
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
