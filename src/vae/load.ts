import { UsageError } from '../errors';
import { readWeights, type Tensors, type WhichCheckpoint } from './checkpoint/folder';
import type { Manifest } from './checkpoint/manifest';
import { checkProbe } from './checkpoint/probe';
import { assignTensors } from './checkpoint/training-store';
import { Vae, type VaeOptions } from './model';
import type { HandmadeOptions } from './networks';

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
 * The model of a checkpoint that `train` has kept. A checkpoint has no code: of networks made by hand it keeps the weights by name, and
 * `network` has to be what the model was made with.
 *
 * @throws UsageError, one line, when there is none, or it is damaged or not ours, or its networks are other ones
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
export async function loadCheckpoint(
  folder: string,
  which: WhichCheckpoint = 'last',
  { network }: { readonly network?: HandmadeOptions } = {},
): Promise<LoadedCheckpoint> {
  const found = await readWeights(folder, which);
  if (!found) throw new UsageError(`${folder}: no checkpoint here (no ${which}.json)`);
  const model = new Vae(optionsOf(folder, found.manifest, network));
  try {
    if (network) checkVariables(folder, model, found.weights);
    assignTensors(folder, model.variables, found.weights);
    checkProbe(folder, model, found.manifest.probe);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model, manifest: found.manifest };
}

/** @throws UsageError where the checkpoint's networks are made by hand and none are given, or the other way round */
function optionsOf(folder: string, { model }: Manifest, network: HandmadeOptions | undefined): VaeOptions {
  const { network: stored, ...rest } = model;
  if (stored?.kind !== 'custom') {
    if (!network) return { ...rest, network: stored };
    throw new UsageError(`${folder}: its networks were not made by hand: leave the network out`);
  }
  if (network) return { ...rest, network };
  const by = stored.module ? `made by ${stored.module.path}` : 'made by hand';
  throw new UsageError(
    `${folder}: its networks were ${by}: load it in a program, with loadCheckpoint(folder, which, { network })`,
  );
}

/** The most names that one line lists. */
const NAMED = 3;

/** @throws UsageError naming the variables that are not the checkpoint's */
function checkVariables(folder: string, model: Vae, weights: Tensors): void {
  const shown = (shape: readonly number[] | undefined): string => (shape ? `[${shape.join(', ')}]` : 'none');
  const names = new Set([...model.variables.keys(), ...weights.keys()]);
  const differing = [...names]
    .map((name) => [name, shown(weights.get(name)?.shape), shown(model.variables.get(name)?.shape)] as const)
    .filter(([, kept, given]) => kept !== given);
  if (differing.length === 0) return;
  const some = differing.slice(0, NAMED).map(([name, kept, given]) => `${name} is ${kept} there, ${given} here`);
  const more = differing.length > NAMED ? `, and ${differing.length - NAMED} more` : '';
  throw new UsageError(`${folder}: kept with other networks: ${some.join('; ')}${more}`);
}
