import type { RandomStream } from '../../math/random';
import { type ConvolutionOptions, completedConvolution, convolutionalNetworks } from './convolutional';
import { type Activation, checkActivation, type HiddenKind, hiddenLayers } from './hidden';
import { affine, chain, checkChoice, type Initialiser, type Layer } from './layers';

/** Dense layers alone, whose hidden ones are activated by ReLU or tanh. */
interface DenseOptions {
  readonly kind: 'dense';
  /** Default: `relu`. */
  readonly activation?: Activation | undefined;
}

/**
 * What encoder and decoder are made of: dense layers alone, `gated` (Dauphin et al., 2017) or not, or convolutions with dense layers between
 * them and the code.
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
export type NetworkOptions = { readonly kind: 'gated' } | DenseOptions | ConvolutionOptions;

/** Encoder and decoder as maps of rows, whatever is inside. */
export interface Networks {
  /** `[n, D] → [n, 2d]`: means and unbounded log variances. */
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
};

function denseNetworks(kind: HiddenKind, shape: NetworkShape): Networks {
  const { pixels, latent, hidden, start, stream } = shape;
  const outputs = start.length;
  const back = [latent, ...hidden.toReversed(), outputs];
  return {
    encoder: stack('encoder', kind, shape, [pixels, ...hidden, 2 * latent], stream('encoder')),
    decoder: stack('decoder', kind, shape, back, stream('decoder'), start),
    widest: Math.max(outputs, latent, ...hidden),
  };
}

/** Fills in what is left out: to name a default makes no other network. */
export function completedNetwork<K extends NetworkOptions['kind']>(options: Extract<NetworkOptions, { kind: K }>) {
  return COMPLETED[options.kind as K](options);
}

/** The kind of a network's dense hidden layers. */
export function hiddenKindOf(network: NetworkOptions): HiddenKind {
  return network.kind === 'gated' ? network.kind : (network.activation ?? 'relu');
}

/** @throws InvalidArgumentError on an unknown kind, or sizes that its kind cannot have */
export function makeNetworks<K extends NetworkOptions['kind']>(
  options: Extract<NetworkOptions, { kind: K }>,
  shape: NetworkShape,
): Networks {
  checkChoice('network.kind', options.kind, NETWORKS);
  return NETWORKS[options.kind as K](options, shape);
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
