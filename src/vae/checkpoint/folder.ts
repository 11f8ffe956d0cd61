import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors';
import { noFolderFor, writeAtomically } from '../../files';
import { decodeUtf8 } from '../../text-files';
import { type Manifest, parseManifest } from './manifest';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from './safetensors';

export type WhichCheckpoint = 'last' | 'best';

export type Tensors = ReadonlyMap<string, NamedTensor>;

export interface Checkpoint {
  readonly manifest: Manifest;
  readonly weights: Tensors;
  readonly optimizer: Tensors;
}

/** What is saved: `files` is filled in when the tensors have been written. */
export interface NewCheckpoint {
  readonly manifest: Omit<Manifest, 'files'>;
  readonly weights: Tensors;
  readonly optimizer: Tensors;
}

/** Files that this folder makes, and may therefore remove. */
const OWN_FILE = /^((weights|optimizer)-\d{9}-[\da-f]{8}\.safetensors|\..*\.(safetensors|json)\.\d+(-[\da-f]+)?\.tmp)$/;

/**
 * What no manifest names may be what another process is about to name: beside a lock that was removed, or on a node that the others
 * believe dead. Milliseconds until it counts as left behind.
 */
const LEFT_BEHIND = 3_600_000;

/** Writes until a file of ours outlives the clearing up of a second writer. */
const WRITES = 3;

/**
 * Writes the tensors, then the manifest that names them, each atomically: whenever the process dies, `last.json` and
 * `best.json` name whole files. Afterwards removes what they named before and no longer name, also where the disk took only part of it.
 *
 * @throws UsageError, one line, when a file cannot be written
 */
export async function saveCheckpoint(
  folder: string,
  checkpoint: NewCheckpoint,
  { best }: { best: boolean },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const ours = await namedFiles(folder);
  try {
    for (let write = 1; ; write++) {
      await writeFiles(folder, checkpoint, best, ours);
      if (write === WRITES || (await areThere(folder, await namedFiles(folder)))) break;
    }
  } catch (error) {
    await removeUnnamed(folder, ours).catch(() => {});
    throw error;
  }
  await removeUnnamed(folder, ours);
}

async function writeFiles(
  folder: string,
  { manifest, weights, optimizer }: NewCheckpoint,
  best: boolean,
  written: Set<string>,
): Promise<void> {
  const step = String(manifest.progress.step).padStart(9, '0');
  const write = async (kind: 'weights' | 'optimizer', tensors: Tensors) => {
    const bytes = encodeSafetensors(tensors, { format: 'pt' });
    const sum = sha256(bytes);
    // The sum in the name: a file that a manifest names is never replaced by other contents.
    const name = `${kind}-${step}-${sum.slice(0, 8)}.safetensors`;
    await writeAtomically(join(folder, name), bytes);
    written.add(name);
    return { name, sha256: sum };
  };
  const files = { weights: await write('weights', weights), optimizer: await write('optimizer', optimizer) };
  const text = `${JSON.stringify({ ...manifest, files }, null, 1)}\n`;
  // `last` comes after `best`: what `last` says about the best epoch is then never ahead of what is there.
  if (best) await writeAtomically(join(folder, 'best.json'), text);
  await writeAtomically(join(folder, 'last.json'), text);
}

/**
 * Null when the folder has no such checkpoint.
 *
 * @throws UsageError, one line, when what is there is damaged, cut short or not ours
 */
export async function readCheckpoint(folder: string, which: WhichCheckpoint = 'last'): Promise<Checkpoint | null> {
  return readWhole(folder, which, async (manifest) => {
    const { weights, optimizer } = manifest.files;
    return { manifest, weights: await readTensors(folder, weights), optimizer: await readTensors(folder, optimizer) };
  });
}

/**
 * What a model needs: the manifest and the weights. Null when the folder has no such checkpoint.
 *
 * @throws UsageError, one line, when what is there is damaged, cut short or not ours
 */
export async function readWeights(
  folder: string,
  which: WhichCheckpoint,
): Promise<Omit<Checkpoint, 'optimizer'> | null> {
  return readWhole(folder, which, async (manifest) => ({
    manifest,
    weights: await readTensors(folder, manifest.files.weights),
  }));
}

/** Reads again where a training has saved newer files in the place of those that were being read. */
async function readWhole<T>(
  folder: string,
  which: WhichCheckpoint,
  read: (manifest: Manifest) => Promise<T>,
): Promise<T | null> {
  const manifest = await readManifest(folder, which);
  if (!manifest) return null;
  try {
    return await read(manifest);
  } catch (error) {
    const now = await readManifest(folder, which);
    if (now && now.files.weights.name !== manifest.files.weights.name) return readWhole(folder, which, read);
    throw error;
  }
}

export async function readManifest(folder: string, which: WhichCheckpoint): Promise<Manifest | null> {
  const path = join(folder, `${which}.json`);
  const text = await readIfThere(path);
  return text === null ? null : parseManifest(decodeUtf8(text, path), path);
}

async function readTensors(folder: string, file: { name: string; sha256: string }): Promise<Tensors> {
  const path = join(folder, file.name);
  const bytes = await readIfThere(path);
  if (!bytes) throw new UsageError(`${path}: missing, although the checkpoint names it`);
  const sum = sha256(bytes);
  if (sum !== file.sha256) {
    throw new UsageError(`${path}: damaged: expected SHA-256 ${file.sha256}, got ${sum} (${bytes.length} bytes)`);
  }
  return decodeSafetensors(bytes, path);
}

/** Returns the files that the manifests name at this moment. */
async function namedFiles(folder: string): Promise<Set<string>> {
  const manifests = await Promise.all((['last', 'best'] as const).map((which) => readManifest(folder, which)));
  return new Set(
    manifests.flatMap((manifest) => (manifest ? Object.values(manifest.files) : [])).map(({ name }) => name),
  );
}

async function areThere(folder: string, names: ReadonlySet<string>): Promise<boolean> {
  const found = await Promise.allSettled([...names].map((name) => access(join(folder, name))));
  return found.every(({ status }) => status === 'fulfilled');
}

/** Removes of `ours` what is no longer named, and of everybody's what has been left behind. */
async function removeUnnamed(folder: string, ours: ReadonlySet<string>): Promise<void> {
  const named = await namedFiles(folder);
  for (const name of await readdir(folder)) {
    if (!OWN_FILE.test(name) || named.has(name)) continue;
    const path = join(folder, name);
    if (ours.has(name) || (await ageOf(path)) > LEFT_BEHIND) await rm(path, { force: true });
  }
}

/** Milliseconds since it was written; 0 when it is gone. */
async function ageOf(path: string): Promise<number> {
  return (
    Date.now() -
    (await stat(path)
      .then(({ mtimeMs }) => mtimeMs)
      .catch(() => Date.now()))
  );
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR') throw noFolderFor(path);
    throw new UsageError(`${path}: cannot be read (${code})`);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
