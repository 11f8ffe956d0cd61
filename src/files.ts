import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from './errors';

// Nothing is half-written: a reader, also after a kill or a power failure, finds the old contents or the whole new ones.
// A temporary file beside the target (a rename across disks would copy), fsync, rename, fsync of the folder.

/**
 * Replaces a file as a whole. Its folder must exist; on an error the old file and nothing else is there.
 * @throws UsageError in one line that names the file, e.g. on a full disk
 */
export async function writeAtomically(path: string, contents: Uint8Array | string): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await using(await open(temporary, 'w'), async (file) => {
      await file.writeFile(contents);
      await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    // It is not there where the folder is none, which is an error of its own.
    await rm(temporary, { force: true }).catch(() => {});
    throw cannotBeWritten(path, error);
  }
  await syncFolder(dirname(path));
}

/** {@link writeAtomically} for callers that must not be overtaken by other work of the same process. */
export function writeAtomicallySync(path: string, contents: Uint8Array | string): void {
  const temporary = temporaryBeside(path);
  try {
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, contents);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw cannotBeWritten(path, error);
  }
  syncSync(dirname(path));
}

/**
 * Makes a file that nobody else has made.
 * @returns false when it is already there
 * @throws UsageError in one line; the file does not stay, cut short, as on a full disk
 */
export function createExclusivelySync(path: string, contents: string): boolean {
  let file: number | null = null;
  try {
    file = openSync(path, 'wx');
    writeFileSync(file, contents);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (file !== null) rmSync(path, { force: true });
    throw new UsageError(`${path}: cannot be written (${code})`, { cause: error });
  } finally {
    if (file !== null) closeSync(file);
  }
}

/**
 * Makes a folder and those above it, one by one: Node's own recursive way never returns where a system refuses a folder
 * as if its parent were missing (/proc).
 * @returns those that were made, from the outermost on
 * @throws UsageError in one line
 */
export function makeFolderSync(folder: string): readonly string[] {
  const missing: string[] = [];
  const made: string[] = [];
  for (let at = resolve(folder); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  try {
    for (const one of missing) if (makeUnlessThere(one)) made.push(one);
    accessSync(folder, constants.W_OK);
    if (!statSync(folder).isDirectory()) throw new Error('is a file');
    return made;
  } catch (error) {
    removeEmptyFoldersSync(made);
    throw cannotBeWritten(folder, error);
  }
}

/** False where somebody else has made it in the meantime. */
function makeUnlessThere(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes back what {@link makeFolderSync} made: from the innermost outwards, as far as nothing is in them. */
export function removeEmptyFoldersSync(made: readonly string[]): void {
  try {
    for (const folder of made.toReversed()) rmdirSync(folder);
  } catch {
    // Something is kept in it.
  }
}

/** What to throw where a file in a folder was to be read, and the folder is a file itself (ENOTDIR). */
export function noFolderFor(path: string): UsageError {
  return new UsageError(`${dirname(path)}: is a file, expected a folder`);
}

/** What to throw where a file would be written over one that no earlier `maker` has made. */
export function foreignFile(path: string, maker: 'build' | 'run'): UsageError {
  return new UsageError(
    `${path}: is of no earlier ${maker}, and would be overwritten: choose another folder, or move it away`,
  );
}

/** Says before any work that a file could not be written. @throws UsageError where its folder is not there, or none */
export function checkFolderOf(path: string): void {
  if (!isFolder(dirname(resolve(path)))) throw cannotBeWritten(path, undefined);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is none.
  }
}

/** The system's own message names no file where the disk is full, and a temporary one elsewhere. */
function cannotBeWritten(path: string, cause: unknown): UsageError {
  return new UsageError(`${path}: cannot be written: ${whyNot(dirname(resolve(path)), cause)}`, { cause });
}

function whyNot(folder: string, cause: unknown): string {
  if (isFolder(folder)) return (cause as Error).message.replace(/, \w+ '.*\.tmp'( -> '.*')?$/, '');
  return existsSync(folder) ? `${folder} is a file, expected a folder` : `there is no folder ${folder}`;
}

/**
 * Replaces a folder by one that `fill` writes. No system renames over a folder that holds files, so the old one steps
 * aside first, and comes back if the new one cannot take its place.
 */
export function replaceFolderSync(folder: string, fill: (temporary: string) => void): void {
  const own = uniqueName();
  const [temporary, old] = [`${folder}.${own}.tmp`, `${folder}.${own}.old`];
  mkdirSync(temporary, { recursive: true });
  try {
    fill(temporary);
    for (const name of readdirSync(temporary)) syncSync(join(temporary, name));
    syncSync(temporary);
    if (existsSync(folder)) renameSync(folder, old);
    try {
      renameSync(temporary, folder);
    } catch (error) {
      if (existsSync(old)) renameSync(old, folder);
      throw error;
    }
    syncSync(dirname(folder));
  } finally {
    for (const left of [temporary, old]) rmSync(left, { recursive: true, force: true });
  }
}

/** Begins as the file does, but is no longer than a name may be: a file's own may be as long as that. 40 characters hold all of a checkpoint's names. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 40)}.${uniqueName()}.tmp`);
}

/** Two machines that share a folder hand out the same process ids. */
export function uniqueName(): string {
  return `${process.pid}-${randomBytes(6).toString('hex')}`;
}

/** What makes a rename last. Windows cannot open folders, and makes renames last by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using(await open(folder, 'r'), (file) => file.sync());
}

/** A file or folder onto the disk, see {@link syncFolder}. */
function syncSync(path: string): void {
  if (process.platform === 'win32') return;
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

async function using(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
