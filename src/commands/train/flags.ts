import { sizeOf } from '../../data/dataset';
import { categoriesOf, standardisationOf } from '../../data/standardise';
import { UsageError } from '../../errors';
import { usualBinarisation } from '../../vae/binarisation';
import { checkImages } from '../../vae/check-images';
import type { Manifest } from '../../vae/checkpoint/manifest';
import { isReal } from '../../vae/likelihood-kinds';
import type { PriorOptions, VaeOptions } from '../../vae/model';
import { USUAL } from '../../vae/model-table';
import type { HandmadeOptions } from '../../vae/networks';
import type { TrainOptions } from '../../vae/training/options';
import { type DataFlags, dataFlagsOf } from '../data-options';
import { dataNameOf, type Sizes, type VaeData } from '../vae-data';
import { checkLikelihood, likelihoodOptions, storedLikelihood, supportOf } from './likelihood';
import type { ModelFlags } from './model-flags';
import { checkNetwork, layersOf, type NetworkFlags, storedNetwork } from './network';
import { checkPosterior, posteriorOptions, storedPosterior } from './posterior';
import type { PresetName } from './presets';
import { storedTrainingFlags, type TrainingFlags, trainingOptionsIn } from './training-flags';

type PriorName = ModelFlags['prior'];

/** The options of `gmm-vae train`, as parsed. */
export interface TrainFlags extends DataFlags, Sizes, Omit<ModelFlags, 'network'>, NetworkFlags, TrainingFlags {
  readonly protocol?: PresetName;
  /** `mnist`, `synthetic`, or a path. */
  readonly data: string;
  readonly checkpoint?: string;
  readonly resume: boolean;
  readonly json: boolean;
}

/** `--prior` by the kind of a model's prior. */
export const PRIOR_FLAGS: { readonly [K in PriorOptions['kind']]: PriorName } = {
  'standard-normal': 'normal',
  'gaussian-mixture': 'gmm',
  vamp: 'vamp',
};

/** K, as typed or as its prior usually has it. */
function componentsOf({ prior, components }: Pick<ModelFlags, 'prior' | 'components'>): number {
  return components ?? (prior === 'normal' ? 1 : USUAL.components[prior]);
}

/** What a kept training was started with, as options. */
export function storedFlags({ model, training, data, schedule }: Manifest): Partial<TrainFlags> {
  const { prior } = model;
  const name = dataNameOf(data.train);
  return {
    ...(name && { data: name }),
    ...(data.train.source && dataFlagsOf(data.train.source)),
    trainImages: data.train.count,
    ...(data.validation && { validationImages: data.validation.count }),
    prior: PRIOR_FLAGS[prior.kind],
    ...('components' in prior && { components: prior.components }),
    ...('covariance' in prior && prior.covariance && { covariance: prior.covariance }),
    latent: model.latent - (model.hierarchy?.top ?? 0),
    ...storedNetwork(model),
    ...(model.initialiser && { initialiser: model.initialiser }),
    ...storedPosterior(model),
    ...storedLikelihood(model),
    ...storedTrainingFlags(training, schedule),
  };
}

/** @throws UsageError on options that do not go together */
export function checkTogether(flags: TrainFlags): void {
  const { prior, components, covariance, fitPriorAfter, epochs, bound, samples, stickingTheLanding } = flags;
  checkNetwork(flags);
  checkPosterior(flags, flags);
  checkLikelihood(flags);
  if (prior === 'normal' && components !== undefined) {
    throw new UsageError('--components: a standard normal prior has none; choose --prior gmm or vamp');
  }
  if (prior !== 'gmm' && fitPriorAfter !== undefined)
    throw new UsageError('--fit-prior-after: only --prior gmm is fitted by EM');
  if (prior !== 'gmm' && covariance !== 'diagonal') {
    throw new UsageError(`--covariance: only --prior gmm has covariances to choose, not ${prior}`);
  }
  if (fitPriorAfter !== undefined && fitPriorAfter > epochs)
    throw new UsageError(`--fit-prior-after: ${fitPriorAfter} is after the last of ${epochs} epochs`);
  if (flags.checkpoint === undefined && flags.everySteps !== undefined)
    throw new UsageError('--checkpoint-every needs --checkpoint <folder>');
  if (bound === 'iwae' && samples === 1)
    throw new UsageError('--bound iwae: with --samples 1 it is the ELBO; take more');
  if (prior === 'vamp' && isReal(flags.likelihood))
    throw new UsageError(
      `--likelihood ${flags.likelihood}: pseudo-inputs of --prior vamp lie in [0, 1]; choose gmm or normal`,
    );
  if (bound === 'iwae' && flags.freeBits > 0)
    throw new UsageError('--free-bits: of the ELBO only, whose KL term it bounds; leave it out, or --bound iwae');
  if (bound === 'iwae' && stickingTheLanding)
    throw new UsageError('--sticking-the-landing: unbiased for the ELBO only; leave it out, or --bound iwae');
}

/** Dimensions of z, of both levels where it has two. */
export function latentOf({ latent, hierarchy = 0 }: Pick<TrainFlags, 'latent' | 'hierarchy'>): number {
  return latent + hierarchy;
}

/** Loaded lazily by the command. */
export interface ImageStatistics {
  readonly meanImage: typeof import('../../data/intensities').meanImage;
  readonly pseudoInputs: typeof import('../../vae/priors/pseudo-inputs').pseudoInputs;
  readonly noisePseudoInputs: typeof import('../../vae/priors/pseudo-inputs').noisePseudoInputs;
}

export function modelOptions(
  flags: TrainFlags,
  { train }: VaeData,
  images: ImageStatistics,
  made: HandmadeOptions | null,
): VaeOptions {
  // Before anything is made of them: a mean that is none of intensities would say less.
  const isOfReals = isReal(flags.likelihood);
  checkImages({ pixels: sizeOf(train), likelihood: { support: supportOf(flags.likelihood) } }, train, 'data');
  const { initialiser, seed, covariance } = flags;
  const pixels = sizeOf(train);
  const priors: { readonly [P in PriorName]: () => PriorOptions } = {
    normal: () => ({ kind: 'standard-normal' }),
    gmm: () => ({
      kind: 'gaussian-mixture',
      components: componentsOf(flags),
      ...(covariance === 'full' && { covariance }),
    }),
    vamp: () => {
      const components = componentsOf(flags);
      const starts: { readonly [S in TrainFlags['pseudoInputs']]: () => Float32Array } = {
        images: () => images.pseudoInputs(train, components, seed),
        noise: () => images.noisePseudoInputs(pixels, components, seed),
      };
      return { kind: 'vamp', components, pseudoInputs: starts[flags.pseudoInputs]() };
    },
  };
  return {
    pixels,
    latent: latentOf(flags),
    ...layersOf(flags, train, made),
    ...(initialiser && { initialiser }),
    ...posteriorOptions(flags),
    ...likelihoodOptions(flags, train.channels),
    prior: priors[flags.prior](),
    seed,
    ...(isOfReals
      ? { standardisation: standardisationOf(train), categories: categoriesOf(train) }
      : { meanImage: images.meanImage(train) }),
  };
}

export function trainOptions(
  flags: TrainFlags,
  { validation }: Partial<Pick<VaeData, 'validation'>>,
  folder: string | undefined,
): TrainOptions {
  const { everySteps, ...options } = trainingOptionsIn(flags);
  const { resume, likelihood } = flags;
  return {
    ...options,
    ...(validation && { validation }),
    // A cycle takes the place of the warm-up, which is there unless told otherwise.
    warmUpEpochs: options.klCycleEpochs > 0 ? 0 : options.warmUpEpochs,
    binarisation: options.binarisation ?? usualBinarisation(likelihood),
    ...(folder !== undefined && { checkpoint: { folder, resume, ...(everySteps !== undefined && { everySteps }) } }),
  };
}

export function title(flags: TrainFlags): string {
  return flags.prior === 'normal' ? 'normal' : `${flags.prior} K=${componentsOf(flags)}`;
}
