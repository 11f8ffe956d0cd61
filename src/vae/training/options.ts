import { availableParallelism } from 'node:os';
import { checkThreads } from '../../compile/runtime/threads';
import type { Binarisation } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import type { FitProgress } from '../../distributions/fit/fit-gaussian-mixture';
import { InvalidArgumentError } from '../../errors';
import { BOUNDS, type ObjectiveOptions } from '../elbo';
import { checkChoice, checkSize } from '../networks';
import { OPTIMIZERS, type OptimizerName } from './adam';
import type { EpochRecord, StepRecord } from './history';
import type { TrainingDevice } from './runner';

/** Where a training is kept, so that it can go on after an interruption as if there had been none. */
export interface CheckpointOptions {
  readonly folder: string;
  /** Steps between two saves, besides the one after each epoch. Default: none. */
  readonly everySteps?: number;
  /** Go on from the folder's last checkpoint; from the start where it has none. Default: refuse a folder that has one. */
  readonly resume?: boolean;
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
export interface TrainOptions extends ObjectiveOptions {
  readonly epochs: number;
  /** Images per step; what does not fill a last batch is left out of that epoch. Default: 100. */
  readonly batchSize?: number;
  /** Data order, binarisation and the noise of the samples. */
  readonly seed: number;
  /** `adam-norm-grad` divides each parameter's gradient by its own Euclidean norm first. Default: `adam`. */
  readonly optimizer?: OptimizerName;
  /** Adam's. Default: 1e-3. */
  readonly learningRate?: number;
  /** Samples of z per image and step. Default: 1. */
  readonly samples?: number;
  /** Default: `dynamic`. */
  readonly binarisation?: Binarisation;
  /** Epochs over which the weight of the KL term rises from 0 to 1, step by step. Default: 0, all weight from the start. */
  readonly warmUpEpochs?: number;
  /** The epoch after which to replace a mixture prior by one that EM fits to encodings. Default: never. */
  readonly fitPriorAfter?: number;
  /** The weight of the KL term once it has risen: above 1, a β-VAE (Higgins et al., 2017). Default: 1. */
  readonly beta?: number;
  /** Epochs of a cycle over whose first half the weight of the KL term rises from 0 (Fu et al., 2019); not with `warmUpEpochs`. Default: 0, none. */
  readonly klCycleEpochs?: number;
  /** Images held out, on which every epoch's negative bound is measured at full weight of the KL term: what `best` and `patience` go by. */
  readonly validation?: ImageSet;
  /** End after so many epochs without a new best, the warm-up not counted. Default: never. */
  readonly patience?: number;
  /** Default: nothing is kept. */
  readonly checkpoint?: CheckpointOptions;
  /** Default: `cpu`, compiled. */
  readonly device?: TrainingDevice;
  /** Threads on `cpu`; the same number gives the same bits. Default: that of the checkpoint, else the number of cores. */
  readonly threads?: number;
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

type Optional = 'fitPriorAfter' | 'validation' | 'patience' | 'checkpoint' | 'threads';

export type Settings = Required<Omit<TrainOptions, Optional>> & Pick<TrainOptions, Optional>;

const BINARISATIONS: { readonly [B in Binarisation]: true } = { none: true, fixed: true, dynamic: true };

/** @throws InvalidArgumentError on what is out of range */
export function checkSettings(options: TrainOptions): Settings {
  const settings: Settings = {
    batchSize: 100,
    optimizer: 'adam',
    learningRate: 1e-3,
    samples: 1,
    binarisation: 'dynamic',
    bound: 'elbo',
    stickingTheLanding: false,
    freeBits: 0,
    beta: 1,
    klCycleEpochs: 0,
    device: 'cpu',
    warmUpEpochs: 0,
    onStep: () => {},
    onEpoch: () => {},
    onFitPrior: () => {},
    signal: new AbortController().signal,
    now: () => performance.now(),
    ...options,
  };
  checkSize('epochs', settings.epochs);
  checkSize('samples', settings.samples);
  for (const name of ['fitPriorAfter', 'patience'] as const) {
    if (settings[name] !== undefined) checkSize(name, settings[name]);
  }
  checkThreads(settings.threads);
  if (settings.checkpoint?.everySteps !== undefined) checkSize('checkpoint.everySteps', settings.checkpoint.everySteps);
  checkChoice('bound', settings.bound, Object.fromEntries(BOUNDS.map((bound) => [bound, true])));
  checkChoice('optimizer', settings.optimizer, OPTIMIZERS);
  checkChoice('binarisation', settings.binarisation, BINARISATIONS);
  if (settings.bound === 'iwae' && settings.stickingTheLanding) {
    throw new InvalidArgumentError(
      'stickingTheLanding',
      'expected false with bound iwae: what it leaves out has mean zero for the ELBO only (Tucker et al., 2019)',
    );
  }
  const { learningRate, warmUpEpochs } = settings;
  if (!(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('learningRate', `expected a positive number, got ${learningRate}`);
  }
  if (!(warmUpEpochs >= 0 && warmUpEpochs < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('warmUpEpochs', `expected a number ≥ 0, got ${warmUpEpochs}`);
  }
  checkKlWeight(settings);
  return settings;
}

function checkKlWeight({ beta, klCycleEpochs, freeBits, warmUpEpochs, bound }: Settings): void {
  for (const [name, value] of Object.entries({ beta, klCycleEpochs, freeBits })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new InvalidArgumentError(name, `expected a number ≥ 0, got ${value}`);
    }
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
