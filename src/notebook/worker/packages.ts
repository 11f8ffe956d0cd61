import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageFile } from '../../package';
import type { DisplayOptions } from '../host';
import { installedFolder } from '../installed';
import { show } from './output';
import { normalise } from './render';

/** Importable from every notebook, wherever it lies. */
const PACKAGES = ['gmm-vae', 'danfojs-node', 'tslab', '@tensorflow/tfjs'];

/** Those of them that a notebook in this folder does not find by itself: name → folder. */
export function reachableFallbacks(cwd: string): Record<string, string> {
  const root = packageFile();
  const here = createRequire(join(cwd, 'cell.js'));
  const folders: Record<string, string> = {};
  for (const name of PACKAGES) {
    try {
      here.resolve(`${name}/package.json`);
    } catch {
      const folder = name === 'gmm-vae' ? root : installedFolder(root, name);
      if (folder !== null) folders[name] = folder;
    }
  }
  return folders;
}

/** The `tslab` that cells import shows its displays through this kernel. */
export function tslabPackage(): unknown {
  const jupyter = require('tslab/dist/jupyter') as { lastWriteDisplayData: unknown };
  jupyter.lastWriteDisplayData = (
    content: { data: Record<string, unknown>; transient?: { display_id?: string } },
    update: boolean,
  ) => showBundle(content.data, { ...idOf(content.transient?.display_id), update });
  return require('tslab');
}

function idOf(displayId: string | undefined): { displayId?: string } {
  return displayId === undefined ? {} : { displayId };
}

/** Shows a MIME bundle, or puts it in the place of one that was shown. */
export function showBundle(data: Record<string, unknown>, { displayId, update, metadata = {} }: DisplayOptions): void {
  const bundle = { data: normalise(data), metadata };
  if (update && displayId !== undefined) show({ type: 'update_display_data', ...bundle, displayId });
  else show({ type: 'display_data', ...bundle, ...idOf(displayId) });
}
