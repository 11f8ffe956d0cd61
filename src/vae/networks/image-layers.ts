import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import type { MadeLayer } from './builder';
import { groupNorm, groupsOf } from './group-norm';
import {
  ACTIVATIONS,
  type ConvOptions,
  type ConvTransposeOptions,
  type DataFormat,
  type GroupNormOptions,
  INITIALISERS,
} from './layer-options';
import { checkChoice, checkElements, checkSize, variable, WEIGHT_VARIANCE } from './layers';

type Pair = [number, number];

const FORMATS = { channelsLast: 'NHWC', channelsFirst: 'NCHW' } as const satisfies Record<DataFormat, string>;

/** Which axes of an image are channels, height and width. */
const AXES = { channelsLast: [3, 1, 2], channelsFirst: [1, 2, 3] } as const satisfies Record<DataFormat, unknown>;

interface ImageSize {
  readonly channels: number;
  readonly size: Pair;
}

/** @throws InvalidArgumentError unless the tensor is one of images */
export function imageSizeOf(name: string, shape: readonly number[], format: DataFormat): ImageSize {
  checkChoice(`${name}.dataFormat`, format, FORMATS);
  if (shape.length !== 4) {
    throw new InvalidArgumentError(name, `expected images of rank 4, got a tensor of rank ${shape.length}: reshape it`);
  }
  const [channels, height, width] = AXES[format].map((axis) => shape[axis] as number) as [number, number, number];
  return { channels, size: [height, width] };
}

/** Images with the channels in front. */
export function channelsFirst(x: tf.Tensor4D, format: DataFormat): tf.Tensor4D {
  return format === 'channelsFirst' ? x : tf.transpose(x, [0, 3, 1, 2]);
}

const pairOf = (n: number | readonly [number, number]): Pair => (typeof n === 'number' ? [n, n] : [...n]);

/** A number for each channel, so that it can be added to images. */
function perChannel(bias: tf.Tensor, format: DataFormat): tf.Tensor {
  return format === 'channelsFirst' ? tf.reshape(bias, [bias.size, 1, 1]) : bias;
}

interface Filters {
  readonly kernel: [number, number, number, number];
  /** Numbers that meet in one output, and numbers that one input goes to. */
  readonly fans: { readonly inputs: number; readonly outputs: number };
}

function checkConvolution(name: string, { filters, kernelSize, strides = 1, padding = 'same' }: ConvOptions): void {
  checkSize(`${name}.filters`, filters);
  for (const size of pairOf(kernelSize)) checkSize(`${name}.kernelSize`, size);
  for (const stride of pairOf(strides)) checkSize(`${name}.strides`, stride);
  checkChoice(`${name}.padding`, padding, { same: true, valid: true });
}

/** Kernel, bias and activation around what is done with the kernel. */
function convolved(
  name: string,
  options: ConvOptions,
  { kernel: shape, fans }: Filters,
  stream: RandomStream,
  convolve: (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor,
): MadeLayer {
  const { activation = 'linear', kernelInitializer, useBias = true, dataFormat = 'channelsLast', filters } = options;
  checkChoice(`${name}.activation`, activation, ACTIVATIONS);
  if (kernelInitializer) checkChoice(`${name}.kernelInitializer`, kernelInitializer, INITIALISERS);
  checkElements(name, shape);
  const { apply: activate, initialiser } = ACTIVATIONS[activation];
  const variance = WEIGHT_VARIANCE[kernelInitializer ? INITIALISERS[kernelInitializer] : initialiser](fans);
  const weights = new Float32Array(shape.reduce((product, n) => product * n, 1));
  stream.fillNormal(weights);
  const stddev = Math.sqrt(variance);
  const kernel = variable(
    weights.map((w) => w * stddev),
    shape,
  ) as tf.Variable<tf.Rank.R4>;
  const bias = useBias ? variable(new Float32Array(filters), [filters]) : null;
  return {
    variables: new Map([[`${name}/kernel`, kernel as tf.Variable], ...(bias ? [[`${name}/bias`, bias] as const] : [])]),
    apply: (x) => {
      const y = convolve(x as tf.Tensor4D, kernel);
      return activate(bias ? tf.add(y, perChannel(bias, dataFormat)) : y);
    },
  };
}

/** `tf.layers.conv2d`; the kernel is `[height, width, in, out]`. */
export function conv2d(name: string, options: ConvOptions, shape: readonly number[], stream: RandomStream): MadeLayer {
  const { filters, kernelSize, strides = 1, padding = 'same', dataFormat = 'channelsLast' } = options;
  checkConvolution(name, options);
  const { channels } = imageSizeOf(name, shape, dataFormat);
  const [height, width] = pairOf(kernelSize);
  const kernel: Filters['kernel'] = [height, width, channels, filters];
  const fans = { inputs: height * width * channels, outputs: height * width * filters };
  const format = FORMATS[dataFormat];
  return convolved(name, options, { kernel, fans }, stream, (x, w) =>
    tf.conv2d(x, w, pairOf(strides), padding, format),
  );
}

/** `tf.layers.conv2dTranspose`; the kernel is `[height, width, out, in]`. */
export function conv2dTranspose(
  name: string,
  options: ConvTransposeOptions,
  shape: readonly number[],
  stream: RandomStream,
): MadeLayer {
  const { filters, kernelSize, strides = 1, padding = 'same', dataFormat = 'channelsLast', outputSize } = options;
  checkConvolution(name, options);
  const { channels, size } = imageSizeOf(name, shape, dataFormat);
  const [extent, step] = [pairOf(kernelSize), pairOf(strides)];
  const made = size.map((length, i) =>
    transposedLength(length, extent[i] as number, step[i] as number, padding),
  ) as Pair;
  const result = outputSize ? checkedSize(name, [...outputSize], { size, extent, step, padding }) : made;
  const kernel: Filters['kernel'] = [...extent, filters, channels];
  const each = (extent[0] * extent[1]) / (step[0] * step[1]);
  const fans = { inputs: each * channels, outputs: each * filters };
  return convolved(name, options, { kernel, fans }, stream, (dy, filter) => {
    const n = dy.shape[0];
    const inputShape = dataFormat === 'channelsFirst' ? [n, filters, ...result] : [n, ...result, filters];
    const attributes = { strides: step, pad: padding, dataFormat: FORMATS[dataFormat], inputShape };
    // `tf.conv2dTranspose` has channels last only.
    return tf.engine().runKernel(tf.Conv2DBackpropInput, { dy, filter }, attributes as unknown as tf.NamedAttrMap);
  });
}

/** What a convolution with these strides would make into `length`. */
function transposedLength(length: number, extent: number, stride: number, padding: 'same' | 'valid'): number {
  return length * stride + (padding === 'valid' ? Math.max(extent - stride, 0) : 0);
}

function checkedSize(
  name: string,
  chosen: Pair,
  { size, extent, step, padding }: { size: Pair; extent: Pair; step: Pair; padding: 'same' | 'valid' },
): Pair {
  const back = chosen.map((length, i) => {
    const [window, stride] = [extent[i] as number, step[i] as number];
    return padding === 'same' ? Math.ceil(length / stride) : Math.ceil((length - window + 1) / stride);
  });
  if (back[0] === size[0] && back[1] === size[1]) return chosen;
  throw new InvalidArgumentError(
    `${name}.outputSize`,
    `expected a size that strides ${step.join('×')} bring back to ${size.join('×')}, got ${chosen.join('×')}`,
  );
}

/** Group norm of images `[n, …]` or rows `[n, channels]`. */
export function normed(
  name: string,
  { groups, dataFormat = 'channelsLast' }: GroupNormOptions,
  shape: readonly number[],
): MadeLayer {
  const isRow = shape.length === 2;
  const { channels } = isRow ? { channels: shape[1] as number } : imageSizeOf(name, shape, dataFormat);
  const into = groups ?? groupsOf(channels);
  checkSize(`${name}.groups`, into);
  if (channels % into !== 0) {
    throw new InvalidArgumentError(`${name}.groups`, `expected a divisor of ${channels} channels, got ${into}`);
  }
  const layer = groupNorm(name, channels, into);
  return {
    variables: layer.variables,
    apply: (x) => {
      if (isRow) return tf.reshape(layer.apply(tf.reshape(x, [x.shape[0] as number, channels, 1, 1])), x.shape);
      const y = layer.apply(channelsFirst(x as tf.Tensor4D, dataFormat));
      return dataFormat === 'channelsFirst' ? y : tf.transpose(y, [0, 2, 3, 1]);
    },
  };
}
