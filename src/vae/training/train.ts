import { Batches } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { InvalidArgumentError } from '../../errors';
import { checkBinarisation, usualBinarisation } from '../binarisation';
import { checkImages } from '../check-images';
import { FolderLock } from '../checkpoint/folder-lock';
import { TrainingStore } from '../checkpoint/training-store';
import type { Vae } from '../model';
import { checkElements } from '../networks';
import { STICKING } from '../posteriors/flow';
import { adam } from './adam';
import { checkFitPrior } from './fit-prior';
import type { TrainingHistory } from './history';
import { Training } from './loop';
import { checkSettings, type Settings, type TrainOptions } from './options';
import { makeUpdateStep } from './step';
import { HeldOut } from './validation';

export { DivergenceError, type EpochRecord, type StepRecord, type TrainingHistory } from './history';
export type { TrainOptions } from './options';

/**
 * Trains the model in place with Adam (Kingma and Ba, 2015), or on normalised gradients. The same seed, data, options, device and threads give the same
 * history and weights, whether in one go or killed and resumed from `checkpoint`. Yields to the event loop after every step,
 * so that charts are drawn and signals arrive; the model's variables are up to date whenever `onEpoch` is called and at the
 * end.
 *
 * @throws DivergenceError when a term is NaN or infinite; InvalidArgumentError on options out of range; UsageError when the
 *   device is not there, the checkpoint is damaged or another training's, another process is writing there, or the disk is full
 *
 * @example
 * ```ts
 * import { meanImage, syntheticDigits, train, Vae } from 'gmm-vae';
 *
 * const { train: digits } = syntheticDigits({ train: 500, test: 10, seed: 1 });
 * const model = new Vae({
 *   pixels: 784,
 *   latent: 2,
 *   hidden: [16],
 *   prior: { kind: 'gaussian-mixture', components: 10 },
 *   seed: 1,
 *   meanImage: meanImage(digits),
 * });
 * const { epochs } = await train(model, digits, { epochs: 3, seed: 1, threads: 1 });
 * (epochs[2]?.loss as number) < (epochs[0]?.loss as number); // true
 * model.dispose();
 * ```
 */
export async function train(model: Vae, data: ImageSet, options: TrainOptions): Promise<TrainingHistory> {
  const settings = checkSettings(options, usualBinarisation(model.options.likelihood));
  checkImages(model, data, 'data');
  checkBinarisation(model, settings.binarisation);
  if (settings.stickingTheLanding && model.family.kind !== 'normal')
    throw new InvalidArgumentError('stickingTheLanding', STICKING);
  if (settings.fitPriorAfter !== undefined) checkFitPrior(model, data);
  if (settings.validation) checkImages(model, settings.validation, 'validation');
  const batches = new Batches(data, { ...settings, lastBatch: 'drop' });
  checkWork(model, settings);
  const lock = settings.checkpoint ? await FolderLock.take(settings.checkpoint.folder) : null;
  try {
    return await trainAlone(model, data, settings, batches);
  } finally {
    lock?.release();
  }
}

/** Numbers in one array of a step: two gigabytes. */
const MOST_NUMBERS = 2 ** 29;

/** Draws times images times the widest layer, before a step asks for more memory than there is. */
function checkWork({ latent, networks }: Vae, { batchSize, samples, bound, validation }: Settings): void {
  checkElements('samples', [samples, batchSize, networks.widest], MOST_NUMBERS);
  // The held-out images have their noise all at once.
  if (validation && bound === 'iwae') checkElements('samples', [samples, validation.count, latent], MOST_NUMBERS);
}

/** Trains while nobody else writes to the checkpoint's folder. */
async function trainAlone(model: Vae, data: ImageSet, settings: Settings, batches: Batches): Promise<TrainingHistory> {
  const { optimizer, slots } = adam(settings, model.variables);
  try {
    const store = await TrainingStore.open({ model, slots, data, settings });
    const { threads } = store;
    const update = await makeUpdateStep(model, optimizer, { ...settings, threads });
    const heldOut = settings.validation
      ? await HeldOut.create(model, settings.validation, { ...settings, threads })
      : null;
    try {
      return await new Training({ model, slots, data, settings, batches, update, heldOut, store }).run();
    } finally {
      await update.sync();
      await update.dispose();
      await heldOut?.dispose();
    }
  } finally {
    optimizer.dispose();
  }
}
