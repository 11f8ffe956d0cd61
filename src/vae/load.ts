import { UsageError } from '../errors';
import { readWeights, type WhichCheckpoint } from './checkpoint/folder';
import type { Manifest } from './checkpoint/manifest';
import { assignTensors } from './checkpoint/training-store';
import { Vae } from './model';

/**
 * A model that was kept, and how it was trained.
 *
 * @example
 * ```ts
 * import { loadCheckpoint, type LoadedCheckpoint, syntheticDigits, train, Vae } from 'gmm-vae';
 *
 * const { train: digits } = syntheticDigits({ train: 200, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * await train(model, digits, { epochs: 1, seed: 1, threads: 1, checkpoint: { folder: 'kept' } });
 * const kept: LoadedCheckpoint = await loadCheckpoint('kept');
 * kept.manifest.model.latent; // 2
 * kept.model.dispose();
 * model.dispose();
 * ```
 */
export interface LoadedCheckpoint {
  /** The model with the checkpoint's weights; the caller disposes of it. */
  readonly model: Vae;
  /** How and on what it was trained, and how far. */
  readonly manifest: Manifest;
}

/**
 * The model of a checkpoint that `train` has kept.
 *
 * @throws UsageError, one line, when there is none, or it is damaged or not ours
 *
 * @example
 * ```ts
 * import { decode, loadCheckpoint, syntheticDigits, train, Vae } from 'gmm-vae';
 *
 * const { train: digits } = syntheticDigits({ train: 200, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * await train(model, digits, { epochs: 1, seed: 1, threads: 1, checkpoint: { folder: 'first' } });
 * const again = (await loadCheckpoint('first')).model;
 * decode(again, [0, 0])[0] === decode(model, [0, 0])[0]; // true
 * again.dispose();
 * model.dispose();
 * ```
 */
export async function loadCheckpoint(folder: string, which: WhichCheckpoint = 'last'): Promise<LoadedCheckpoint> {
  const found = await readWeights(folder, which);
  if (!found) throw new UsageError(`${folder}: no checkpoint here (no ${which}.json)`);
  const model = new Vae(found.manifest.model);
  try {
    assignTensors(folder, model.variables, found.weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model, manifest: found.manifest };
}
