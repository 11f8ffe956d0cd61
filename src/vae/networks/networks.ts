import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { type ConvolutionOptions, completedConvolution, convolutionalNetworks } from './convolutional';
import { type HandmadeOptions, handmadeNetworks } from './handmade';
import { type Activation, checkActivation, type HiddenKind, hiddenLayers } from './hidden';
import { affine, chain, checkChoice, type Initialiser, type Layer } from './layers';

/** Dense layers alone, whose hidden ones are activated by ReLU or tanh. */
interface DenseOptions {
  readonly kind: 'dense';
  /** Default: `relu`. */
  readonly activation?: Activation | undefined;
}

/**
 * What encoder and decoder are made of: dense layers alone, `gated` (Dauphin et al., 2017) or not, convolutions with dense layers between
 * them and the code, or networks made by hand.
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
export type NetworkOptions = { readonly kind: 'gated' } | DenseOptions | ConvolutionOptions | HandmadeOptions;

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
  readonly initialiser: Initialiser | undefined;
  /** What the decoder puts out at first. */
  readonly start: Float32Array;
  /** The random numbers of a part's first weights. */
  readonly stream: (part: 'encoder' | 'decoder') => RandomStream;
}

/** A network of each kind with no option left out. */
const COMPLETED: {
  readonly [K in NetworkOptions['kind']]: (
    options: Extract<NetworkOptions, { kind: K }>,
  ) => Required<Extract<NetworkOptions, { kind: K }>>;
} = {
  gated: ({ kind }) => ({ kind }),
  dense: ({ kind, activation = 'relu' }) => ({ kind, activation }),
  conv: completedConvolution,
  custom: (options) => ({ module: undefined, ...options }),
};

const NETWORKS: {
  readonly [K in NetworkOptions['kind']]: (
    options: Extract<NetworkOptions, { kind: K }>,
    shape: NetworkShape,
  ) => Networks;
} = {
  gated: (_, shape) => denseNetworks('gated', shape),
  dense: ({ activation = 'relu' }, shape) => {
    checkActivation(activation, ['relu', 'tanh']);
    return denseNetworks(activation, shape);
  },
  conv: convolutionalNetworks,
  custom: handmadeNetworks,
};

function denseNetworks(kind: HiddenKind, shape: NetworkShape): Networks {
  const { pixels, latent, codes, hidden, start, stream } = shape;
  const outputs = start.length;
  const back = [latent, ...hidden.toReversed(), outputs];
  return {
    encoder: stack('encoder', kind, shape, [pixels, ...hidden, codes], stream('encoder')),
    decoder: shape.levels
      ? twoLevelDecoder(kind, shape, shape.levels)
      : stack('decoder', kind, shape, back, stream('decoder'), start),
    widest: Math.max(outputs, codes, ...hidden),
  };
}

/** Fills in what is left out: to name a default makes no other network. */
export function completedNetwork<K extends NetworkOptions['kind']>(options: Extract<NetworkOptions, { kind: K }>) {
  return COMPLETED[options.kind as K](options);
}

/** The kind of a network's dense hidden layers. */
export function hiddenKindOf(network: Exclude<NetworkOptions, HandmadeOptions> | { kind: 'custom' }): HiddenKind {
  if (network.kind === 'gated') return network.kind;
  return (network.kind === 'custom' ? undefined : network.activation) ?? 'relu';
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
function twoLevelDecoder(
  kind: HiddenKind,
  shape: NetworkShape,
  { lower, units }: NonNullable<NetworkShape['levels']>,
): Layer {
  const { latent, hidden, start, initialiser } = shape;
  const stream = shape.stream('decoder');
  const sizes = [lower, latent - lower];
  const [first, second] = sizes.map((size, i) =>
    hiddenLayers(`decoder/z${i + 1}`, { kind, initialiser }, [size, units], stream),
  ) as [Layer, Layer];
  const left = hidden.length > 1 ? hidden.toReversed().slice(1) : [units];
  const joint = stack('decoder', kind, shape, [2 * units, ...left, start.length], stream, start);
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
  kind: HiddenKind,
  { initialiser }: NetworkShape,
  sizes: readonly number[],
  stream: RandomStream,
  bias?: Float32Array,
): Layer {
  const hidden = hiddenLayers(name, { kind, initialiser }, sizes.slice(0, -1), stream);
  const [inputs, outputs] = sizes.slice(-2) as [number, number];
  const ofOutput = initialiser === 'he-everywhere' ? initialiser : 'glorot';
  return chain([hidden, affine(`${name}/output`, { inputs, outputs }, ofOutput, stream, bias)]);
}
