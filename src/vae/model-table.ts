import { LIKELIHOOD_KINDS } from './likelihood-kinds';
import { choice, count, option, positive, size, sizes, type ValueOf } from './option';

/** Units of dense hidden layers in the published experiments (Tomczak and Welling, 2018), and K of each kind of prior. */
export const USUAL = { hidden: [300, 300], components: { gmm: 10, vamp: 500 } } as const;

/**
 * Every option of a model, in the order of `gmm-vae train --help`. Closed sets, defaults, checks, flags, the model in a checkpoint's
 * manifest and the options in a sweep's file are all made from this table.
 */
export const MODEL_OPTIONS = {
  /** The prior: standard normal, Gaussian mixture or VampPrior. */
  prior: option(choice(['normal', 'gmm', 'vamp']), {
    flag: '--prior <name>',
    help: 'p(z)',
    required: true,
    typed: 'gmm',
    kept: 'model.prior.kind',
  }),
  /** K: components of a mixture, or pseudo-inputs. */
  components: option(size, {
    flag: '--components <K>',
    help: 'components or pseudo-inputs',
    shown: `${USUAL.components.gmm} for gmm, ${USUAL.components.vamp} for vamp`,
    kept: 'model.prior.components',
  }),
  /** The form of each component's covariance. Default: `diagonal`. */
  covariance: option(choice(['diagonal', 'full']), {
    flag: '--covariance <form>',
    help: 'covariance of each component of a gmm',
    default: 'diagonal',
    kept: 'model.prior.covariance',
  }),
  /** d: dimensions of the latent space. */
  latent: option(size, {
    flag: '--latent <d>',
    help: 'dimensions of z',
    required: true,
    typed: 40,
    kept: 'model',
  }),
  /** The layers of encoder and decoder. Default: `dense`. */
  network: option(choice(['gated', 'dense', 'conv']), {
    flag: '--network <kind>',
    help: 'dense layers, gated or of ReLU units, or convolutions',
    default: 'dense',
    typed: 'gated',
    kept: 'model.network.kind',
  }),
  /**
   * Sizes of the encoder's dense hidden layers, from the image on; the decoder has the same in reverse. With convolutions, those between the
   * feature maps and the code.
   */
  hidden: option(sizes, {
    flag: '--hidden <sizes>',
    help: 'units of the dense hidden layers, from the image on',
    required: true,
    typed: null,
    shown: `${USUAL.hidden}; none with conv`,
    kept: 'model',
  }),
  /** Feature maps after each halving of height and width, from the image on. Default: 32 and 64, as far as the image can be halved. */
  featureMaps: option(sizes, {
    flag: '--feature-maps <sizes>',
    help: 'feature maps of conv after each halving of the image',
    default: [32, 64],
    typed: null,
    kept: 'model.network.maps',
  }),
  /** Residual blocks after each halving. Default: 1. */
  residualBlocks: option(count, {
    flag: '--residual-blocks <n>',
    help: 'residual blocks of conv after each halving',
    default: 1,
    typed: null,
    kept: 'model.network.blocks',
  }),
  /**
   * How the hidden layers' weights begin, and with `he-everywhere` also the output layers' and all biases. Default: `he` for relu and
   * gated layers, `glorot` for tanh.
   */
  initialiser: option(choice(['he', 'glorot', 'he-everywhere']), {
    flag: '--initialiser <name>',
    help: 'first weights of the hidden layers',
    shown: 'what suits them',
    kept: 'model',
  }),
  /** Where pseudo-inputs start: at training images, or at noise. */
  pseudoInputs: option(choice(['images', 'noise']), {
    flag: '--pseudo-inputs <what>',
    help: 'where the pseudo-inputs of vamp start',
    required: true,
    typed: 'images',
    kept: null,
  }),
  /** The distribution of the pixels, given z. Default: `bernoulli`. */
  likelihood: option(choice(LIKELIHOOD_KINDS), {
    flag: '--likelihood <name>',
    help: 'p(x|z): of bits bernoulli; of intensities gaussian (σ per pixel), gaussian-global (one learned σ), gaussian-fixed; of bytes logistic-mixture; of any numbers (standardised, with categories) normal or student-t',
    default: 'bernoulli',
    kept: 'model',
  }),
  /** σ of `gaussian-fixed`. Default: 0.1. */
  stddev: option(
    { ...positive, expected: 'a finite number > 0' },
    { flag: '--stddev <x>', help: 'σ of gaussian-fixed', default: 0.1, typed: null, kept: 'model' },
  ),
  /** K of `logistic-mixture`. Default: 10. */
  mixtures: option(size, {
    flag: '--mixtures <K>',
    help: 'components of logistic-mixture',
    default: 10,
    typed: null,
    kept: 'model',
  }),
  /** Steps that make q(z|x) more than a diagonal normal. Default: none. */
  flow: option(choice(['planar', 'iaf']), {
    flag: '--flow <kind>',
    help: 'makes q(z|x) more than a diagonal normal, whose KL is then sampled',
    kept: 'model.flow.kind',
  }),
  /** Steps of the flow. */
  flowLength: option(size, {
    flag: '--flow-length <n>',
    help: 'steps of --flow',
    shown: '4',
    kept: 'model.flow.length',
  }),
  /** Hidden units of each autoregressive step. Default: 64. */
  flowUnits: option(size, {
    flag: '--flow-units <n>',
    help: 'hidden units of each step of iaf',
    default: 64,
    typed: null,
    kept: 'model.flow.units',
  }),
  /** Dimensions of z₂, which has the prior and stands above z. Default: one level. */
  hierarchy: option(size, {
    flag: '--hierarchy <d>',
    help: 'puts z2 of d dimensions above z, with the prior over z2',
    kept: 'model.hierarchy.top',
  }),
};

type Table = typeof MODEL_OPTIONS;
export type ModelOptionName = keyof Table;
export type ModelOptionValue<N extends ModelOptionName> = ValueOf<Table, N>;

type IsField = { readonly kept: 'model' };
type IsRequired = { readonly required: true };

/** The options that are fields of a model by themselves, as they are given to `Vae` and as a manifest holds them. */
export type ModelFields = {
  readonly [N in ModelOptionName as Table[N] extends IsField & IsRequired ? N : never]: ModelOptionValue<N>;
} & {
  readonly [N in ModelOptionName as Table[N] extends IsField ? (Table[N] extends IsRequired ? never : N) : never]?:
    | ModelOptionValue<N>
    | undefined;
};

export const MODEL_OPTION_NAMES = Object.keys(MODEL_OPTIONS) as readonly ModelOptionName[];
