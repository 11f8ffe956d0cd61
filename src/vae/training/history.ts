/**
 * Means over the images, in nats; `loss` is what is minimised: reconstruction + β·kl, with `freeBits` in place of a smaller kl, or the
 * importance-weighted bound.
 */
export interface LossRecord {
  readonly loss: number;
  readonly reconstruction: number;
  readonly kl: number;
}

/** One step; steps and epochs count from 1. */
export interface StepRecord extends LossRecord {
  readonly step: number;
  readonly epoch: number;
}

/** Means over an epoch's steps. */
export interface EpochRecord extends LossRecord {
  readonly epoch: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** The negative bound, ELBO or importance-weighted, of the held-out images; null where none are held out. */
  readonly validation: number | null;
}

/** Why a training ended: all epochs done, `signal`, or `patience`. */
export type TrainingEnd = 'complete' | 'interrupted' | 'early';

/**
 * What a training recorded: losses and their parts, in nats an image, epoch by epoch.
 *
 * @example
 * ```ts
 * import { syntheticDigits, train, type TrainingHistory, Vae } from 'gmm-vae';
 *
 * const { train: digits } = syntheticDigits({ train: 200, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * const history: TrainingHistory = await train(model, digits, { epochs: 2, batchSize: 50, seed: 1, threads: 1 });
 * history.steps.length; // 8
 * history.epochs.length; // 2
 * model.dispose();
 * ```
 */
export interface TrainingHistory {
  /** The steps of this call; those before a resumption are not repeated. */
  readonly steps: readonly StepRecord[];
  /** All complete epochs, those before a resumption included. */
  readonly epochs: readonly EpochRecord[];
  /** True when `signal` ended the training before its last step. */
  readonly interrupted: boolean;
  readonly ended: TrainingEnd;
  /** The epoch with the lowest negative bound on held-out images, or negative ELBO of its own steps where none are; null before the first epoch's end. */
  readonly best: { readonly epoch: number; readonly loss: number } | null;
}

/**
 * The loss became NaN or infinite; the message names the step and the term.
 *
 * @example
 * ```ts
 * import { syntheticDigits, train, Vae } from 'gmm-vae';
 *
 * const { train: digits } = syntheticDigits({ train: 200, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * train(model, digits, { epochs: 5, seed: 1, threads: 1, learningRate: 1e30 }); // throws DivergenceError
 * model.dispose();
 * ```
 */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';

  constructor(
    readonly step: number,
    /** `weights`: the losses were finite, and the update that followed was not. */
    readonly term: 'reconstruction' | 'kl' | 'weights' | 'held-out',
    readonly value: number,
    epoch: number,
    /** Where the last good state is. */
    kept?: string,
  ) {
    const what = {
      weights: 'an updated weight',
      'held-out': 'the loss of the held-out images',
      reconstruction: 'the reconstruction term',
      kl: 'the kl term',
    }[term];
    const where = kept ? `; ${kept}` : '';
    super(
      `training stopped at step ${step} (epoch ${epoch}): ${what} is ${value}${where}; try a lower learning rate, or check that all pixels are in [0, 1]`,
    );
  }
}
