import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { groupNorm } from './group-norm';
import { checkElements, type NamedVariables, variable } from './layers';

/**
 * A differentiable map between images `[n, channels, height, width]`, with its parameters. Channels come first, as ONNX Runtime's convolutions
 * have them and as group norm reads its groups in one piece.
 */
export interface ImageLayer {
  readonly variables: NamedVariables;
  apply(x: tf.Tensor4D): tf.Tensor4D;
}

/** Height and width. */
export type Size = readonly [number, number];

interface Channels {
  readonly from: number;
  readonly to: number;
}

export function inSequence(layers: readonly ImageLayer[]): ImageLayer {
  return {
    variables: new Map(layers.flatMap((layer) => [...layer.variables])),
    apply: (x) => layers.reduce((input, layer) => layer.apply(input), x),
  };
}

/** Weights with variance 2/inputs (He et al., 2015), where `inputs` numbers meet in one output. */
function heKernel(name: string, shape: [number, number, number, number], inputs: number, stream: RandomStream) {
  checkElements(name, shape);
  const weights = new Float32Array(shape.reduce((product, n) => product * n, 1));
  stream.fillNormal(weights);
  const stddev = Math.sqrt(2 / inputs);
  return variable(
    weights.map((w) => w * stddev),
    shape,
  ) as tf.Variable<tf.Rank.R4>;
}

/** A number of its own added to every channel. */
function channelBias(name: string, channels: number): ImageLayer {
  const bias = variable(new Float32Array(channels), [channels]);
  return { variables: new Map([[`${name}/bias`, bias]]), apply: (x) => tf.add(x, tf.reshape(bias, [channels, 1, 1])) };
}

/** A convolution with 3 × 3 filters that keeps height and width. */
export function convolution(name: string, { from, to }: Channels, stream: RandomStream): ImageLayer {
  const kernel = heKernel(name, [3, 3, from, to], 9 * from, stream);
  const variables = new Map([[`${name}/kernel`, kernel]]);
  return inSequence([{ variables, apply: (x) => tf.conv2d(x, kernel, 1, 'same', 'NCHW') }, channelBias(name, to)]);
}

/** Filters of the strided convolutions: a multiple of the stride, so that all pixels are met equally often (Odena et al., 2016). */
const STRIDED = 4;

/** A strided convolution that halves height and width, rounded up. */
export function halve(name: string, { from, to }: Channels, stream: RandomStream): ImageLayer {
  const kernel = heKernel(name, [STRIDED, STRIDED, from, to], STRIDED ** 2 * from, stream);
  const variables = new Map([[`${name}/kernel`, kernel]]);
  return inSequence([{ variables, apply: (x) => tf.conv2d(x, kernel, 2, 'same', 'NCHW') }, channelBias(name, to)]);
}

/** A transposed convolution from half of `size`, rounded up, to `size`. */
export function double(
  name: string,
  { from, to }: Channels,
  { size, bias }: { readonly size: Size; readonly bias: boolean },
  stream: RandomStream,
): ImageLayer {
  const kernel = heKernel(name, [STRIDED, STRIDED, to, from], (STRIDED / 2) ** 2 * from, stream);
  const transposed: ImageLayer = {
    variables: new Map([[`${name}/kernel`, kernel]]),
    apply: (x) => transposedConvolution(x, kernel, [x.shape[0], to, ...size]),
  };
  return bias ? inSequence([transposed, channelBias(name, to)]) : transposed;
}

/** `tf.conv2dTranspose` with stride 2, which has channels last only. */
function transposedConvolution(x: tf.Tensor4D, kernel: tf.Tensor4D, inputShape: [number, number, number, number]) {
  const attributes: tf.Conv2DBackpropInputAttrs = { strides: 2, pad: 'same', dataFormat: 'NCHW', inputShape };
  const inputs = { dy: x, filter: kernel };
  return tf.engine().runKernel(tf.Conv2DBackpropInput, inputs, attributes as unknown as tf.NamedAttrMap) as tf.Tensor4D;
}

export const rectified: ImageLayer = { variables: new Map(), apply: (x) => tf.relu(x) };

/** x + f(x) with f two times group norm, ReLU and convolution (He et al., 2016: identity mappings). */
export function residualBlock(name: string, channels: number, stream: RandomStream): ImageLayer {
  const same = { from: channels, to: channels };
  const change = inSequence([
    groupNorm(`${name}/norm1`, channels),
    rectified,
    convolution(`${name}/convolution1`, same, stream),
    groupNorm(`${name}/norm2`, channels),
    rectified,
    convolution(`${name}/convolution2`, same, stream),
  ]);
  return { variables: change.variables, apply: (x) => tf.add(x, change.apply(x)) };
}
