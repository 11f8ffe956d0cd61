import { constantData, producer, type Value } from '../graph/graph';
import type { Draft, Rule } from './rule';

/** The x of step(x) as `lower/formulas` writes it, or null. */
function stepOperand({ op, inputs, attributes }: Draft): Value | null {
  if (op !== 'Clip' || attributes.min !== 0 || attributes.max !== 1 || !inputs[0]) return null;
  const scaled = scaledBy(inputs[0], 2 ** 23);
  return scaled && scaledBy(scaled, 2 ** 126);
}

function scaledBy(value: Value, factor: number): Value | null {
  const [x, scale] = producer(value, 'Mul')?.inputs ?? [];
  return x && scale?.shape.length === 0 && constantData(scale)?.[0] === factor ? x : null;
}

/**
 * step(x) is step(relu(x)) for every x, NaN too. Where relu(x) is there anyway, x itself is then needed nowhere else, so that ONNX
 * Runtime can apply the relu within the product that gives x. Nothing there is negative, so that the smaller of it and 1 will do
 * for the cut to [0, 1], at half of Clip's time.
 */
export const stepByActivation: Rule = (b, draft) => {
  const x = stepOperand(draft);
  const active = x && b.existing('Relu', [x]);
  if (!active || active === x) return null;
  return b.binary('Min', b.binary('Mul', b.binary('Mul', active, b.scalar(2 ** 126)), b.scalar(2 ** 23)), b.scalar(1));
};
