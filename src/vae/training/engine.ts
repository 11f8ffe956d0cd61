import { nth } from '../../nth';
import type { tf } from '../../tensors';
import type { Objective, ObjectiveInputs, ObjectiveOptions } from '../elbo';
import type { Vae } from '../model';
import { makeRunner, type TrainingDevice } from './runner';
import { trainingStep } from './step';

export type { TrainingDevice } from './runner';

/** One step's inputs as flat arrays, row-major. */
export interface StepArrays {
  /** `[n, D]`. */
  readonly x: Float32Array;
  /** `[samples, n, d]`. */
  readonly noise: Float32Array;
  readonly klWeight: number;
}

export type StepValues = { readonly [K in keyof Objective]: number };

/** What runs the training step of one model. */
export interface Engine {
  run(arrays: StepArrays): Promise<StepValues>;
  /** Brings the model's variables and the optimizer's slots up to date with the steps run. */
  sync(): Promise<void>;
  dispose(): Promise<void>;
}

export interface StepShape extends ObjectiveOptions {
  readonly batchSize: number;
  readonly samples: number;
  readonly threads?: number | undefined;
}

/** @throws UsageError when the device is not there */
export async function makeEngine(
  model: Vae,
  optimizer: tf.Optimizer,
  device: TrainingDevice,
  { batchSize, samples, threads, ...objective }: StepShape,
): Promise<Engine> {
  const step = trainingStep(model, optimizer, objective);
  const runner = await makeRunner<keyof ObjectiveInputs, keyof Objective>(
    (inputs) => ({ ...step(inputs as unknown as ObjectiveInputs) }),
    {
      device,
      threads,
      inputs: { x: [batchSize, model.pixels], noise: [samples, batchSize, model.latent], klWeight: [] },
    },
  );
  const first = (values: Float32Array): number => nth(values, 0);
  return {
    run: async ({ x, noise, klWeight }) => {
      const { loss, reconstruction, kl } = await runner.run({ x, noise, klWeight: Float32Array.of(klWeight) });
      return { loss: first(loss), reconstruction: first(reconstruction), kl: first(kl) };
    },
    sync: () => runner.sync(),
    dispose: () => runner.dispose(),
  };
}
