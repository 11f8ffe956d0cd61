import { compile } from '../compile/compile';
import type { DeviceName } from '../compile/runtime/devices';
import { tf } from '../tensors';
import type { Objective, ObjectiveInputs } from './elbo';
import type { Vae } from './model';
import { trainingStep } from './step';

/**
 * Where training runs: `eager` in TensorFlow.js, the others compiled for that device, `auto` for the fastest that is there.
 * All compute the same step.
 */
export type TrainingDevice = 'eager' | DeviceName | 'auto';

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
  /** Brings the model's variables up to date with the steps run. */
  sync(): Promise<void>;
  dispose(): Promise<void>;
}

export interface StepShape {
  readonly batchSize: number;
  readonly samples: number;
}

/** @throws UsageError when the device is not there */
export async function makeEngine(
  model: Vae,
  optimizer: tf.Optimizer,
  device: TrainingDevice,
  { batchSize, samples }: StepShape,
): Promise<Engine> {
  const shapes = {
    x: [batchSize, model.pixels] as [number, number],
    noise: [samples, batchSize, model.latent] as [number, number, number],
    klWeight: [] as [],
  };
  const step = trainingStep(model, optimizer);
  if (device === 'eager') {
    return {
      run: async ({ x, noise, klWeight }) =>
        tf.tidy(() => {
          const inputs = {
            x: tf.tensor2d(x, shapes.x),
            noise: tf.tensor3d(noise, shapes.noise),
            klWeight: tf.scalar(klWeight),
          };
          return read(step(inputs));
        }),
      sync: async () => {},
      dispose: async () => {},
    };
  }
  const compiled = await compile(
    (inputs: Record<keyof ObjectiveInputs, tf.Tensor>) => ({ ...step(inputs as unknown as ObjectiveInputs) }),
    {
      device,
      inputs: shapes,
    },
  );
  return {
    run: async ({ x, noise, klWeight }) => {
      const result = await compiled.run({ x, noise, klWeight: Float32Array.of(klWeight) });
      const values = read(result);
      tf.dispose(result);
      return values;
    },
    sync: () => compiled.sync(),
    dispose: () => compiled.dispose(),
  };
}

function read({ loss, reconstruction, kl }: Objective): StepValues {
  const value = (term: tf.Scalar): number => term.dataSync()[0] as number;
  return { loss: value(loss), reconstruction: value(reconstruction), kl: value(kl) };
}
