import { compile } from '../compile/compile';
import { chooseDevice, type Device } from '../compile/runtime/devices';
import { tf } from '../tensors';
import { Vae } from '../vae/model';
import { adam } from '../vae/training/adam';
import { makeUpdateStep } from '../vae/training/step';
import { referenceBatch, referenceVae, type VaeSizes } from './reference-vae';

/** Where a step runs, and on how many threads. */
export interface Placed {
  readonly device: Device['name'] | 'auto';
  readonly threads?: number;
}

/** A compiled training step with its batch. */
export interface Contender {
  readonly device: Device;
  /** One step; gives its loss. */
  run(): Promise<number>;
  dispose(): Promise<void>;
}

/** The step of `sizes`: the self-contained one, or that of the library's own model. */
export function makeContender(sizes: VaeSizes, placed: Placed): Promise<Contender> {
  return sizes.library ? libraryStep(sizes, placed) : referenceStep(sizes, placed);
}

async function referenceStep(sizes: VaeSizes, placed: Placed): Promise<Contender> {
  const vae = referenceVae(sizes);
  const optimizer = tf.train.adam(1e-3);
  const step = await compile(
    ({ x, eps }) => ({ loss: optimizer.minimize(() => vae.loss(x, eps), true) as tf.Scalar }),
    { inputs: { x: [sizes.batch, sizes.pixels], eps: [sizes.batch, sizes.latent] }, ...placed },
  );
  const batch = referenceBatch(sizes, 7);
  return {
    device: step.device,
    run: async () => {
      const { loss } = await step.run(batch);
      const value = loss.dataSync()[0] ?? Number.NaN;
      loss.dispose();
      return value;
    },
    dispose: async () => {
      await step.dispose();
      tf.dispose(vae.variables);
      optimizer.dispose();
    },
  };
}

/** What `train` runs for each batch, with the library's networks, likelihood and mixture prior. */
async function libraryStep(sizes: VaeSizes, { device, threads }: Placed): Promise<Contender> {
  const { pixels, hidden, latent, components, batch, gated } = sizes;
  const model = new Vae({
    pixels,
    latent,
    hidden: [hidden, hidden],
    hiddenKind: gated ? 'gated' : 'relu',
    prior: { kind: 'gaussian-mixture', components },
    seed: 1,
  });
  const { optimizer } = adam({ optimizer: 'adam', learningRate: 1e-3 }, model.variables);
  const update = await makeUpdateStep(model, optimizer, { device, threads, batchSize: batch, samples: 1 });
  const { x, eps } = referenceBatch(sizes, 7);
  const inputs = { x, noise: eps, klWeight: Float32Array.of(1) };
  return {
    device: await chooseDevice(device),
    run: async () => (await update.run(inputs)).loss[0] ?? Number.NaN,
    dispose: async () => {
      await update.dispose();
      model.dispose();
      optimizer.dispose();
    },
  };
}
