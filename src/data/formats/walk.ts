import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors';

/** How deep folders may lie inside each other: anything deeper is a mistake, or malice. */
const DEEPEST = 16;
/** Files in one data set. */
const MOST_FILES = 20_000_000;

/**
 * All files below a folder, by name, hidden ones left out. Links are followed.
 *
 * @throws UsageError, one line with the place, on links that lead in circles or nowhere
 */
export async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  await walk(folder, [await realpath(folder)], files);
  return files;
}

async function walk(folder: string, above: readonly string[], files: string[]): Promise<void> {
  if (above.length > DEEPEST) throw new UsageError(`${folder}: more than ${DEEPEST} folders inside each other`);
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  for (const name of names) {
    const path = join(folder, name);
    const kind = await kindOf(path);
    if (kind === 'file') files.push(path);
    if (files.length > MOST_FILES) throw new UsageError(`${folder}: more than ${MOST_FILES} files`);
    if (kind !== 'folder') continue;
    const real = await realpath(path);
    const circle = above.find((one) => one === real);
    if (circle) throw new UsageError(`${path}: a link that leads in a circle, back to ${circle}`);
    await walk(path, [...above, real], files);
  }
}

/** Tells files from folders. A pipe or a device is neither, and reading one may never end. */
export async function kindOf(path: string): Promise<'file' | 'folder' | 'other'> {
  try {
    const found = await stat(path);
    if (found.isFile()) return 'file';
    return found.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') throw new UsageError(`${path}: a link that leads in a circle`);
    const isLink = await lstat(path).then(
      (one) => one.isSymbolicLink(),
      () => false,
    );
    if (code === 'ENOENT' && isLink) throw new UsageError(`${path}: a link to nothing`);
    throw new UsageError(`${path}: cannot be read (${code})`);
  }
}
