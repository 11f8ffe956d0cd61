import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { FIRST_ROWS, NetworkBuilder, shownShape } from './builder';
import { type Layers, layersOf, type NetworkTarget } from './handmade-layers';
import type { Layer } from './layers';
import type { NetworkShape, Networks } from './networks';

/**
 * A network as a function of rows: TensorFlow.js code, with layers from `layers`. It is called anew for each graph, so it has to do the same in
 * every call, for any number of rows.
 *
 * @example
 * ```ts
 * import { decode, type NetworkFunction, tf, Vae } from 'gmm-vae';
 *
 * const gated: NetworkFunction = (x, layers) => {
 *   const value = layers.dense({ units: 16 }).apply(x);
 *   const gate = layers.dense({ units: 16, activation: 'sigmoid' }).apply(x);
 *   return layers.output().apply(tf.mul(value, gate));
 * };
 * const network = { kind: 'custom', encoder: gated, decoder: gated } as const;
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [], network, prior: { kind: 'standard-normal' }, seed: 1 });
 * decode(model, [0, 0]).length; // 784
 * model.dispose();
 * ```
 */
export type NetworkFunction = (rows: tf.Tensor2D, layers: Layers) => tf.Tensor;

/** Networks made by hand: functions, or models of `tf.layers`, whose first weights their own initialisers give. */
export interface HandmadeOptions {
  readonly kind: 'custom';
  /** `[n, D] → [n, 2d]`: means, then log variances, which the library bounds. `layers.outputs` says how many. */
  readonly encoder: NetworkFunction | tf.LayersModel;
  /** `[n, d] → [n, outputs]`: the likelihood's raw parameters, for `bernoulli` D logits. */
  readonly decoder: NetworkFunction | tf.LayersModel;
  /** The file that they were read from, where there is one: a checkpoint names it. */
  readonly module?: NetworkModule | undefined;
}

/** A file with code, and the SHA-256 of its bytes. */
export interface NetworkModule {
  readonly path: string;
  readonly sha256: string;
}

/** @throws InvalidArgumentError where a network does not take its rows, or gives other ones than it has to */
export function handmadeNetworks(options: HandmadeOptions, shape: NetworkShape): Networks {
  const { pixels, latent, codes, hidden, start, kinds, stream } = shape;
  if (hidden.length > 0) {
    throw new InvalidArgumentError('hidden', 'expected none, since the networks are made by hand, got some');
  }
  const encoder = networkOf(
    'encoder',
    options.encoder,
    pixels,
    { outputs: codes, base: shape.base },
    stream('encoder'),
  );
  const outputs = start.length;
  const decoder = orElse(
    () => networkOf('decoder', options.decoder, latent, { outputs, base: shape.base, start, kinds }, stream('decoder')),
    () => typeof options.encoder === 'function' && disposeOf(encoder),
  );
  return { encoder, decoder, widest: Math.max(encoder.widest, decoder.widest, outputs, latent) };
}

type Part = 'encoder' | 'decoder';
type Widest = Pick<Networks, 'widest'>;

function networkOf(
  part: Part,
  network: NetworkFunction | tf.LayersModel,
  inputs: number,
  target: NetworkTarget,
  stream: RandomStream,
): Layer & Widest {
  if (network instanceof tf.LayersModel) return modelOf(part, network, inputs, target);
  if (typeof network !== 'function') {
    throw new InvalidArgumentError(
      `network.${part}`,
      `expected a function of rows, or a model of tf.layers, got ${typeof network}`,
    );
  }
  const builder = new NetworkBuilder(part, stream);
  const layers = layersOf(builder, target);
  const apply = (rows: tf.Tensor2D): tf.Tensor2D =>
    checked(
      part,
      builder.call(() => network(rows, layers)),
      rows,
      target,
    );
  orElse(
    () => tryOut(apply, inputs),
    () => disposeOf(builder),
  );
  return { variables: builder.variables, apply, widest: builder.widest };
}

/** A first call, for the variables that it makes and the errors that it finds. */
function tryOut(apply: (rows: tf.Tensor2D) => tf.Tensor2D, inputs: number): void {
  tf.tidy(() => void apply(tf.zeros([FIRST_ROWS, inputs])));
}

function orElse<T>(run: () => T, undo: () => unknown): T {
  try {
    return run();
  } catch (error) {
    undo();
    throw error;
  }
}

function disposeOf({ variables }: Pick<Layer, 'variables'>): void {
  for (const trained of variables.values()) trained.dispose();
}

/** A variable of `tf.layers`, which keeps it to itself. */
interface LayerVariable {
  readonly val: tf.Variable;
}

/** Variables are named after the layer's place, since the names that `tf.layers` gives count all layers of the process. */
function modelOf(part: Part, model: tf.LayersModel, inputs: number, target: NetworkTarget): Layer & Widest {
  const fixed = model.nonTrainableWeights[0];
  if (fixed) {
    throw new InvalidArgumentError(
      `network.${part}`,
      `expected a model whose weights are all trained, got ${fixed.name}, which is not`,
    );
  }
  const variables = model.layers.flatMap((layer, i) =>
    layer.trainableWeights.map((weight): [string, tf.Variable] => [
      `${part}/layer${i + 1}/${weight.originalName.split('/').slice(1).join('/')}`,
      (weight as unknown as LayerVariable).val,
    ]),
  );
  const apply = (rows: tf.Tensor2D): tf.Tensor2D => checked(part, model.apply(rows), rows, target);
  tryOut(apply, inputs);
  const sizes = model.layers.flatMap(({ outputShape }) => outputShape.flat()).map((size) => size ?? 1);
  return { variables: new Map(variables), apply, widest: Math.max(...sizes) };
}

const MEANINGS: { readonly [P in Part]: (target: NetworkTarget) => string } = {
  encoder: ({ outputs, base }) => {
    const more = outputs > 2 * base ? `, then ${outputs - 2 * base} numbers for the rest of q(z|x)` : '';
    return `the means and log variances of ${base} latent dimensions${more}`;
  },
  decoder: ({ outputs }) => `the ${outputs} parameters of the likelihood`,
};

/** @throws InvalidArgumentError unless the network gave what it has to */
function checked(part: Part, result: unknown, rows: tf.Tensor2D, target: NetworkTarget): tf.Tensor2D {
  const tensor = result instanceof tf.Tensor ? (result as tf.Tensor) : null;
  const [n] = rows.shape;
  const { outputs } = target;
  if (tensor?.rank === 2 && tensor.shape[0] === n && tensor.shape[1] === outputs) return tensor as tf.Tensor2D;
  const sizes = tensor?.shape.map((size, i) => (i === 0 && size === n ? 'n' : size));
  const got = sizes ? `[${sizes.join(', ')}]` : typeName(result);
  throw new InvalidArgumentError(
    `network.${part}`,
    `expected to return ${shownShape([n, outputs])}, ${MEANINGS[part](target)}, got ${got}; end with layers.output()`,
  );
}

function typeName(value: unknown): string {
  if (value instanceof Promise) return 'a promise: a network is not an async function';
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}
