import { chooseDevice } from '../compile/runtime/devices';
import { Vae } from '../vae/model';
import { adam } from '../vae/training/adam';
import { makeUpdateStep } from '../vae/training/step';
import type { Contender, Placed } from './contender';
import { referenceBatch, type VaeSizes } from './reference-vae';

/** What `train` runs for each batch, with the library's networks, likelihood and mixture prior. */
export async function libraryStep(sizes: VaeSizes, { device, threads }: Placed): Promise<Contender> {
  const { pixels, hidden, latent, components, batch, gated } = sizes;
  const model = new Vae({
    pixels,
    latent,
    hidden: [hidden, hidden],
    network: { kind: gated ? 'gated' : 'dense' },
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
