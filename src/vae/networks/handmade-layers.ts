import { InvalidArgumentError } from '../../errors';
import { tf } from '../../tensors';
import type { AppliedLayer, MadeLayer, MakeLayer, NetworkBuilder } from './builder';
import { kindByKind } from './convolutional';
import { channelsFirst, conv2d, conv2dTranspose, imageSizeOf, normed } from './image-layers';
import {
  ACTIVATIONS,
  type ActivationName,
  type ConvOptions,
  type ConvTransposeOptions,
  type DenseOptions,
  type GroupNormOptions,
  INITIALISERS,
  type OutputOptions,
  type WeightOptions,
} from './layer-options';
import { affine, checkChoice, checkElements, checkSize, variable } from './layers';

/** What a network is made for: how many numbers it has to return for each row, and in what order. */
export interface NetworkTarget {
  readonly outputs: number;
  /** Dimensions that the encoder gives means and log variances of. */
  readonly base: number;
  /** What the outputs begin with; absent where they begin near 0. */
  readonly start?: Float32Array | undefined;
  /** How many outputs of each kind a place of an image has; absent where outputs have no places. */
  readonly kinds?: readonly number[] | undefined;
}

/**
 * Layers for networks made by hand, in the manner of `tf.layers`: each is made with an object of options and applied to a tensor. Their
 * variables have names, and begin with values that the model's seed gives. Between layers stands any TensorFlow.js code that `compile` takes.
 *
 * @example
 * ```ts
 * import { type Layers, tf, Vae } from 'gmm-vae';
 *
 * const block = (x: tf.Tensor, layers: Layers) =>
 *   layers.residual([layers.groupNorm(), layers.activation('relu'), layers.conv2d({ filters: 8, kernelSize: 3 })]).apply(x);
 * const model = new Vae({
 *   pixels: 64,
 *   latent: 2,
 *   hidden: [],
 *   network: {
 *     kind: 'custom',
 *     encoder: (x, layers) => {
 *       const image = layers.reshape([8, 8, 1]).apply(x);
 *       return layers.output().apply(block(layers.conv2d({ filters: 8, kernelSize: 4, strides: 2 }).apply(image), layers));
 *     },
 *     decoder: (z, layers) => layers.output().apply(layers.dense({ units: 30, activation: 'relu' }).apply(z)),
 *   },
 *   prior: { kind: 'standard-normal' },
 *   seed: 1,
 * });
 * model.variables.get('encoder/conv2d2/kernel')?.shape; // [3, 3, 8, 8]
 * model.dispose();
 * ```
 */
export interface Layers {
  /** How many numbers the network has to return for each row. */
  readonly outputs: number;
  /** How many channels an image has that `output` takes: a decoder's outputs for one pixel. */
  readonly outputChannels: number;
  /** xW + b over the last axis. */
  dense(options: DenseOptions): AppliedLayer;
  /** A convolution of images, `[n, height, width, channels]`, by default padded so that stride 1 keeps their size. */
  conv2d(options: ConvOptions): AppliedLayer;
  /** The transpose of a convolution of images: a stride makes them larger by that factor. */
  conv2dTranspose(options: ConvTransposeOptions): AppliedLayer;
  /** Group norm (Wu and He, 2018) of images or rows. It knows no batch. */
  groupNorm(options?: GroupNormOptions): AppliedLayer;
  /** A function of each number by its name. */
  activation(name: ActivationName): AppliedLayer;
  /** Rows of numbers: `[n, …] → [n, numbers]`. */
  flatten(): AppliedLayer;
  /** Rows of another shape: `[n, …] → [n, …shape]`. */
  reshape(shape: readonly number[]): AppliedLayer;
  /** x + f(x), f being the layers one after the other. */
  residual(layers: readonly AppliedLayer[]): AppliedLayer;
  /** The layers one after the other. */
  sequential(layers: readonly AppliedLayer[]): AppliedLayer;
  /**
   * The last layer: `[n, …] → [n, outputs]`. Rows go through a dense layer; a decoder's images, which have a channel for each output of a
   * pixel, get only a bias. A decoder's bias begins at the mean image.
   */
  output(options?: OutputOptions): AppliedLayer;
  /** A trained tensor, for code of your own. */
  weight(options: WeightOptions): tf.Tensor;
}

const without = (apply: (x: tf.Tensor) => tf.Tensor): AppliedLayer => ({ apply });

const sumOf = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, 0);

const inOrder = (layers: readonly AppliedLayer[], x: tf.Tensor): tf.Tensor =>
  layers.reduce((input, layer) => layer.apply(input), x);

/** The layers of one network. */
export function layersOf(builder: NetworkBuilder, target: NetworkTarget): Layers {
  const named = (kind: string, { name }: { readonly name?: string } = {}, make: MakeLayer): AppliedLayer =>
    builder.layer(kind, name, make);
  return {
    outputs: target.outputs,
    outputChannels: sumOf(target.kinds ?? [target.outputs]),
    dense: (options) => named('dense', options, (name, shape, stream) => dense(name, options, shape, stream)),
    conv2d: (options) => named('conv2d', options, (name, shape, stream) => conv2d(name, options, shape, stream)),
    conv2dTranspose: (options) =>
      named('conv2dTranspose', options, (name, shape, stream) => conv2dTranspose(name, options, shape, stream)),
    groupNorm: (options = {}) => named('groupNorm', options, (name, shape) => normed(name, options, shape)),
    activation: (name) => {
      checkChoice('activation', name, ACTIVATIONS);
      return without(ACTIVATIONS[name].apply);
    },
    flatten: () => without((x) => tf.reshape(x, [x.shape[0] as number, -1])),
    reshape: (shape) => without((x) => tf.reshape(x, [x.shape[0] as number, ...shape])),
    residual: (layers) => without((x) => tf.add(x, inOrder(layers, x))),
    sequential: (layers) => without((x) => inOrder(layers, x)),
    output: (options = {}) =>
      builder.layer('output', options.name ?? 'output', (name, shape, stream) =>
        shape.length === 4 && target.kinds
          ? pixelwise(name, options, shape, target)
          : outputOf(name, shape, target, stream),
      ),
    weight: (options) => weight(builder, options),
  };
}

type Stream = Parameters<MakeLayer>[2];

function dense(name: string, options: DenseOptions, shape: readonly number[], stream: Stream): MadeLayer {
  const { units, activation = 'linear', kernelInitializer, useBias = true } = options;
  checkSize(`${name}.units`, units);
  checkChoice(`${name}.activation`, activation, ACTIVATIONS);
  if (kernelInitializer) checkChoice(`${name}.kernelInitializer`, kernelInitializer, INITIALISERS);
  const { apply: activate, initialiser } = ACTIVATIONS[activation];
  const inputs = shape.at(-1) as number;
  const start = kernelInitializer ? INITIALISERS[kernelInitializer] : initialiser;
  const layer = affine(name, { inputs, outputs: units }, start, stream, useBias ? new Float32Array(units) : null);
  return {
    variables: layer.variables,
    apply: (x) => {
      const rows = layer.apply(tf.reshape(x, [-1, inputs]));
      return activate(x.rank === 2 ? rows : tf.reshape(rows, [...x.shape.slice(0, -1), units]));
    },
  };
}

/** A dense layer to all outputs. */
function outputOf(
  name: string,
  shape: readonly number[],
  { outputs, start }: NetworkTarget,
  stream: Stream,
): MadeLayer {
  const inputs = shape.slice(1).reduce((product, n) => product * n, 1);
  const { variables, apply } = affine(name, { inputs, outputs }, 'glorot', stream, start);
  return { variables, apply: (x) => apply(tf.reshape(x, [x.shape[0] as number, inputs])) };
}

/** The outputs of every pixel in its channels, and a bias for each. */
function pixelwise(
  name: string,
  { dataFormat = 'channelsLast' }: OutputOptions,
  shape: readonly number[],
  { outputs, start, kinds = [] }: NetworkTarget,
): MadeLayer {
  const { channels, size } = imageSizeOf(name, shape, dataFormat);
  const needed = sumOf(kinds);
  if (channels !== needed || size[0] * size[1] * channels !== outputs) {
    const pixels = outputs / needed;
    const expected = `images of ${pixels} pixels with ${needed} channels, the outputs of a pixel`;
    throw new InvalidArgumentError(name, `expected ${expected}, got ${size.join('×')} with ${channels}`);
  }
  const bias = variable(start ?? new Float32Array(outputs), [outputs]);
  return {
    variables: new Map([[`${name}/bias`, bias]]),
    apply: (x) => tf.add(kindByKind(channelsFirst(x as tf.Tensor4D, dataFormat), kinds), bias),
  };
}

function weight(builder: NetworkBuilder, { name, shape, initializer = 0 }: WeightOptions): tf.Tensor {
  return builder.weight(name, (full, stream) => {
    checkElements(full, shape);
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
    if (typeof initializer === 'number') return variable(values.fill(initializer), [...shape]);
    stream.fillNormal(values);
    return variable(
      values.map((value) => value * initializer.stddev),
      [...shape],
    );
  });
}
