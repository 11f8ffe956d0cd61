import { tf } from '../../tensors';
import type { Initialiser } from './layers';

/** Functions of single numbers behind a layer, with the first weights that suit them. */
const ACTIVATIONS = {
  linear: { apply: (x: tf.Tensor) => x, initialiser: 'glorot' },
  relu: { apply: (x: tf.Tensor) => tf.relu(x), initialiser: 'he' },
  elu: { apply: (x: tf.Tensor) => tf.elu(x), initialiser: 'he' },
  swish: { apply: (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x)), initialiser: 'he' },
  softplus: { apply: (x: tf.Tensor) => tf.softplus(x), initialiser: 'he' },
  tanh: { apply: (x: tf.Tensor) => tf.tanh(x), initialiser: 'glorot' },
  sigmoid: { apply: (x: tf.Tensor) => tf.sigmoid(x), initialiser: 'glorot' },
} as const satisfies Record<string, { readonly apply: (x: tf.Tensor) => tf.Tensor; readonly initialiser: Initialiser }>;

export type ActivationName = keyof typeof ACTIVATIONS;

export { ACTIVATIONS };

/** First weights, by the names of `tf.initializers`: normal with variance 2/inputs, or 2/(inputs + outputs). Not truncated. */
export const INITIALISERS = { heNormal: 'he', glorotNormal: 'glorot' } as const satisfies Record<string, Initialiser>;

interface Named {
  /** What the names of its variables begin with. Default: the kind and its number, `dense1`. */
  readonly name?: string;
}

interface Weighted extends Named {
  /** Default: `linear`. */
  readonly activation?: ActivationName;
  /** Default: `heNormal` before relu, elu, swish and softplus, else `glorotNormal`. Biases begin at 0. */
  readonly kernelInitializer?: keyof typeof INITIALISERS;
  /** Default: true. */
  readonly useBias?: boolean;
}

/** Where the channels of an image are: `[n, height, width, channels]` or `[n, channels, height, width]`. */
export type DataFormat = 'channelsLast' | 'channelsFirst';

export interface DenseOptions extends Weighted {
  readonly units: number;
}

export interface ConvOptions extends Weighted {
  readonly filters: number;
  /** Height and width of the filters. */
  readonly kernelSize: number | readonly [number, number];
  /** Default: 1. */
  readonly strides?: number | readonly [number, number];
  /** Default: `same`; `tf.layers` has `valid`. */
  readonly padding?: 'same' | 'valid';
  /** Default: `channelsLast`. Compiled convolutions compute in `channelsFirst`, so that many in a row are faster so. */
  readonly dataFormat?: DataFormat;
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Height and width of the result, where strides and padding leave a choice. Default: size · stride with `same`. */
  readonly outputSize?: readonly [number, number];
}

export interface GroupNormOptions extends Named {
  /** Default: the largest number up to 8 that divides the channels. 1 is layer norm. */
  readonly groups?: number;
  /** Default: `channelsLast`. */
  readonly dataFormat?: DataFormat;
}

export interface OutputOptions extends Named {
  /** Where an image has its channels. Default: `channelsLast`. */
  readonly dataFormat?: DataFormat;
}

export interface WeightOptions {
  readonly name: string;
  readonly shape: readonly number[];
  /** What all entries begin with, or the standard deviation of normal ones. Default: 0. */
  readonly initializer?: number | { readonly stddev: number };
}
