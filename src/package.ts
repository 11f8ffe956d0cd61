import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from './errors';

/**
 * Finds the folder of this package from wherever its code runs: the build, the sources under the tests, or a copy that npm has
 * installed. Returns null in a bundle that travels without the package.
 */
export function findPackage(from: string = __dirname): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (nameIn(folder) === 'gmm-vae') return folder;
    if (folder === dirname(folder)) return null;
  }
}

/**
 * Returns the path of a file that this package carries, whether or not it is there.
 * @throws UsageError in a bundle that travels without the package
 */
export function packageFile(...names: readonly string[]): string {
  const root = findPackage();
  if (root !== null) return join(root, ...names);
  throw new UsageError(`${names.join('/')} is not part of this bundle: run gmm-vae from its package`);
}

/**
 * Returns the compiled file for `name` (`kl/x` for src/kl/x.ts), also when this file itself runs uncompiled under the tests; null in
 * a bundle that leaves it out.
 */
export function compiledFile(name: string): string | null {
  const root = findPackage();
  const places = [join(__dirname, `${name}.js`), ...(root === null ? [] : [join(root, 'dist', `${name}.js`)])];
  return places.find((place) => existsSync(place)) ?? null;
}

/** Returns the version that this package's package.json states. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
}

function nameIn(folder: string): unknown {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}
