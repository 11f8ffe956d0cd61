import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Where a package that code in `root` imports lies: there, or, where gmm-vae is itself a dependency, in a folder above. Null: nowhere. */
export function installedFolder(root: string, name: string): string | null {
  const candidates = createRequire(join(root, 'package.json')).resolve.paths(name) ?? [];
  return candidates.map((folder) => join(folder, name)).find((folder) => existsSync(folder)) ?? null;
}
