import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { type ConvolutionOptions, completedConvolution, convolutionalNetworks } from './convolutional';
import { type HandmadeOptions, handmadeNetworks } from './handmade';
import { type HiddenKind, hiddenLayers } from './hidden';
import { affine, chain, checkChoice, type Initialiser, type Layer } from './layers';

/**
 * What encoder and decoder are made of: dense layers alone, convolutions with dense layers between them and the code, or networks made by hand.
 *
 * @example
 * ```ts
 * import { decode, type NetworkOptions, Vae } from 'gmm-vae';
 *
 * const network: NetworkOptions = { kind: 'conv', height: 28, width: 28, maps: [8, 16], blocks: 1 };
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [], network, prior: { kind: 'standard-normal' }, seed: 1 });
 * decode(model, [0, 0]).length; // 784
 * model.dispose();
 * ```
 */
export type NetworkOptions = { readonly kind: 'dense' } | ConvolutionOptions | HandmadeOptions;

/** Encoder and decoder as maps of rows, whatever is inside. */
export interface Networks {
  /** `[n, D] → [n, 2d + context]`: means, unbounded log variances, and what else q(z|x) needs (`PosteriorFamily`). */
  readonly encoder: Layer;
  /** `[n, d] → [n, outputs]`: the likelihood's raw parameters. */
  readonly decoder: Layer;
  /** Numbers in the largest activation of one image. */
  readonly widest: number;
}

/** What every network is made for. */
export interface NetworkShape {
  /** D. */
  readonly pixels: number;
  /** d. */
  readonly latent: number;
  /** Where z has two levels, how many dimensions the lower one has, and the units of the layers that read each. */
  readonly levels?: { readonly lower: number; readonly units: number } | undefined;
  /** How many numbers the encoder gives for an image. */
  readonly codes: number;
  /** How many dimensions it gives means and log variances of. */
  readonly base: number;
  /** How many outputs of each kind a place of the image has: see `Likelihood`. */
  readonly kinds: readonly number[];
  /** Sizes of the encoder's dense hidden layers. */
  readonly hidden: readonly number[];
  readonly hiddenKind: HiddenKind;
  readonly initialiser: Initialiser | undefined;
  /** What the decoder puts out at first. */
  readonly start: Float32Array;
  /** The random numbers of a part's first weights. */
  readonly stream: (part: 'encoder' | 'decoder') => RandomStream;
}

const NETWORKS: {
  readonly [K in NetworkOptions['kind']]: (
    options: Extract<NetworkOptions, { kind: K }>,
    shape: NetworkShape,
  ) => Networks;
} = {
  dense: (_, shape) => {
    const { pixels, latent, codes, hidden, start, stream } = shape;
    const outputs = start.length;
    const back = [latent, ...hidden.toReversed(), outputs];
    return {
      encoder: stack('encoder', shape, [pixels, ...hidden, codes], stream('encoder')),
      decoder: shape.levels
        ? twoLevelDecoder(shape, shape.levels)
        : stack('decoder', shape, back, stream('decoder'), start),
      widest: Math.max(outputs, codes, ...hidden),
    };
  },
  conv: convolutionalNetworks,
  custom: handmadeNetworks,
};

/** Fills in what is left out: to name a default makes no other network. */
export function completedNetwork(options: NetworkOptions): NetworkOptions {
  return options.kind === 'conv' ? completedConvolution(options) : options;
}

/** @throws InvalidArgumentError on an unknown kind, or sizes that its kind cannot have */
export function makeNetworks<K extends NetworkOptions['kind']>(
  options: Extract<NetworkOptions, { kind: K }>,
  shape: NetworkShape,
): Networks {
  checkChoice('network.kind', options.kind, NETWORKS);
  return NETWORKS[options.kind as K](options, shape);
}

/** p(x|z₁, z₂) of the published two-level model: a layer for each level, then what is left of the hidden layers for both together. */
function twoLevelDecoder(shape: NetworkShape, { lower, units }: NonNullable<NetworkShape['levels']>): Layer {
  const { latent, hidden, start, hiddenKind: kind, initialiser } = shape;
  const stream = shape.stream('decoder');
  const sizes = [lower, latent - lower];
  const [first, second] = sizes.map((size, i) =>
    hiddenLayers(`decoder/z${i + 1}`, { kind, initialiser }, [size, units], stream),
  ) as [Layer, Layer];
  const left = hidden.length > 1 ? hidden.toReversed().slice(1) : [units];
  const joint = stack('decoder', shape, [2 * units, ...left, start.length], stream, start);
  return {
    variables: new Map([first, second, joint].flatMap(({ variables }) => [...variables])),
    apply: (z) => {
      const [z1, z2] = tf.split(z, sizes, 1) as [tf.Tensor2D, tf.Tensor2D];
      return joint.apply(tf.concat([first.apply(z1), second.apply(z2)], 1));
    },
  };
}

/** Hidden layers and an affine output; `sizes` from the inputs to the outputs. */
function stack(
  name: string,
  { hiddenKind, initialiser }: NetworkShape,
  sizes: readonly number[],
  stream: RandomStream,
  bias?: Float32Array,
): Layer {
  const hidden = hiddenLayers(name, { kind: hiddenKind, initialiser }, sizes.slice(0, -1), stream);
  const [inputs, outputs] = sizes.slice(-2) as [number, number];
  const ofOutput = initialiser === 'he-everywhere' ? initialiser : 'glorot';
  return chain([hidden, affine(`${name}/output`, { inputs, outputs }, ofOutput, stream, bias)]);
}
