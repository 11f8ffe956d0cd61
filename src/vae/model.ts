import { InvalidArgumentError } from '../errors';
import { RandomStream } from '../math/random';
import { tf } from '../tensors';
import { affine, chain, checkSize, type HiddenKind, hiddenLayers, type Layer, type NamedVariables } from './networks';
import { GaussianMixturePrior, type Prior, StandardNormalPrior } from './priors';
import { boundedLogVariance } from './tensor-math';

export type PriorOptions =
  | { readonly kind: 'standard-normal' }
  | { readonly kind: 'gaussian-mixture'; readonly components: number };

export interface VaeOptions {
  /** D: pixels per image. */
  readonly pixels: number;
  /** d: dimensions of the latent space. */
  readonly latent: number;
  /** Sizes of the encoder's hidden layers, from the image on; the decoder has the same in reverse. */
  readonly hidden: readonly number[];
  /** Default: `relu`. */
  readonly hiddenKind?: HiddenKind;
  readonly prior: PriorOptions;
  /** Initial weights, and the random start of a mixture. */
  readonly seed: number;
  /** Mean intensity of every pixel, from which the decoder starts; default: ½ everywhere. */
  readonly meanImage?: ArrayLike<number>;
}

/** q(z|x) = N(mean, diag σ²), one row per image. */
export interface Posterior {
  readonly mean: tf.Tensor2D;
  /** ln σ², already bounded (numerical rule 5). */
  readonly logVariance: tf.Tensor2D;
}

/** A variational autoencoder (Kingma and Welling, 2014): dense networks, Bernoulli pixels, and a prior to choose. */
export class Vae {
  readonly pixels: number;
  readonly latent: number;
  readonly prior: Prior;
  /** All that is trained: networks and prior. */
  readonly variables: NamedVariables;
  private readonly encoder: Layer;
  private readonly decoder: Layer;

  /** @throws InvalidArgumentError on a size that is no positive integer, or a mean image of another size */
  constructor(options: VaeOptions) {
    const { pixels, latent, hidden, hiddenKind = 'relu', seed } = options;
    checkSize('pixels', pixels);
    checkSize('latent', latent);
    hidden.forEach((size, i) => {
      checkSize(`hidden[${i}]`, size);
    });
    const stream = (part: string): RandomStream => RandomStream.of(seed, `vae/initial/${part}`);
    this.pixels = pixels;
    this.latent = latent;
    this.encoder = stack('encoder', hiddenKind, [pixels, ...hidden], 2 * latent, stream('encoder'));
    this.decoder = stack(
      'decoder',
      hiddenKind,
      [latent, ...hidden.toReversed()],
      pixels,
      stream('decoder'),
      logits(options),
    );
    this.prior = makePrior(options.prior, latent, stream('prior'));
    this.variables = new Map([...this.encoder.variables, ...this.decoder.variables, ...this.prior.variables]);
  }

  /** q(z|x): `[n, D] → [n, d]` twice. */
  encode(x: tf.Tensor2D): Posterior {
    const [mean, raw] = tf.split(this.encoder.apply(x), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    return { mean, logVariance: boundedLogVariance(raw) as tf.Tensor2D };
  }

  /** The logits of p(x|z): `[n, d] → [n, D]`. */
  decode(z: tf.Tensor2D): tf.Tensor2D {
    return this.decoder.apply(z);
  }

  /** Frees the parameters. */
  dispose(): void {
    for (const trained of this.variables.values()) trained.dispose();
  }
}

const PRIORS: {
  readonly [K in PriorOptions['kind']]: (
    options: Extract<PriorOptions, { kind: K }>,
    dimension: number,
    stream: RandomStream,
  ) => Prior;
} = {
  'standard-normal': (_options, dimension) => new StandardNormalPrior(dimension),
  'gaussian-mixture': ({ components }, dimension, stream) => GaussianMixturePrior.random(components, dimension, stream),
};

function makePrior<K extends PriorOptions['kind']>(
  options: Extract<PriorOptions, { kind: K }>,
  dimension: number,
  stream: RandomStream,
): Prior {
  const make = PRIORS[options.kind as K];
  if (!make) {
    const known = Object.keys(PRIORS).join(' or ');
    throw new InvalidArgumentError('prior.kind', `expected ${known}, got ${JSON.stringify(options.kind)}`);
  }
  return make(options, dimension, stream);
}

function stack(
  name: string,
  kind: HiddenKind,
  sizes: readonly number[],
  outputs: number,
  stream: RandomStream,
  bias?: Float32Array,
): Layer {
  const hidden = hiddenLayers(name, kind, sizes, stream);
  const inputs = sizes.at(-1) as number;
  return chain([hidden, affine(`${name}/output`, { inputs, outputs }, 'glorot', stream, bias)]);
}

/** The logits at which the decoder's output starts, from the mean image kept within 1 % of black and white. */
function logits({ meanImage, pixels }: VaeOptions): Float32Array {
  if (!meanImage) return new Float32Array(pixels);
  if (meanImage.length !== pixels) {
    throw new InvalidArgumentError('meanImage', `expected ${pixels} pixels, got ${meanImage.length}`);
  }
  return Float32Array.from(meanImage, (mean) => {
    if (!(mean >= 0 && mean <= 1))
      throw new InvalidArgumentError('meanImage', `expected intensities in [0, 1], got ${mean}`);
    const p = Math.min(Math.max(mean, 0.01), 0.99);
    return Math.log(p / (1 - p));
  });
}
