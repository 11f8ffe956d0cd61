import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors';
import { writeAtomically } from '../../files';
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
const OWN_FILE = /^((weights|optimizer)-\d{9}-[\da-f]{8}\.safetensors|\..*\.(safetensors|json)\.\d+\.tmp)$/;

/**
 * Writes the tensors, then the manifest that names them, each atomically: whenever the process dies, `last.json` and
 * `best.json` name whole files. Afterwards removes what neither names any more, also where the disk took only part of it.
 *
 * @throws UsageError, one line, when a file cannot be written
 */
export async function saveCheckpoint(
  folder: string,
  checkpoint: NewCheckpoint,
  { best }: { best: boolean },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  try {
    await writeFiles(folder, checkpoint, best);
  } catch (error) {
    await removeUnnamed(folder).catch(() => {});
    throw error;
  }
  await removeUnnamed(folder);
}

async function writeFiles(
  folder: string,
  { manifest, weights, optimizer }: NewCheckpoint,
  best: boolean,
): Promise<void> {
  const step = String(manifest.progress.step).padStart(9, '0');
  const write = async (kind: 'weights' | 'optimizer', tensors: Tensors) => {
    const bytes = encodeSafetensors(tensors, { format: 'pt' });
    const sum = sha256(bytes);
    // The sum in the name: a file that a manifest names is never replaced by other contents.
    const name = `${kind}-${step}-${sum.slice(0, 8)}.safetensors`;
    await writeAtomically(join(folder, name), bytes);
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
  const manifest = await readManifest(folder, which);
  if (!manifest) return null;
  const { weights, optimizer } = manifest.files;
  return { manifest, weights: await readTensors(folder, weights), optimizer: await readTensors(folder, optimizer) };
}

/**
 * What a model needs: the manifest and the weights, also while a training saves newer ones in their place. Null when the folder
 * has no such checkpoint.
 *
 * @throws UsageError, one line, when what is there is damaged, cut short or not ours
 */
export async function readWeights(
  folder: string,
  which: WhichCheckpoint,
): Promise<Omit<Checkpoint, 'optimizer'> | null> {
  const manifest = await readManifest(folder, which);
  if (!manifest) return null;
  const { weights } = manifest.files;
  try {
    return { manifest, weights: await readTensors(folder, weights) };
  } catch (error) {
    const now = await readManifest(folder, which);
    if (now && now.files.weights.name !== weights.name) return readWeights(folder, which);
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

async function removeUnnamed(folder: string): Promise<void> {
  const manifests = await Promise.all((['last', 'best'] as const).map((which) => readManifest(folder, which)));
  const named = new Set(
    manifests.flatMap((manifest) => (manifest ? Object.values(manifest.files) : [])).map(({ name }) => name),
  );
  for (const name of await readdir(folder)) {
    if (OWN_FILE.test(name) && !named.has(name)) await rm(join(folder, name), { force: true });
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new UsageError(`${path}: cannot be read (${code})`);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
