import { setImmediate as afterIo } from 'node:timers/promises';
import type { Batches } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { fillNormal } from '../../data/random-kernels';
import { RandomStream } from '../../math/random';
import type { Progress } from '../checkpoint/manifest';
import type { TrainingStore } from '../checkpoint/training-store';
import type { Vae } from '../model';
import type { NamedVariables } from '../networks';
import type { Engine } from './engine';
import { fitPrior } from './fit-prior';
import {
  DivergenceError,
  type EpochRecord,
  type LossRecord,
  type StepRecord,
  type TrainingEnd,
  type TrainingHistory,
} from './history';
import { klWeightAt } from './kl-weight';
import type { Settings } from './options';
import type { HeldOut } from './validation';

export interface TrainingParts {
  readonly model: Vae;
  readonly slots: NamedVariables;
  readonly data: ImageSet;
  readonly settings: Settings;
  readonly batches: Batches;
  readonly engine: Engine;
  readonly heldOut: HeldOut | null;
  readonly store: TrainingStore;
}

/** The loop over epochs and steps, from where the store says to where the settings or the signal say. */
export class Training {
  private readonly steps: StepRecord[] = [];
  private readonly epochs: EpochRecord[];
  private step: number;
  private sums: LossRecord;
  private best: Progress['best'];

  constructor(private readonly parts: TrainingParts) {
    const { start } = parts.store;
    this.step = start.step;
    this.sums = start.sums;
    this.epochs = [...start.epochs];
    this.best = start.best;
    parts.batches.seek(start.batches);
  }

  async run(): Promise<TrainingHistory> {
    const ended = await this.runEpochs();
    const { steps, epochs, best } = this;
    return { steps, epochs, best, ended, interrupted: ended === 'interrupted' };
  }

  private async runEpochs(): Promise<TrainingEnd> {
    const { settings } = this.parts;
    for (let epoch = this.epochs.length + 1; epoch <= settings.epochs; epoch++) {
      if (this.outOfPatience()) return 'early';
      const record = await this.runEpoch(epoch);
      if (!record) {
        await this.saveMidway();
        return 'interrupted';
      }
      await settings.onEpoch(record);
      if (settings.signal.aborted && epoch < settings.epochs) return 'interrupted';
    }
    return 'complete';
  }

  /** Null when the signal came before the epoch's end. */
  private async runEpoch(epoch: number): Promise<EpochRecord | null> {
    const { settings, batches, heldOut, model, data } = this.parts;
    const { now, signal, onStep, batchSize, checkpoint } = settings;
    // A signal during EM ends a training behind the epoch's last batch: what is left of that epoch is EM itself.
    const { epoch: reached, index } = batches.position();
    const first = reached === epoch ? batches.perEpoch : index;
    const start = now();
    for (let i = first; i < batches.perEpoch; i++) {
      if (signal.aborted) return null;
      const record = await this.runStep(epoch);
      this.steps.push(record);
      onStep(record);
      const due = checkpoint?.everySteps && this.step % checkpoint.everySteps === 0;
      if (due && i + 1 < batches.perEpoch) await this.saveMidway();
      await afterIo();
    }
    const seconds = (now() - start) / 1000;
    await this.syncFinite();
    if (epoch === settings.fitPriorAfter && !(await fitPrior(model, data, settings))) return null;
    const validation = heldOut ? await heldOut.loss() : null;
    if (validation !== null && !Number.isFinite(validation)) this.diverged('held-out', validation);
    const record: EpochRecord = {
      epoch,
      ...this.takeMeans(),
      seconds,
      imagesPerSecond: seconds > 0 ? ((batches.perEpoch - first) * batchSize) / seconds : 0,
      validation,
    };
    this.epochs.push(record);
    await this.save(this.isBest(record));
    return record;
  }

  private async runStep(epoch: number): Promise<StepRecord> {
    const { settings, batches, engine, model, store } = this.parts;
    const { batchSize, samples, seed } = settings;
    const step = this.step + 1;
    const noise = new Float32Array(samples * batchSize * model.latent);
    fillNormal(RandomStream.of(seed, `vae/train/noise/${step}`), noise);
    const klWeight = klWeightAt(step, batches.perEpoch, settings);
    const { pixels } = batches.next();
    const { loss, reconstruction, kl } = await engine.run({ x: pixels, noise, klWeight });
    for (const [term, value] of [
      ['reconstruction', reconstruction],
      ['kl', kl],
    ] as const) {
      if (!Number.isFinite(value)) throw new DivergenceError(step, term, value, epoch, store.describe());
    }
    this.step = step;
    const sums = this.sums;
    this.sums = { loss: sums.loss + loss, reconstruction: sums.reconstruction + reconstruction, kl: sums.kl + kl };
    return { step, epoch, loss, reconstruction, kl };
  }

  private takeMeans(): LossRecord {
    const { perEpoch } = this.parts.batches;
    const { loss, reconstruction, kl } = this.sums;
    this.sums = { loss: 0, reconstruction: 0, kl: 0 };
    return { loss: loss / perEpoch, reconstruction: reconstruction / perEpoch, kl: kl / perEpoch };
  }

  /** Judged by the held-out bound, else the negative ELBO of the steps: the loss itself is lower while β is. */
  private isBest({ epoch, reconstruction, kl, validation }: EpochRecord): boolean {
    const loss = validation ?? reconstruction + kl;
    if (this.best && loss >= this.best.loss) return false;
    this.best = { epoch, loss };
    return true;
  }

  private outOfPatience(): boolean {
    const { patience, warmUpEpochs } = this.parts.settings;
    if (patience === undefined || !this.best) return false;
    return this.epochs.length - Math.max(this.best.epoch, Math.ceil(warmUpEpochs)) >= patience;
  }

  /** The variables' present values. Throws where one is not finite: the losses of a step say nothing about the update that followed it. */
  private async syncFinite(): Promise<void> {
    const { engine, model, slots } = this.parts;
    await engine.sync();
    for (const variables of [model.variables, slots]) {
      for (const variable of variables.values()) {
        const bad = variable.dataSync().find((value) => !Number.isFinite(value));
        if (bad !== undefined) this.diverged('weights', bad);
      }
    }
  }

  private diverged(term: DivergenceError['term'], value: number): never {
    const epoch = Math.ceil(this.step / this.parts.batches.perEpoch);
    throw new DivergenceError(this.step, term, value, epoch, this.parts.store.describe());
  }

  /** Between two steps. Never saves what is not finite. */
  private async saveMidway(): Promise<void> {
    if (!this.parts.settings.checkpoint) return;
    await this.syncFinite();
    await this.save(false);
  }

  /** Scores the held-out images with the variables as they are. */
  private async save(best: boolean): Promise<void> {
    const { store, batches } = this.parts;
    const { step, sums, epochs } = this;
    await store.save({ step, batches: batches.position(), sums, epochs, best: this.best }, best);
  }
}
