import { setImmediate as afterIo } from 'node:timers/promises';
import type { Batches } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { RandomStream } from '../../math/random';
import type { TrainingStore } from '../checkpoint/training-store';
import type { Vae } from '../model';
import type { NamedVariables } from '../networks';
import { fitPrior } from './fit-prior';
import {
  DivergenceError,
  type EpochRecord,
  type LossRecord,
  type StepRecord,
  type TrainingEnd,
  type TrainingHistory,
} from './history';
import type { Settings } from './options';
import { type Progressed, Steps, type TrainingState, type UpdateStep } from './step';
import type { HeldOut } from './validation';

export interface TrainingParts {
  readonly model: Vae;
  readonly slots: NamedVariables;
  readonly data: ImageSet;
  readonly settings: Settings;
  readonly batches: Batches;
  readonly update: UpdateStep;
  readonly heldOut: HeldOut | null;
  readonly store: TrainingStore;
}

/** The loop over epochs and steps, from where the store says to where the settings or the signal say. */
export class Training {
  private readonly records: StepRecord[] = [];
  private readonly steps: Steps;
  private state: TrainingState;

  constructor(private readonly parts: TrainingParts) {
    const { store, batches, settings, model, update } = parts;
    const { batches: position, ...state } = store.start;
    this.state = state;
    batches.seek(position);
    const kept = (): string | undefined => store.describe();
    this.steps = new Steps(update, model, { ...settings, stepsPerEpoch: batches.perEpoch, kept });
  }

  async run(): Promise<TrainingHistory> {
    const ended = await this.runEpochs();
    const { epochs, best } = this.state;
    return { steps: this.records, epochs, best, ended, interrupted: ended === 'interrupted' };
  }

  private async runEpochs(): Promise<TrainingEnd> {
    const { settings } = this.parts;
    for (let epoch = this.state.epochs.length + 1; epoch <= settings.epochs; epoch++) {
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
    const { now, signal, batchSize } = settings;
    // A signal during EM ends a training behind the epoch's last batch: what is left of that epoch is EM itself.
    const { epoch: reached, index } = batches.position();
    const first = reached === epoch ? batches.perEpoch : index;
    const start = now();
    for (let i = first; i < batches.perEpoch; i++) {
      if (signal.aborted) return null;
      await this.runStep(i + 1 === batches.perEpoch);
      await afterIo();
    }
    await this.settle();
    const seconds = (now() - start) / 1000;
    await this.syncFinite();
    if (epoch === settings.fitPriorAfter && !(await fitPrior(model, data, settings))) return null;
    const validation = heldOut ? await heldOut.loss() : null;
    if (validation !== null && !Number.isFinite(validation)) this.diverged('held-out', validation);
    const record: EpochRecord = {
      epoch,
      ...meansOf(this.state.sums, batches.perEpoch),
      seconds,
      imagesPerSecond: seconds > 0 ? ((batches.perEpoch - first) * batchSize) / seconds : 0,
      validation,
    };
    const { state, isBest } = afterEpoch(this.state, record);
    this.state = state;
    await this.save(isBest);
    return record;
  }

  /** The next step, and what is due behind it. */
  private async runStep(isLast: boolean): Promise<void> {
    const { settings, batches } = this.parts;
    const { seed, checkpoint } = settings;
    const key = RandomStream.of(seed, `vae/train/noise/${this.state.step + 1}`);
    this.goOn(await this.steps.take(this.state, batches.next().pixels, key));
    const isDue = checkpoint?.everySteps && this.state.step % checkpoint.everySteps === 0;
    if (isDue && !isLast) await this.saveMidway();
  }

  private goOn({ state, infos }: Progressed): void {
    this.state = state;
    for (const info of infos) {
      this.records.push(info);
      this.parts.settings.onStep(info);
    }
  }

  /** Waits for the losses that have not been asked for. */
  private async settle(): Promise<void> {
    this.goOn(await this.steps.settle(this.state));
  }

  private outOfPatience(): boolean {
    const { patience, warmUpEpochs } = this.parts.settings;
    const { best, epochs } = this.state;
    if (patience === undefined || !best) return false;
    return epochs.length - Math.max(best.epoch, Math.ceil(warmUpEpochs)) >= patience;
  }

  /** The variables' present values. Throws where one is not finite: the losses of a step say nothing about the update that followed it. */
  private async syncFinite(): Promise<void> {
    const { update, model, slots } = this.parts;
    await update.sync();
    for (const variables of [model.variables, slots]) {
      for (const variable of variables.values()) {
        const bad = variable.dataSync().find((value) => !Number.isFinite(value));
        if (bad !== undefined) this.diverged('weights', bad);
      }
    }
  }

  private diverged(term: DivergenceError['term'], value: number): never {
    const epoch = Math.ceil(this.state.step / this.parts.batches.perEpoch);
    throw new DivergenceError(this.state.step, term, value, epoch, this.parts.store.describe());
  }

  /** Saves between two steps, and never what is not finite. */
  private async saveMidway(): Promise<void> {
    await this.settle();
    if (!this.parts.settings.checkpoint) return;
    await this.syncFinite();
    await this.save(false);
  }

  private async save(isBest: boolean): Promise<void> {
    const { store, batches } = this.parts;
    await store.save({ ...this.state, batches: batches.position() }, isBest);
  }
}

function meansOf({ loss, reconstruction, kl }: LossRecord, steps: number): LossRecord {
  return { loss: loss / steps, reconstruction: reconstruction / steps, kl: kl / steps };
}

/** The best epoch is judged by the held-out bound, else the negative ELBO of the steps: the loss itself is lower while β is. */
function afterEpoch(
  state: TrainingState,
  record: EpochRecord,
): { readonly state: TrainingState; readonly isBest: boolean } {
  const { epoch, reconstruction, kl, validation } = record;
  const loss = validation ?? reconstruction + kl;
  const isBest = !state.best || loss < state.best.loss;
  const sums = { loss: 0, reconstruction: 0, kl: 0 };
  const best = isBest ? { epoch, loss } : state.best;
  return { state: { ...state, sums, epochs: [...state.epochs, record], best }, isBest };
}
