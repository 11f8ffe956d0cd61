import { UsageError } from '../errors';
import { readWeights, type WhichCheckpoint } from './checkpoint/folder';
import type { Manifest } from './checkpoint/manifest';
import { assignTensors } from './checkpoint/training-store';
import { Vae } from './model';

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
