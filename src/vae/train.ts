import { Batches, type Binarisation } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import { InvalidArgumentError } from '../errors';
import { RandomStream } from '../math/random';
import { tf } from '../tensors';
import { type Engine, makeEngine, type TrainingDevice } from './engine';
import { fitPrior } from './fit-prior';
import type { Vae } from './model';
import { checkSize } from './networks';

export interface TrainOptions {
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
  /** After this many epochs, replace a mixture prior by one that EM fits to encodings. Default: never. */
  readonly fitPriorAfter?: number;
  /** Default: `cpu`, compiled. */
  readonly device?: TrainingDevice;
  readonly onStep?: (record: StepRecord) => void;
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** Ends the training after the step under way. */
  readonly signal?: AbortSignal;
  /** Milliseconds; for the rates in `EpochRecord`. Default: `performance.now`. */
  readonly now?: () => number;
}

/** Means over the images, in nats; `loss` is reconstruction + β·kl. */
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
}

export interface TrainingHistory {
  readonly steps: readonly StepRecord[];
  /** Complete epochs only. */
  readonly epochs: readonly EpochRecord[];
  /** True when `signal` ended the training before its last step. */
  readonly interrupted: boolean;
}

/** The loss became NaN or infinite; the message names the step and the term. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';

  constructor(
    readonly step: number,
    readonly term: 'reconstruction' | 'kl',
    readonly value: number,
    epoch: number,
  ) {
    super(
      `training stopped at step ${step} (epoch ${epoch}): the ${term} term is ${value}; try a lower learning rate, or check that all pixels are in [0, 1]`,
    );
  }
}

type Settings = Required<Omit<TrainOptions, 'fitPriorAfter'>> & Pick<TrainOptions, 'fitPriorAfter'>;

/**
 * Trains the model in place with Adam (Kingma and Ba, 2015). The same seed, data, options and device give the same history
 * and weights. Yields to the event loop after every step, so that charts are drawn and signals arrive; the model's variables
 * are up to date whenever `onEpoch` is called and at the end.
 *
 * @throws DivergenceError when a term is NaN or infinite; InvalidArgumentError on options out of range; UsageError when the
 *   device is not there
 */
export async function train(model: Vae, data: ImageSet, options: TrainOptions): Promise<TrainingHistory> {
  const settings = check(options);
  checkImages(model, data);
  const batches = new Batches(data, { ...settings, lastBatch: 'drop' });
  const optimizer = tf.train.adam(settings.learningRate);
  try {
    const engine = await makeEngine(model, optimizer, settings.device, settings);
    try {
      return await new Training(model, data, settings, batches, engine).run();
    } finally {
      await engine.sync();
      await engine.dispose();
    }
  } finally {
    optimizer.dispose();
  }
}

class Training {
  private readonly steps: StepRecord[] = [];
  private readonly epochs: EpochRecord[] = [];

  constructor(
    private readonly model: Vae,
    private readonly data: ImageSet,
    private readonly settings: Settings,
    private readonly batches: Batches,
    private readonly engine: Engine,
  ) {}

  async run(): Promise<TrainingHistory> {
    const { epochs, signal, onEpoch, fitPriorAfter, seed } = this.settings;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const record = await this.runEpoch(epoch);
      if (!record) break;
      await this.engine.sync();
      this.epochs.push(record);
      if (epoch === fitPriorAfter) fitPrior(this.model, this.data, { seed });
      await onEpoch?.(record);
      if (signal.aborted) break;
    }
    return { steps: this.steps, epochs: this.epochs, interrupted: this.epochs.length < epochs };
  }

  /** Null when the signal came before the epoch's end. */
  private async runEpoch(epoch: number): Promise<EpochRecord | null> {
    const { now, signal, onStep, batchSize } = this.settings;
    const { perEpoch } = this.batches;
    const start = now();
    for (let i = 0; i < perEpoch; i++) {
      if (signal.aborted) return null;
      const record = await this.runStep(epoch, this.steps.length + 1);
      this.steps.push(record);
      onStep?.(record);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const seconds = (now() - start) / 1000;
    return { epoch, ...mean(this.steps.slice(-perEpoch)), seconds, imagesPerSecond: (perEpoch * batchSize) / seconds };
  }

  private async runStep(epoch: number, step: number): Promise<StepRecord> {
    const { batchSize, samples, seed, warmUpEpochs } = this.settings;
    const noise = new Float32Array(samples * batchSize * this.model.latent);
    RandomStream.of(seed, `vae/train/noise/${step}`).fillNormal(noise);
    const warmUpSteps = warmUpEpochs * this.batches.perEpoch;
    const klWeight = warmUpSteps === 0 ? 1 : Math.min(step / warmUpSteps, 1);
    const { pixels } = this.batches.next();
    const { loss, reconstruction, kl } = await this.engine.run({ x: pixels, noise, klWeight });
    if (!Number.isFinite(reconstruction)) throw new DivergenceError(step, 'reconstruction', reconstruction, epoch);
    if (!Number.isFinite(kl)) throw new DivergenceError(step, 'kl', kl, epoch);
    return { step, epoch, loss, reconstruction, kl };
  }
}

function mean(records: readonly LossRecord[]): LossRecord {
  const of = (term: keyof LossRecord) => records.reduce((sum, record) => sum + record[term], 0) / records.length;
  return { loss: of('loss'), reconstruction: of('reconstruction'), kl: of('kl') };
}

/** @throws InvalidArgumentError unless the images have as many pixels as the model */
function checkImages(model: Vae, { height, width }: ImageSet): void {
  if (height * width === model.pixels) return;
  throw new InvalidArgumentError(
    'data',
    `expected images of ${model.pixels} pixels for this model, got ${height}×${width}`,
  );
}

function check(options: TrainOptions): Settings {
  const settings: Settings = {
    batchSize: 100,
    learningRate: 1e-3,
    samples: 1,
    binarisation: 'dynamic',
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
  const { learningRate, warmUpEpochs } = settings;
  if (!(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('learningRate', `expected a positive number, got ${learningRate}`);
  }
  if (!(warmUpEpochs >= 0 && warmUpEpochs < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('warmUpEpochs', `expected a number ≥ 0, got ${warmUpEpochs}`);
  }
  return settings;
}
