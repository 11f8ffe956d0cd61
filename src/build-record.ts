import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textIfReadable } from './text-files';

/**
 * The SHA-256 of all sources of a checkout, by path and content: copies of a checkout have other times. Null where there are none, as in
 * an installed package.
 */
export function sourcesHash(root: string): string | null {
  const paths = sourcesIn(join(root, 'src'));
  if (paths.length === 0) return null;
  const sum = createHash('sha256');
  for (const path of paths)
    sum
      .update(`${path}\0`)
      .update(readFileSync(join(root, 'src', path)))
      .update('\0');
  return sum.digest('hex');
}

function sourcesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names.flatMap((name) => (name.endsWith('.ts') ? [name.replaceAll('\\', '/')] : [])).sort();
  } catch {
    return [];
  }
}

const recordOf = (root: string): string => join(root, 'dist', '.sources');

/** Notes what the build was made from. Called when the compiler is done. */
export function recordSources(root: string): void {
  writeFileSync(recordOf(root), sourcesHash(root) ?? '');
}

/** Whether the build was made from the sources that are there now. An installed package has none, and is as it was published. */
export function isBuildCurrent(root: string): boolean {
  const now = sourcesHash(root);
  return now === null || now === textIfReadable(recordOf(root));
}

/**
 * Whether the packages are those that package-lock.json names now. Also true where nothing tells: kernel-setup/bootstrap.mjs notes which
 * it has installed, npm by itself does not.
 */
export function arePackagesCurrent(root: string): boolean {
  const [lock, installed] = [
    textIfReadable(join(root, 'package-lock.json')),
    textIfReadable(join(root, 'node_modules', '.gmm-vae-lock')),
  ];
  return lock === null || installed === null || createHash('sha256').update(lock).digest('hex') === installed;
}

/** What runs in place of a checkout that was updated since it was built; null where it is built. */
export function staleness(root: string): string | null {
  const remedy = 'run: npm run bootstrap';
  if (!arePackagesCurrent(root)) return `the packages are older than package-lock.json; ${remedy}`;
  return isBuildCurrent(root) ? null : `what runs was built from other sources than are here now; ${remedy}`;
}
