import type { ImageSet } from '../../data/dataset';
import type { TestReport } from '../evaluation/evaluate';
import type { HierarchyOptions } from '../posteriors/hierarchy';
import type { EpochRecord, StepRecord } from '../training/history';
import type { TrainingDevice } from '../training/runner';
import type { Contender, PublishedFigure } from './protocol';

/** What a caller sees of one prior's training and scoring. */
export interface ComparisonFollower {
  readonly onStep?: (record: StepRecord) => void;
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** Called after the last step, also when it was interrupted or failed. */
  readonly onTrained?: () => void;
  readonly onScored?: (imagesDone: number) => void;
}

/**
 * The data, sizes, seeds and lengths of a comparison of priors.
 *
 * @example
 * ```ts
 * import { type ComparePriorsOptions, syntheticDigits, takeImages } from 'gmm-vae';
 *
 * const { train, test } = syntheticDigits({ train: 300, test: 100, seed: 1 });
 * const options: ComparePriorsOptions = {
 *   train: takeImages(train, 200),
 *   validation: takeImages(train, 100, 200),
 *   test,
 *   folder: 'runs/compare',
 *   epochs: 30,
 *   samples: 5000,
 * };
 * options.validation.count; // 100
 * ```
 */
export interface ComparePriorsOptions {
  readonly train: ImageSet;
  /** Held out, for the epochs' records and the best checkpoint. */
  readonly validation: ImageSet;
  readonly test: ImageSet;
  /** Every model is kept in a folder of its own in here, with its scores: called again, the comparison goes on. */
  readonly folder: string;
  /** Default: 30. */
  readonly epochs?: number;
  /** Per test image. Default: 5000. */
  readonly samples?: number;
  /** Default: 1. */
  readonly seed?: number;
  /** Dimensions of z. Default: 40. */
  readonly latent?: number;
  /** Two levels of z, with each prior over the upper one; `latent` then counts both. Default: one. */
  readonly hierarchy?: HierarchyOptions;
  /** Units of the gated layers. Default: 300 and 300. */
  readonly hidden?: readonly number[];
  /** Adam's learning rate. Default: 5e-4. */
  readonly learningRate?: number;
  /** Epochs over which the weight of the KL term rises to 1. Default: 10. */
  readonly warmUpEpochs?: number;
  /** Default: `cpu`, compiled. */
  readonly device?: TrainingDevice;
  /** Threads on `cpu`. Default: those that a model in `folder` was trained with so far, else the number of cores. */
  readonly threads?: number;
  /** Ends the comparison by throwing the signal's reason; what has been trained and scored is kept. */
  readonly signal?: AbortSignal;
  /** Called as the work on each prior begins. */
  readonly follow?: (prior: Contender) => ComparisonFollower | Promise<ComparisonFollower>;
}

/**
 * One row of the comparison: means over the test images in nats, and counts.
 *
 * @example
 * ```ts
 * import { type ComparedPrior } from 'gmm-vae';
 *
 * const best = (rows: readonly ComparedPrior[]) => rows.toSorted((a, b) => a.nll - b.nll)[0]?.name;
 * best([]); // undefined
 * ```
 */
export interface ComparedPrior extends TestReport {
  readonly name: string;
  readonly prior: string;
  /** ln p(x) less that of the first prior, on the same images with the same noise; its standard error is that of the differences. */
  readonly gain: { readonly mean: number; readonly standardError: number | null };
  /**
   * ln p(x) at convergence, where it is published for these images and networks; another experiment, for scale only. Null also
   * where the images are not MNIST's published split, or sizes or learning rate are not the protocol's.
   */
  readonly published: PublishedFigure | null;
  /** Posterior collapse and empty components, with numbers. */
  readonly warnings: readonly string[];
}
