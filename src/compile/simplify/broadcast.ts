import { nth } from '../../nth';
import type { GraphBuilder } from '../graph/builder';
import { constantData, producer, sameShape, sizeOf, type Value } from '../graph/graph';
import { opSpec } from '../graph/ops';
import { broadcastShapes, reducedShape } from '../graph/shapes';
import type { Rule } from './rule';

/** `value` without the broadcast that made it large: a filled constant is its scalar. */
function unexpanded(b: GraphBuilder, value: Value): Value {
  const expand = producer(value, 'Expand');
  if (expand) return expand.inputs[0] ?? value;
  const data = constantData(value);
  if (!data || data.length === 0 || value.shape.length === 0 || data.some((x) => !Object.is(x, data[0]))) return value;
  return b.scalar(nth(data, 0), value.dtype);
}

/**
 * Elementwise operators compute on operands before they are broadcast: where another operand has the full shape the
 * broadcast goes away, else it comes after. So a filled tensor becomes a scalar.
 */
export const computeBeforeBroadcast: Rule = (b, { op, inputs, attributes, type }) => {
  if (!opSpec(op).broadcasts || sizeOf(type.shape) === 0) return null;
  const small = inputs.map((input) => unexpanded(b, input));
  if (small.every((value, i) => value === inputs[i])) return null;
  const shape = broadcastShapes(...small.map((value) => value.shape));
  const sameSize = sizeOf(shape) === sizeOf(type.shape);
  const shrinks = small.some((value, i) => sizeOf(value.shape) < sizeOf(inputs[i]?.shape ?? []));
  // Nothing is won where only axes of length 1 would go and come back.
  if (sameSize && !shrinks && !sameShape(shape, type.shape)) return null;
  const result = b.one(op, small, attributes, type.dtype, shape);
  return sameSize ? b.reshape(result, type.shape) : b.expand(result, type.shape);
};

/** A broadcast of a broadcast is one broadcast. */
export const mergeBroadcasts: Rule = (b, { op, inputs, type }) => {
  const inner = op === 'Expand' && inputs[0] ? producer(inputs[0], 'Expand') : null;
  return inner?.inputs[0] ? b.expand(inner.inputs[0], type.shape) : null;
};

/** A single element, broadcast and then reshaped, is broadcast to the new shape at once. */
export const reshapeBeforeBroadcast: Rule = (b, { op, inputs, type }) => {
  const source = op === 'Reshape' && inputs[0] ? producer(inputs[0], 'Expand')?.inputs[0] : null;
  return source && sizeOf(source.shape) === 1 ? b.expand(b.reshape(source, []), type.shape) : null;
};

/** A reduction over axes that a broadcast left alone comes before it. */
export const reduceBeforeBroadcast: Rule = (b, { op, inputs, attributes, type }) => {
  const expand = inputs[0] && producer(inputs[0], 'Expand');
  const [source, axes] = [expand?.inputs[0], attributes.axes];
  if (!source || !op.startsWith('Reduce') || !Array.isArray(axes)) return null;
  const wide = nth(inputs, 0);
  const untouched =
    source.shape.length === wide.shape.length && axes.every((axis) => source.shape[axis] === wide.shape[axis]);
  if (!untouched) return null;
  const shape = reducedShape(source.shape, axes, attributes.keepdims === 1);
  return b.expand(b.one(op, [source], attributes, type.dtype, shape), type.shape);
};

/** x · 1, x / 1 and x − 0 are x, to the bit. */
export const removeNeutralOperand: Rule = (b, { op, inputs, type }) => {
  const [x, y] = inputs;
  if (!x || !y) return null;
  const is = (value: Value, number: number): boolean => {
    const data = constantData(value);
    return data !== null && data.length > 0 && data.every((element) => Object.is(element, number));
  };
  const broadcast = (value: Value): Value | null =>
    sameShape(value.shape, type.shape) ? value : b.expand(value, type.shape);
  if ((op === 'Mul' || op === 'Div') && is(y, 1)) return broadcast(x);
  if (op === 'Mul' && is(x, 1)) return broadcast(y);
  return op === 'Sub' && is(y, 0) ? broadcast(x) : null;
};
