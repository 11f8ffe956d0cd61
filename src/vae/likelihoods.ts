import { InvalidArgumentError } from '../errors';
import { tf } from '../tensors';
import { isReal, LIKELIHOOD_KINDS, type LikelihoodKind, type RealKind, specOf } from './likelihood-kinds';
import { logisticMixture } from './logistic-mixture';
import { MODEL_OPTIONS } from './model-table';
import { type NamedVariables, variable } from './networks';
import { checkOption } from './option';
import { type RealOptions, realLikelihood } from './real-likelihoods';
import { bernoulliLogProb, boundedLogVariance, diagonalNormalLogProb, unboundedLogVariance } from './tensor-math';

/**
 * p(x|z) of intensities: `bernoulli` pixels with probability sigmoid(l); normal ones N(sigmoid(l), σ²), for intensities that are not binarised, with
 * a bounded ln σ² of their own (`gaussian`), with one that is learned for all (`gaussian-global`) or with a given σ (`gaussian-fixed`);
 * `logistic-mixture` for the 256 intensities of a byte, see `logisticMixture`.
 */
export type UnitKind = Exclude<LikelihoodKind, RealKind>;

/** How the decoder's raw outputs `[…, outputs]` parameterise the pixels `[…, D]`. */
export interface Likelihood {
  /**
   * How many outputs of each kind a place of the image has: one for each of its channels, or fewer. Outputs of one kind lie together, place after
   * place: all logits l first.
   */
  readonly kinds: readonly number[];
  /** What x may be: intensities in [0, 1], 256 of them, or any numbers. */
  readonly support: 'unit' | 'bytes' | 'real';
  /** What is learned for all images: none for most. */
  readonly variables: NamedVariables;
  /** What the decoder puts out at first, from the mean image, in (0, 1): `outputs` numbers. */
  start(meanImage: Float32Array): Float32Array;
  /** What the encoder is given for x. */
  standardise(x: tf.Tensor): tf.Tensor;
  /** ln p(x|z) in nats, summed over the pixels: `[…, D], […, outputs] → […]`; leading axes broadcast. */
  logProb(x: tf.Tensor, raw: tf.Tensor): tf.Tensor;
  /** E[x|z]: `[…, outputs] → […, D]`; in [0, 1] where x is. */
  mean(raw: tf.Tensor): tf.Tensor;
}

export interface LikelihoodOptions {
  /** D. */
  readonly pixels: number;
  /** Numbers of one place. */
  readonly channels: number;
  readonly stddev?: number | undefined;
  readonly mixtures?: number | undefined;
  readonly standardisation?: RealOptions['standardisation'] | undefined;
  readonly categories?: RealOptions['categories'] | undefined;
}

const none: NamedVariables = new Map();
const logit = (p: number): number => Math.log(p / (1 - p));
const intensities = { support: 'unit', standardise: (x: tf.Tensor) => x } as const;

const LIKELIHOODS: { readonly [K in UnitKind]: (options: LikelihoodOptions) => Likelihood } = {
  bernoulli: ({ channels }) => ({
    ...intensities,
    kinds: [channels],
    variables: none,
    start: (meanImage) => meanImage.map(logit),
    logProb: bernoulliLogProb,
    mean: (raw) => tf.sigmoid(raw),
  }),
  gaussian: ({ channels, pixels }) => ({
    ...intensities,
    kinds: [channels, channels],
    variables: none,
    start: (meanImage) => {
      const outputs = new Float32Array(2 * pixels);
      outputs.set(meanImage.map(logit));
      return outputs;
    },
    logProb: (x, raw) => {
      const [logits, rawLogVariance] = halves(raw);
      return diagonalNormalLogProb(x, tf.sigmoid(logits), boundedLogVariance(rawLogVariance));
    },
    mean: (raw) => tf.sigmoid(halves(raw)[0]),
  }),
  'gaussian-global': ({ channels }) => {
    const start = unboundedLogVariance(2 * Math.log(USUAL_STDDEV));
    const rawLogVariance = variable(Float32Array.of(start), [1]);
    const variables: NamedVariables = new Map([['likelihood/raw-log-variance', rawLogVariance]]);
    return { ...normal(channels, () => boundedLogVariance(rawLogVariance)), variables };
  },
  'gaussian-fixed': ({ channels, stddev = USUAL_STDDEV }) => {
    checkOption(MODEL_OPTIONS.stddev, stddev, 'stddev');
    return normal(channels, () => tf.scalar(2 * Math.log(stddev)));
  },
  'logistic-mixture': ({ channels, pixels, mixtures = MODEL_OPTIONS.mixtures.default }) => {
    checkOption(MODEL_OPTIONS.mixtures, mixtures, 'mixtures');
    return logisticMixture({ pixels, channels, mixtures });
  },
};

/** The σ of `gaussian-fixed`, and what a learned one starts from: a tenth of the way from black to white. */
const USUAL_STDDEV = MODEL_OPTIONS.stddev.default;

/** N(sigmoid(l), σ²) with one σ. */
function normal(channels: number, logVariance: () => tf.Tensor): Likelihood {
  return {
    ...intensities,
    kinds: [channels],
    variables: none,
    start: (meanImage) => meanImage.map(logit),
    logProb: (x, raw) => diagonalNormalLogProb(x, tf.sigmoid(raw), logVariance()),
    mean: (raw) => tf.sigmoid(raw),
  };
}

function halves(raw: tf.Tensor): [tf.Tensor, tf.Tensor] {
  return tf.split(raw, 2, raw.rank - 1) as [tf.Tensor, tf.Tensor];
}

/** @throws InvalidArgumentError on an unknown kind, or options of another */
export function makeLikelihood(kind: LikelihoodKind, options: LikelihoodOptions): Likelihood {
  checkOption(MODEL_OPTIONS.likelihood, kind, 'likelihood');
  for (const owner of LIKELIHOOD_KINDS) {
    const { own } = specOf(owner);
    if (own === undefined || options[own] === undefined || kind === owner) continue;
    throw new InvalidArgumentError(own, `expected none with likelihood ${kind}: it belongs to ${owner}`);
  }
  const { pixels, channels, standardisation, categories = [] } = options;
  if (isReal(kind)) {
    const plain = { mean: Array<number>(pixels).fill(0), stddev: Array<number>(pixels).fill(1) };
    return realLikelihood(kind, pixels, { standardisation: standardisation ?? plain, categories, channels });
  }
  if (standardisation || categories.length > 0) {
    const argument = standardisation ? 'standardisation' : 'categories';
    throw new InvalidArgumentError(argument, `expected none with likelihood ${kind}, whose numbers are intensities`);
  }
  return LIKELIHOODS[kind](options);
}
