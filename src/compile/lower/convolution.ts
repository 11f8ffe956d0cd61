import type { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import { sizeOf, type Value } from '../graph/graph';
import { dim } from '../graph/shapes';
import { type Activation, activate } from './activation';
import { convolve, convolveBack, convolveFilterBack } from './convolve';
import {
  channelsFirst,
  depthwiseFilterFirst,
  type Format,
  filterFirst,
  fromChannelsFirst,
  type Geometry,
  geometry2d,
  geometry3d,
} from './geometry';
import type { Kernel, Lowerings } from './lowering';
import { averagePoolBack, maxPoolBack, pool } from './pooling';

/** Kernels that slide a window, and the normalisation between them. */
export interface ConvolutionKernels {
  AvgPool: Kernel<tf.AvgPoolInputs, tf.AvgPoolAttrs>;
  AvgPool3D: Kernel<tf.AvgPool3DInputs, tf.AvgPool3DAttrs>;
  AvgPool3DGrad: Kernel<tf.AvgPool3DGradInputs, tf.AvgPool3DGradAttrs>;
  AvgPoolGrad: Kernel<tf.AvgPoolGradInputs, tf.AvgPoolGradAttrs>;
  Conv2D: Kernel<tf.Conv2DInputs, tf.Conv2DAttrs>;
  Conv2DBackpropFilter: Kernel<tf.Conv2DBackpropFilterInputs, tf.Conv2DBackpropFilterAttrs>;
  Conv2DBackpropInput: Kernel<tf.Conv2DBackpropInputInputs, tf.Conv2DBackpropInputAttrs>;
  Conv3D: Kernel<tf.Conv3DInputs, tf.Conv3DAttrs>;
  Conv3DBackpropFilterV2: Kernel<tf.Conv3DBackpropFilterV2Inputs, tf.Conv3DBackpropFilterV2Attrs>;
  Conv3DBackpropInputV2: Kernel<tf.Conv3DBackpropInputV2Inputs, tf.Conv3DBackpropInputV2Attrs>;
  DepthwiseConv2dNative: Kernel<tf.DepthwiseConv2dNativeInputs, tf.DepthwiseConv2dNativeAttrs>;
  DepthwiseConv2dNativeBackpropFilter: Kernel<
    tf.DepthwiseConv2dNativeBackpropFilterInputs,
    tf.DepthwiseConv2dNativeBackpropFilterAttrs
  >;
  DepthwiseConv2dNativeBackpropInput: Kernel<
    tf.DepthwiseConv2dNativeBackpropInputInputs,
    tf.DepthwiseConv2dNativeBackpropInputAttrs
  >;
  FusedBatchNorm: Kernel<tf.FusedBatchNormInputs, tf.FusedBatchNormAttrs>;
  FusedConv2D: Kernel<tf.FusedConv2DInputs, tf.FusedConv2DAttrs>;
  FusedDepthwiseConv2D: Kernel<tf.FusedDepthwiseConv2DInputs, tf.FusedDepthwiseConv2DAttrs>;
  MaxPool: Kernel<tf.MaxPoolInputs, tf.MaxPoolAttrs>;
  MaxPool3D: Kernel<tf.MaxPool3DInputs, tf.MaxPool3DAttrs>;
  MaxPool3DGrad: Kernel<tf.MaxPool3DGradInputs, tf.MaxPool3DGradAttrs>;
  MaxPoolGrad: Kernel<tf.MaxPoolGradInputs, tf.MaxPoolGradAttrs>;
}

const formatOf = (dataFormat: 'NHWC' | 'NCHW'): Format => (dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast');
const pair = (n: number | [number, number]): [number, number] => (typeof n === 'number' ? [n, n] : n);
const triple = (n: number | [number, number, number]): [number, number, number] =>
  typeof n === 'number' ? [n, n, n] : n;

/** Applies `f` to `x` with the channels in front, as ONNX has them. */
function inChannelsFirst(b: GraphBuilder, x: Value, format: Format, f: (x: Value) => Value): Value {
  return fromChannelsFirst(b, f(channelsFirst(b, x, format)), format);
}

function conv2d(b: GraphBuilder, { x, filter }: { x: Value; filter: Value }, attributes: tf.Conv2DAttrs): Value {
  const format = formatOf(attributes.dataFormat);
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  const geometry = geometry2d(x.shape, filter.shape, strides, dilations, pad, dimRoundingMode, format);
  return inChannelsFirst(b, x, format, (image) => convolve(b, image, filterFirst(b, filter), geometry, 1));
}

function depthwise(
  b: GraphBuilder,
  { x, filter }: { x: Value; filter: Value },
  attributes: tf.DepthwiseConv2dNativeAttrs,
): Value {
  const format = formatOf(attributes.dataFormat);
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  const geometry = geometry2d(x.shape, filter.shape, strides, dilations ?? 1, pad, dimRoundingMode, format, true);
  const groups = dim(filter.shape, 2);
  return inChannelsFirst(b, x, format, (image) =>
    convolve(b, image, depthwiseFilterFirst(b, filter), geometry, groups),
  );
}

/** Bias and activation behind a fused convolution. */
function finish(
  b: GraphBuilder,
  y: Value,
  { bias, preluActivationWeights }: { readonly bias?: Value; readonly preluActivationWeights?: Value },
  { dataFormat, activation, leakyreluAlpha }: Pick<tf.FusedConv2DAttrs, 'dataFormat' | 'activation' | 'leakyreluAlpha'>,
): Value {
  const perChannel = (v: Value): Value =>
    dataFormat === 'NCHW' && v.shape.length === 1 && sizeOf(v.shape) > 1 ? b.reshape(v, [...v.shape, 1, 1]) : v;
  const sum = bias ? b.binary('Add', y, perChannel(bias)) : y;
  const weights = preluActivationWeights && perChannel(preluActivationWeights);
  return activate(b, sum, (activation ?? 'linear') as Activation, weights, leakyreluAlpha);
}

type Pool2d = Pick<tf.MaxPoolAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>;
type Pool3d = Pick<tf.MaxPool3DAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>;

function pool2d(x: Value, { filterSize, strides, pad, dimRoundingMode }: Pool2d): Geometry {
  const filter = [...pair(filterSize), dim(x.shape, 3), dim(x.shape, 3)];
  return geometry2d(x.shape, filter, strides, 1, pad, dimRoundingMode, 'channelsLast');
}

function pool3d(x: Value, { filterSize, strides, pad, dimRoundingMode }: Pool3d): Geometry {
  const filter = [...triple(filterSize), dim(x.shape, 4), dim(x.shape, 4)];
  return geometry3d(x.shape, filter, strides, 1, pad, dimRoundingMode);
}

const pooling =
  <A>(op: 'MaxPool' | 'AveragePool', geometryOf: (x: Value, attributes: A) => Geometry) =>
  (b: GraphBuilder, { x }: { readonly x: Value }, attributes: A): Value =>
    inChannelsFirst(b, x, 'channelsLast', (image) => pool(b, op, image, geometryOf(x, attributes)));

const averageBack =
  <A>(geometryOf: (x: Value, attributes: A) => Geometry) =>
  (b: GraphBuilder, { dy, input }: { readonly dy: Value; readonly input: Value }, attributes: A): Value =>
    inChannelsFirst(b, dy, 'channelsLast', (g) => averagePoolBack(b, g, geometryOf(input, attributes)));

const maxBack =
  <A>(geometryOf: (x: Value, attributes: A) => Geometry) =>
  (b: GraphBuilder, { dy, input }: { readonly dy: Value; readonly input: Value }, attributes: A): Value => {
    const geometry = geometryOf(input, attributes);
    const x = channelsFirst(b, input);
    const y = pool(b, 'MaxPool', x, geometry);
    return fromChannelsFirst(b, maxPoolBack(b, channelsFirst(b, dy), x, y, geometry));
  };

export const CONVOLUTION: Lowerings<ConvolutionKernels> = {
  AvgPool: pooling('AveragePool', pool2d),
  AvgPool3D: pooling('AveragePool', pool3d),
  AvgPool3DGrad: averageBack(pool3d),
  AvgPoolGrad: averageBack(pool2d),
  Conv2D: conv2d,
  Conv2DBackpropFilter: (b, { x, dy }, { strides, pad, dataFormat, dimRoundingMode, filterShape }) => {
    const format = formatOf(dataFormat);
    const geometry = geometry2d(x.shape, filterShape, strides, 1, pad, dimRoundingMode, format);
    const gradient = convolveFilterBack(b, channelsFirst(b, x, format), channelsFirst(b, dy, format), geometry, 1);
    return b.transpose(gradient, [2, 3, 0, 1]);
  },
  Conv2DBackpropInput: (b, { dy, filter }, { strides, pad, dataFormat, dimRoundingMode, inputShape }) => {
    const format = formatOf(dataFormat);
    const geometry = geometry2d(inputShape, filter.shape, strides, 1, pad, dimRoundingMode, format);
    return inChannelsFirst(b, dy, format, (g) => convolveBack(b, g, filterFirst(b, filter), geometry, 1));
  },
  Conv3D: (b, { x, filter }, { strides, pad, dilations }) => {
    const geometry = geometry3d(x.shape, filter.shape, strides, dilations, pad, undefined);
    return inChannelsFirst(b, x, 'channelsLast', (image) => convolve(b, image, filterFirst(b, filter), geometry, 1));
  },
  Conv3DBackpropFilterV2: (b, { x, dy }, { strides, pad, filterShape }) => {
    const geometry = geometry3d(x.shape, filterShape, strides, 1, pad, undefined);
    const gradient = convolveFilterBack(b, channelsFirst(b, x), channelsFirst(b, dy), geometry, 1);
    return b.transpose(gradient, [2, 3, 4, 0, 1]);
  },
  Conv3DBackpropInputV2: (b, { dy, filter }, { strides, pad, inputShape }) => {
    const geometry = geometry3d(inputShape, filter.shape, strides, 1, pad, undefined);
    return inChannelsFirst(b, dy, 'channelsLast', (g) => convolveBack(b, g, filterFirst(b, filter), geometry, 1));
  },
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropFilter: (b, { x, dy }, { strides, dilations, pad, dimRoundingMode, filterShape }) => {
    const geometry = geometry2d(x.shape, filterShape, strides, dilations, pad, dimRoundingMode, 'channelsLast', true);
    const [height, width, channels, multiplier] = filterShape;
    const gradient = convolveFilterBack(b, channelsFirst(b, x), channelsFirst(b, dy), geometry, channels);
    return b.transpose(b.reshape(gradient, [channels, multiplier, height, width]), [2, 3, 0, 1]);
  },
  DepthwiseConv2dNativeBackpropInput: (b, { dy, filter }, { strides, dilations, pad, dimRoundingMode, inputShape }) => {
    const geometry = geometry2d(
      inputShape,
      filter.shape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      'channelsLast',
      true,
    );
    const groups = dim(filter.shape, 2);
    return inChannelsFirst(b, dy, 'channelsLast', (g) =>
      convolveBack(b, g, depthwiseFilterFirst(b, filter), geometry, groups),
    );
  },
  FusedBatchNorm: (b, inputs, { varianceEpsilon }) => {
    const { scale, offset } = inputs;
    const float = (value: Value): Value => b.cast(value, 'float32');
    const deviation = b.unary('Sqrt', b.binary('Add', float(inputs.variance), b.scalar(varianceEpsilon)));
    const centred = b.binary('Sub', float(inputs.x), float(inputs.mean));
    const scaled = b.binary('Div', scale ? b.binary('Mul', centred, float(scale)) : centred, deviation);
    return offset ? b.binary('Add', scaled, float(offset)) : scaled;
  },
  FusedConv2D: (b, inputs, attributes) => finish(b, conv2d(b, inputs, attributes), inputs, attributes),
  FusedDepthwiseConv2D: (b, inputs, attributes) => finish(b, depthwise(b, inputs, attributes), inputs, attributes),
  MaxPool: pooling('MaxPool', pool2d),
  MaxPool3D: pooling('MaxPool', pool3d),
  MaxPool3DGrad: maxBack(pool3d),
  MaxPoolGrad: maxBack(pool2d),
};
