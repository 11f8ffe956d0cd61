import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import type { ModelOptionValue } from '../model-table';

/** Trained tensors by a name that is unique in its model and the same in every run. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/** A differentiable map `[n, inputs] → [n, outputs]` with its parameters. */
export interface Layer {
  readonly variables: NamedVariables;
  apply(x: tf.Tensor2D): tf.Tensor2D;
}

export interface LayerShape {
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * Variance of the hidden layers' initial weights: 2/inputs (He et al., 2015) or 2/(inputs + outputs) (Glorot and Bengio, 2010), both with
 * biases of 0. `he-everywhere` has 2/inputs in the output layers, too, and uniform biases within ±1/√inputs, as PyTorch leaves them: the
 * start of the VampPrior experiments (`he_init` in their `models/VAE.py`).
 */
export type Initialiser = ModelOptionValue<'initialiser'>;

export const WEIGHT_VARIANCE: { readonly [K in Initialiser]: (shape: LayerShape) => number } = {
  he: ({ inputs }) => 2 / inputs,
  glorot: ({ inputs, outputs }) => 2 / (inputs + outputs),
  'he-everywhere': ({ inputs }) => 2 / inputs,
};

/**
 * xW + b with `W ~ N(0, 2/…)` by the initialiser and b = 0, or the given bias, unless the initialiser has biases of its own; null: xW.
 *
 * @throws InvalidArgumentError on more weights than can be trained
 */
export function affine(
  name: string,
  shape: LayerShape,
  initialiser: Initialiser,
  stream: RandomStream,
  initialBias: Float32Array | null = new Float32Array(shape.outputs),
): Layer {
  const { inputs, outputs } = shape;
  checkElements(name, [inputs, outputs]);
  const weights = new Float32Array(inputs * outputs);
  stream.fillNormal(weights);
  const stddev = Math.sqrt(WEIGHT_VARIANCE[initialiser](shape));
  const kernel = variable(
    weights.map((w) => w * stddev),
    [inputs, outputs],
  );
  const product = (x: tf.Tensor2D): tf.Tensor2D => tf.matMul(x, kernel as tf.Tensor as tf.Tensor2D);
  if (!initialBias) return { variables: new Map([[`${name}/kernel`, kernel]]), apply: product };
  const range = 1 / Math.sqrt(inputs);
  const bias = variable(
    initialiser === 'he-everywhere' ? initialBias.map(() => range * (2 * stream.uniform() - 1)) : initialBias,
    [outputs],
  );
  return {
    variables: new Map([
      [`${name}/kernel`, kernel],
      [`${name}/bias`, bias],
    ]),
    apply: (x) => tf.add(product(x), bias),
  };
}

export function chain(layers: readonly Layer[]): Layer {
  return {
    variables: new Map(layers.flatMap((layer) => [...layer.variables])),
    apply: (x) => layers.reduce((input, layer) => layer.apply(input), x),
  };
}

/** A trained tensor, of float32. Its TensorFlow.js name is made by the library, since those must be unique in a process. */
export function variable(values: Float32Array, shape: number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values, shape, 'float32')));
}

/** @throws InvalidArgumentError unless the size is a positive integer */
export function checkSize(argument: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) {
    throw new InvalidArgumentError(argument, `expected a positive integer, got ${size}`);
  }
}

/** Numbers in one array of parameters: half a gigabyte, and Adam keeps two more of that size. */
const MOST_PARAMETERS = 2 ** 27;

/** @throws InvalidArgumentError where an array of that shape has more than `most` numbers, before memory runs out */
export function checkElements(argument: string, shape: readonly number[], most: number = MOST_PARAMETERS): void {
  if (shape.reduce((product, size) => product * size, 1) <= most) return;
  throw new InvalidArgumentError(argument, `expected an array of at most ${most} numbers, got ${shape.join('·')}`);
}

/** @throws InvalidArgumentError unless the table has an entry of that name */
export function checkChoice(argument: string, choice: string, table: Readonly<Record<string, unknown>>): void {
  if (Object.hasOwn(table, choice)) return;
  const known = Object.keys(table).join(' or ');
  throw new InvalidArgumentError(argument, `expected ${known}, got ${JSON.stringify(choice)}`);
}
