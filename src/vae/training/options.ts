import { availableParallelism } from 'node:os';
import type { ImageSet } from '../../data/dataset';
import type { FitProgress } from '../../distributions/fit/fit-gaussian-mixture';
import { InvalidArgumentError } from '../../errors';
import { checkOption, given, type ValueOf } from '../option';
import type { EpochRecord, StepRecord } from './history';
import { OPTIONS } from './option-table';

type Table = typeof OPTIONS;
export type OptionName = keyof Table;
export type OptionValue<N extends OptionName> = ValueOf<Table, N>;

/** Those options that have what `Has` has, with their values. */
type Those<Has> = { readonly [N in OptionName as Table[N] extends Has ? N : never]: OptionValue<N> };
type Rest<Has> = { readonly [N in OptionName as Table[N] extends Has ? never : N]?: OptionValue<N> };

type WithDefault = { readonly default: unknown };
type IsRequired = { readonly required: true };
/** Options as they are given to `train`. */
type Given = Those<IsRequired> & Rest<IsRequired>;
/** Options with their defaults. */
type Complete = Those<IsRequired | WithDefault> & Rest<IsRequired | WithDefault>;

/** Where a training is kept, so that it can go on after an interruption as if there had been none. */
export interface CheckpointOptions extends Pick<Given, 'everySteps'> {
  readonly folder: string;
  /** Go on from the folder's last checkpoint; from the start where it has none. Default: refuse a folder that has one. */
  readonly resume?: boolean;
}

/** What a training is given besides numbers and choices. */
interface Surroundings {
  /** Images held out, on which every epoch's negative bound is measured at full weight of the KL term: what `best` and `patience` go by. */
  readonly validation?: ImageSet;
  /** Default: nothing is kept. */
  readonly checkpoint?: CheckpointOptions;
  /** Called after each step. */
  readonly onStep?: (record: StepRecord) => void;
  /** Called after each epoch; the next one begins when its promise is kept. */
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** Told of the fit's progress, where `fitPriorAfter` asks for one. */
  readonly onFitPrior?: (progress: FitProgress) => void;
  /**
   * Ends the training after the step under way, within EM, which a resumed training begins again, or after the scoring of the held-out images.
   */
  readonly signal?: AbortSignal;
  /** Milliseconds; for the rates in `EpochRecord`. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * How a model is trained: epochs, batches, optimizer, bound, annealing, checkpoints.
 *
 * @example
 * ```ts
 * import { syntheticDigits, train, type TrainOptions, Vae } from 'gmm-vae';
 *
 * const options: TrainOptions = { epochs: 2, batchSize: 50, warmUpEpochs: 1, seed: 1, threads: 1 };
 * const { train: digits } = syntheticDigits({ train: 200, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * (await train(model, digits, options)).ended; // 'complete'
 * model.dispose();
 * ```
 */
export interface TrainOptions extends Omit<Given, 'everySteps'>, Surroundings {}

type MayBeAbsent = 'validation' | 'checkpoint';
export type Settings = Omit<Complete, 'everySteps'> &
  Required<Omit<Surroundings, MayBeAbsent>> &
  Pick<Surroundings, MayBeAbsent>;

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** @throws InvalidArgumentError on what is out of range */
export function checkSettings(
  options: TrainOptions,
  binarisation: OptionValue<'binarisation'> = OPTIONS.binarisation.default,
): Settings {
  const defaults = OPTION_NAMES.flatMap((name) => ('default' in OPTIONS[name] ? [[name, OPTIONS[name].default]] : []));
  const settings: Settings = {
    ...(Object.fromEntries(defaults) as Those<WithDefault>),
    binarisation,
    onStep: () => {},
    onEpoch: () => {},
    onFitPrior: () => {},
    signal: new AbortController().signal,
    now: () => performance.now(),
    ...given(options),
  };
  for (const name of OPTION_NAMES) {
    // Which devices there are is for `compile` to say, which also says what a missing one needs.
    if (name !== 'everySteps' && name !== 'device') checkOption(OPTIONS[name], settings[name], name);
  }
  checkOption(OPTIONS.everySteps, settings.checkpoint?.everySteps, 'checkpoint.everySteps');
  checkTogether(settings);
  return settings;
}

function checkTogether({ bound, stickingTheLanding, freeBits, klCycleEpochs, warmUpEpochs }: Settings): void {
  if (bound === 'iwae' && stickingTheLanding) {
    throw new InvalidArgumentError(
      'stickingTheLanding',
      'expected false with bound iwae: what it leaves out has mean zero for the ELBO only (Tucker et al., 2019)',
    );
  }
  if (klCycleEpochs > 0 && warmUpEpochs > 0) {
    throw new InvalidArgumentError(
      'klCycleEpochs',
      `expected 0 beside a warm-up of ${warmUpEpochs} epochs: choose one`,
    );
  }
  if (freeBits > 0 && bound !== 'elbo') {
    throw new InvalidArgumentError('freeBits', `expected 0 with bound ${bound}, which has no KL term of its own`);
  }
}

export function defaultThreads(): number {
  return availableParallelism();
}
