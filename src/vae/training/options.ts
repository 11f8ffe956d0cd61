import { availableParallelism } from 'node:os';
import { checkThreads } from '../../compile/runtime/threads';
import type { Binarisation } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { InvalidArgumentError } from '../../errors';
import { BOUNDS, type ObjectiveOptions } from '../elbo';
import { checkChoice, checkSize } from '../networks';
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

export interface TrainOptions extends ObjectiveOptions {
  readonly epochs: number;
  /** Images per step; what does not fill a last batch is left out of that epoch. Default: 100. */
  readonly batchSize?: number;
  /** Data order, binarisation and the noise of the samples. */
  readonly seed: number;
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
  readonly onStep?: (record: StepRecord) => void;
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** Ends the training after the step under way, or, between two epochs, after EM and the scoring of the held-out images. */
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
    learningRate: 1e-3,
    samples: 1,
    binarisation: 'dynamic',
    bound: 'elbo',
    stickingTheLanding: false,
    device: 'cpu',
    warmUpEpochs: 0,
    onStep: () => {},
    onEpoch: () => {},
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
  return settings;
}

export function defaultThreads(): number {
  return availableParallelism();
}
