/**
 * The one door to TensorFlow.js: `vae` and `compile` take `tf` from here, so that it is configured before its first op.
 *
 * Production mode is TensorFlow.js's own switch for its console messages (the advertisement printed at the first op
 * when the native addon is absent, and the notices when danfojs registers the same kernels again). In 4.22 it changes
 * nothing else: argument and shape checks stay on.
 */
import { dirname } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { addonIsBuilt } from './native-addon';

/** Where eager tensors are computed, and why there. */
export interface EagerBackend {
  readonly name: 'tensorflow' | 'cpu';
  readonly reason: string;
}

/** How the npm package with the native addon is found and loaded; tests put another in its place. */
export interface AddonLoader {
  /** The folder of the package; throws if it is not installed. */
  folder(): string;
  /** Loads the package, which registers the backend `tensorflow` with TensorFlow.js and makes it the current one. */
  load(): void;
}

const NATIVE: AddonLoader = {
  folder: () => dirname(require.resolve('tfjs-node-native/package.json')),
  load: () => void require('tfjs-node-native'),
};

/**
 * Takes the native addon if `npm run native` has built it and it loads, else TensorFlow.js's `cpu`. Without this choice
 * TensorFlow.js would try WebGL at the first op.
 */
export function chooseEagerBackend(addon: AddonLoader = NATIVE): EagerBackend {
  const reason = refusal(addon);
  if (reason === null && tf.getBackend() === 'tensorflow') return { name: 'tensorflow', reason: 'native addon loaded' };
  // Resolves in the same tick for `cpu`.
  void tf.setBackend('cpu');
  return { name: 'cpu', reason: reason ?? 'the native addon did not become the current backend' };
}

/** Loads the addon; what prevents that, or null. */
function refusal(addon: AddonLoader): string | null {
  let folder: string;
  try {
    folder = addon.folder();
  } catch {
    return 'the native addon is not installed (npm run native)';
  }
  if (!addonIsBuilt(folder)) return 'the native addon is not built (npm run native)';
  try {
    restoreRemovedChecks();
    addon.load();
    return null;
  } catch (error) {
    return `the native addon does not load: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`;
  }
}

/** Node 23 took out of `util` what tfjs-node 4.22 calls. */
export function restoreRemovedChecks(
  target: Record<string, unknown> = util as unknown as Record<string, unknown>,
): void {
  target.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
  target.isArray ??= Array.isArray;
}

tf.enableProdMode();
/** Whether the program has chosen a backend itself, before it used anything of this package that computes with tensors. */
const chosen = tf.getBackend();
/** What was chosen when this module was first loaded. */
export const eagerBackend: Omit<EagerBackend, 'name'> & { readonly name: string } = chosen
  ? { name: chosen, reason: 'chosen by the program' }
  : chooseEagerBackend();

/**
 * TensorFlow.js, ready for eager work beside compiled steps.
 *
 * @example
 * ```ts
 * import { tf } from 'gmm-vae';
 *
 * // TensorFlow.js, configured for eager work beside compiled steps
 * tf.tidy(() => tf.sum(tf.square([1, 2, 3])).dataSync()); // [14]
 * ```
 */
export { tf };
