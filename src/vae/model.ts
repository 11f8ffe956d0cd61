import { InvalidArgumentError } from '../errors';
import { RandomStream } from '../math/random';
import { tf } from '../tensors';
import { isReal } from './likelihood-kinds';
import { type Likelihood, makeLikelihood } from './likelihoods';
import { MODEL_OPTIONS, type ModelFields } from './model-table';
import { checkSize, makeNetworks, type NamedVariables, type NetworkOptions, type Networks } from './networks';
import { checkOption } from './option';
import type { Posterior } from './posterior';
import type { PosteriorFamily } from './posteriors/family';
import type { FlowOptions } from './posteriors/flow';
import type { Hierarchy, HierarchyOptions } from './posteriors/hierarchy';
import { familyOf, hierarchyOf } from './posteriors/make-family';
import { momentsOf, type PosteriorMoments } from './posteriors/moments';
import { makePrior, type PriorOptions } from './priors/make-prior';
import type { Prior, PriorDensity } from './priors/prior';
import type { Category, Standardisation } from './real-likelihoods';
import { boundedLogVariance } from './tensor-math';

export type { PriorOptions } from './priors/make-prior';

/**
 * The sizes, layers, likelihood and prior of a model, and the seed of its weights.
 *
 * @example
 * ```ts
 * import { Vae, type VaeOptions } from 'gmm-vae';
 *
 * const options: VaeOptions = {
 *   pixels: 784,
 *   latent: 2,
 *   hidden: [32],
 *   network: { kind: 'gated' },
 *   likelihood: 'bernoulli',
 *   prior: { kind: 'vamp', components: 20 },
 *   seed: 1,
 * };
 * const model = new Vae(options);
 * model.latent; // 2
 * model.dispose();
 * ```
 */
export interface VaeOptions extends ModelFields {
  /** D: pixels per image. */
  readonly pixels: number;
  /** Default: dense layers with ReLU. */
  readonly network?: NetworkOptions | undefined;
  /** Colours of a pixel, which depend on each other in `logistic-mixture`. Default: those of a convolutional network, else 1. */
  readonly channels?: number | undefined;
  /** Mean and deviation of each number in the training data, for `normal` and `student-t`; kept with the model. Default: 0 and 1. */
  readonly standardisation?: Standardisation | undefined;
  /** Which numbers of a row are categories, for `normal` and `student-t`. Default: none. */
  readonly categories?: readonly Category[] | undefined;
  /** Steps that make q(z|x) more than a diagonal normal; its KL term is then always sampled. Default: none. */
  readonly flow?: FlowOptions | undefined;
  /** Two levels of z instead of one: p(x|z₁, z₂)·p(z₁|z₂)·p(z₂), with the prior over z₂. Default: one. */
  readonly hierarchy?: HierarchyOptions | undefined;
  readonly prior: PriorOptions;
  /** Initial weights, and the random start of a mixture. */
  readonly seed: number;
  /** Mean intensity of every pixel, from which the decoder starts unless the initialiser is `he-everywhere`; default: ½ everywhere. */
  readonly meanImage?: ArrayLike<number> | undefined;
}

/**
 * A variational autoencoder (Kingma and Welling, 2014): networks, a likelihood and a prior to choose.
 *
 * @example
 * ```ts
 * import { decode, Vae } from 'gmm-vae';
 *
 * const model = new Vae({
 *   pixels: 784,
 *   latent: 2,
 *   hidden: [300, 300],
 *   prior: { kind: 'gaussian-mixture', components: 10 },
 *   seed: 1,
 * });
 * decode(model, [0, 0, 1, 1]).length; // 1568
 * model.dispose();
 * ```
 */
export class Vae {
  readonly pixels: number;
  readonly latent: number;
  readonly likelihood: Likelihood;
  /** p(z), and of two levels p(z₂). */
  readonly prior: Prior;
  /** The conditional distributions of z₁, where z has two levels. */
  readonly hierarchy: Hierarchy | null;
  /** How q(z|x) is made of what the encoder gives. */
  readonly family: PosteriorFamily;
  /** p(z), and its KL from q(z|x) where there is a closed form. */
  readonly density: PriorDensity;
  /** All that is trained: networks, flow and prior. */
  readonly variables: NamedVariables;
  /** Encoder and decoder as maps of rows, whatever they are made of. */
  readonly networks: Networks;

  /** @throws InvalidArgumentError on a size that is not a positive integer, an unknown kind, or a mean image of another size */
  constructor(readonly options: VaeOptions) {
    const { pixels, latent, hidden, seed, meanImage } = options;
    checkSize('pixels', pixels);
    for (const name of ['latent', 'hidden'] as const) checkOption(MODEL_OPTIONS[name], options[name], name);
    const stream = (part: string): RandomStream => RandomStream.of(seed, `vae/initial/${part}`);
    this.pixels = pixels;
    this.latent = latent;
    const { likelihood: kind = MODEL_OPTIONS.likelihood.default, network = { kind: 'dense' }, initialiser } = options;
    const channels = channelsOf(options);
    this.likelihood = makeLikelihood(kind, { ...options, channels });
    if (this.likelihood.support === 'real' && options.prior.kind === 'vamp') {
      throw new InvalidArgumentError(
        'prior.kind',
        'expected another than vamp, whose pseudo-inputs lie in [0, 1], for numbers that do not',
      );
    }
    const { kinds } = this.likelihood;
    // What is no intensity starts at its own mean.
    const start = this.likelihood.start(startingImage(isReal(kind) ? { ...options, meanImage: undefined } : options));
    this.hierarchy = hierarchyOf(options, stream('hierarchy'));
    this.family = this.hierarchy ?? familyOf(options, stream('flow'));
    const { base, context, features } = this.family;
    const levels = this.hierarchy && { lower: latent - base, units: context };
    const codes = 2 * base + (features ? 0 : context);
    const layers = { base, codes, levels: levels ?? undefined, hidden, initialiser, start, kinds };
    this.networks = makeNetworks(network, { pixels, latent, ...layers, stream });
    const encode = (x: tf.Tensor2D): Posterior => this.encodeBase(this.read(x));
    this.prior = makePrior(options.prior, { dimension: base, pixels, encode, meanImage, stream: stream('prior') });
    this.density = this.family.density(this.prior);
    const { encoder, decoder } = this.networks;
    const parts = [encoder, this.family, decoder, this.likelihood, this.prior];
    this.variables = new Map(parts.flatMap(({ variables }) => [...variables]));
  }

  /** What the encoder says of q(z|x): `[n, D] → [n, base]` twice, and the family's context. */
  encode(x: tf.Tensor2D): Posterior {
    const rows = this.read(x);
    const posterior = this.encodeBase(rows);
    const { features } = this.family;
    return features ? { ...posterior, context: features.apply(rows) } : posterior;
  }

  private read(x: tf.Tensor2D): tf.Tensor2D {
    return this.likelihood.standardise(x) as tf.Tensor2D;
  }

  private encodeBase(rows: tf.Tensor2D): Posterior {
    const { base, context: width } = this.family;
    const codes = this.networks.encoder.apply(rows);
    const sizes = codes.shape[1] > 2 * base ? [base, base, width] : 2;
    const [mean, raw, context] = tf.split(codes, sizes, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D?];
    const logVariance = boundedLogVariance(raw) as tf.Tensor2D;
    return context ? { mean, logVariance, context } : { mean, logVariance };
  }

  /** Mean and standard deviation of q(z|x): `[n, D] → [n, d]` twice. */
  moments(x: tf.Tensor2D): PosteriorMoments {
    return momentsOf(this.family, this.encode(x), this.latent);
  }

  /** `density` for many evaluations while the parameters stay as they are. */
  frozenDensity(): PriorDensity {
    return this.family.density(this.prior.frozen());
  }

  /** The raw parameters of p(x|z), for `likelihood`: `[n, d] → [n, outputs]`, for `bernoulli` D logits. */
  decode(z: tf.Tensor2D): tf.Tensor2D {
    return this.networks.decoder.apply(z);
  }

  /** Frees the parameters. */
  dispose(): void {
    for (const trained of this.variables.values()) trained.dispose();
  }
}

/** The mean image kept within 1 % of black and white, ½ where there is none. */
function startingImage({ meanImage, pixels }: VaeOptions): Float32Array {
  if (!meanImage) return new Float32Array(pixels).fill(0.5);
  if (meanImage.length !== pixels) {
    throw new InvalidArgumentError('meanImage', `expected ${pixels} pixels, got ${meanImage.length}`);
  }
  return Float32Array.from(meanImage, (mean) => {
    if (!(mean >= 0 && mean <= 1))
      throw new InvalidArgumentError('meanImage', `expected intensities in [0, 1], got ${mean}`);
    return Math.min(Math.max(mean, 0.01), 0.99);
  });
}

/** Numbers of one place of the image: its colours. */
function channelsOf({ network, channels, pixels }: VaeOptions): number {
  const ofNetwork = network?.kind === 'conv' ? (network.channels ?? 1) : undefined;
  const chosen = channels ?? ofNetwork ?? 1;
  checkSize('channels', chosen);
  if ((ofNetwork ?? chosen) !== chosen || pixels % chosen !== 0) {
    const expected = ofNetwork === undefined ? `a divisor of ${pixels}` : `${ofNetwork}, as the network has`;
    throw new InvalidArgumentError('channels', `expected ${expected}, got ${chosen}`);
  }
  return chosen;
}
