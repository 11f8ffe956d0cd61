import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { sigmoid } from './formulas';

/** The activations that tfjs fuses behind a matrix product or a convolution. */
export type Activation = 'linear' | 'relu' | 'relu6' | 'elu' | 'prelu' | 'leakyrelu' | 'sigmoid';

type Activate = (b: GraphBuilder, x: Value, preluWeights: Value | undefined, alpha: number) => Value;

const ACTIVATIONS: { readonly [A in Activation]: Activate } = {
  linear: (_, x) => x,
  relu: (b, x) => b.unary('Relu', x),
  relu6: (b, x) => b.unary('Clip', x, { min: 0, max: 6 }),
  elu: (b, x) => b.unary('Elu', x),
  prelu: (b, x, weights) => b.binary('PRelu', x, weights ?? b.scalar(0)),
  leakyrelu: (b, x, _, alpha) => b.unary('LeakyRelu', x, { alpha }),
  sigmoid,
};

export function activate(
  b: GraphBuilder,
  x: Value,
  activation: Activation,
  preluWeights: Value | undefined,
  alpha = 0.2,
): Value {
  return ACTIVATIONS[activation](b, x, preluWeights, alpha);
}
