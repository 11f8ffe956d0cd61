import { fillNormal } from '../../data/random-kernels';
import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { tf } from '../../tensors';
import type { Progress } from '../checkpoint/manifest';
import { type Objective, type ObjectiveInputs, type ObjectiveOptions, objective } from '../elbo';
import type { Vae } from '../model';
import { DivergenceError, type StepRecord } from './history';
import { type KlWeightSchedule, klWeightAt } from './kl-weight';
import { makeRunner, type Runner, type RunnerOptions } from './runner';

/** One update of the model's parameters; what it returns was computed before the update. */
export type UpdateStep = Runner<keyof ObjectiveInputs, keyof Objective>;

export interface StepShape extends ObjectiveOptions, Omit<RunnerOptions<never>, 'inputs'> {
  readonly batchSize: number;
  readonly samples: number;
}

/**
 * The update, eagerly or compiled: a function of its inputs, the model's parameters and the optimizer's state. It draws no random numbers and
 * reads no values.
 *
 * @throws UsageError when the device is not there
 */
export function makeUpdateStep(model: Vae, optimizer: tf.Optimizer, shape: StepShape): Promise<UpdateStep> {
  const { batchSize, samples, device, threads, stepsPerRun, ...options } = shape;
  const variables = [...model.variables.values()];
  const update = (inputs: ObjectiveInputs) =>
    tf.tidy(() => {
      const parts: tf.Scalar[] = [];
      const minimised = () => {
        const { loss, reconstruction, kl } = objective(model, inputs, options);
        // The optimizer frees all that is made in here; `keep` carries the parts past it, to be freed as usual afterwards.
        parts.push(tf.keep(reconstruction), tf.keep(kl));
        return loss;
      };
      const loss = optimizer.minimize(minimised, true, variables) as tf.Scalar;
      const [reconstruction, kl] = parts.map((part) => part.clone()) as [tf.Scalar, tf.Scalar];
      tf.dispose(parts);
      return { loss, reconstruction, kl };
    });
  const inputs = { x: [batchSize, model.pixels], noise: [samples, batchSize, model.latent], klWeight: [] };
  return makeRunner((tensors) => update(tensors as unknown as ObjectiveInputs), {
    device,
    threads,
    stepsPerRun,
    inputs,
  });
}

/** Where a training is between two steps. Parameters and slots are not in it: they stay where the step runs. */
export type TrainingState = Readonly<Omit<Progress, 'batches'>>;

interface Circumstances extends KlWeightSchedule {
  readonly batchSize: number;
  readonly samples: number;
  readonly stepsPerEpoch: number;
  readonly lossEvery: number;
  readonly stepsPerRun: number;
  /** Where the last good state is. */
  readonly kept: () => string | undefined;
}

/** A training's state, and the steps whose losses have come since the last one. */
export interface Progressed {
  readonly state: TrainingState;
  readonly infos: readonly StepRecord[];
}

/** Takes the steps, whose losses are asked for every `lossEvery` steps: in between, a GPU has the next step before it has done with the last. */
export class Steps {
  private waiting: { readonly step: number; readonly epoch: number }[] = [];

  constructor(
    private readonly update: UpdateStep,
    private readonly model: Vae,
    private readonly circumstances: Circumstances,
  ) {}

  /**
   * (state, batch, key) → (state, infos). The key is the stream of the step's noise.
   * @throws DivergenceError where a term is NaN or infinite
   */
  async take(state: TrainingState, pixels: Float32Array, key: RandomStream): Promise<Progressed> {
    const { batchSize, samples, stepsPerEpoch, stepsPerRun } = this.circumstances;
    const lossEvery = Math.max(this.circumstances.lossEvery, stepsPerRun);
    const [step, epoch] = [state.step + 1, state.epochs.length + 1];
    const noise = new Float32Array(samples * batchSize * this.model.latent);
    fillNormal(key, noise);
    const klWeight = Float32Array.of(klWeightAt(step, stepsPerEpoch, this.circumstances));
    const next = { ...state, step };
    if (lossEvery === 1) return this.add(next, { step, epoch }, await this.update.run({ x: pixels, noise, klWeight }));
    await this.update.enqueue({ x: pixels, noise, klWeight });
    this.waiting.push({ step, epoch });
    return this.waiting.length < lossEvery ? { state: next, infos: [] } : this.settle(next);
  }

  /** Asks for the losses that are still due: before the state is used for more than the next step. */
  async settle(state: TrainingState): Promise<Progressed> {
    if (this.waiting.length === 0) return { state, infos: [] };
    const due = this.waiting.splice(0);
    let settled: Progressed = { state, infos: [] };
    for (const [i, terms] of (await this.update.collect()).entries()) {
      const { state: added, infos } = this.add(settled.state, nth(due, i), terms);
      settled = { state: added, infos: [...settled.infos, ...infos] };
    }
    return settled;
  }

  private add(
    state: TrainingState,
    { step, epoch }: { readonly step: number; readonly epoch: number },
    terms: Readonly<Record<keyof Objective, Float32Array>>,
  ): Progressed {
    const [loss, reconstruction, kl] = [nth(terms.loss, 0), nth(terms.reconstruction, 0), nth(terms.kl, 0)];
    for (const [term, value] of Object.entries({ reconstruction, kl }) as ['reconstruction' | 'kl', number][]) {
      if (!Number.isFinite(value)) throw new DivergenceError(step, term, value, epoch, this.circumstances.kept());
    }
    const { sums } = state;
    const added = {
      loss: sums.loss + loss,
      reconstruction: sums.reconstruction + reconstruction,
      kl: sums.kl + kl,
    };
    return { state: { ...state, sums: added }, infos: [{ step, epoch, loss, reconstruction, kl }] };
  }
}
