import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the addon of the TensorFlow.js package in `folder` has been built; npm installs the package without it. */
export function addonIsBuilt(folder: string): boolean {
  const lib = join(folder, 'lib');
  return existsSync(lib) && readdirSync(lib, { recursive: true }).some((file) => String(file).endsWith('.node'));
}
