import { compile } from '../compile/compile';
import type { Device } from '../compile/runtime/devices';
import { tf } from '../tensors';
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
export async function makeContender(sizes: VaeSizes, placed: Placed): Promise<Contender> {
  if (!sizes.library) return referenceStep(sizes, placed);
  const { libraryStep } = await import('./library-step.js');
  return libraryStep(sizes, placed);
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
