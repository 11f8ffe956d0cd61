import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { parseIdx } from '../idx';
import { checkCount } from './arrays';
import { checkMemory } from './npy';
import { type Part, partOf, type ReadPart } from './part';
import { kindOf } from './walk';

const IMAGES = /images?[-.]idx3/i;

/** Whether a file's name is that of IDX images. */
export function isIdxImages(name: string): boolean {
  return IMAGES.test(name);
}

/**
 * Pairs of IDX files of any size: those of a folder, or of one file of images and those beside it that differ in the part alone.
 *
 * @throws UsageError where a folder has more than one set (as EMNIST's has)
 */
export async function readIdxFiles(images: readonly string[]): Promise<ReadPart[]> {
  const seen = new Map<Part | null, string>();
  const read: ReadPart[] = [];
  for (const path of images) {
    const part = partOf(basename(path));
    const other = seen.get(part);
    if (other)
      throw new UsageError(`${path}: a second set of ${part ?? 'all'} images beside ${basename(other)}: name one file`);
    seen.set(part, path);
    read.push(await readPair(path, part));
  }
  return read;
}

/**
 * The files of images that belong to the same set as one of them: train beside test. Of a file that is there packed and unpacked,
 * the one that is as that one is.
 */
export function idxFamily(path: string, names: readonly string[]): string[] {
  const family = (name: string): string =>
    name.replace(/\.gz$/, '').replace(/(^|[^a-z])(train|t10k|test|valid|val)(?=[^a-z])/i, '$1*');
  const wanted = family(basename(path));
  const isPacked = path.endsWith('.gz');
  const twin = (name: string): string => (isPacked ? `${name}.gz` : name.replace(/\.gz$/, ''));
  const isSpare = (name: string): boolean => name.endsWith('.gz') !== isPacked && names.includes(twin(name));
  return names
    .filter((name) => isIdxImages(name) && family(name) === wanted && !isSpare(name))
    .map((name) => join(dirname(path), name));
}

async function readPair(path: string, part: Part | null): Promise<ReadPart> {
  const { shape, values } = parseIdx(unpacked(path), path, 3);
  const [count, height, width] = [nth(shape, 0), nth(shape, 1), nth(shape, 2)];
  if (values.length === 0) throw new UsageError(`${path}: 0 images: its shape is ${shape.join('×')}`);
  const rest = { part, name: basename(path), count, height, width, channels: 1, images: values };
  const labels = await labelsBeside(path);
  if (!labels) return { ...rest, labels: null };
  return { ...rest, labels: checkCount(parseIdx(unpacked(labels), labels, 1).values, count, labels) };
}

/** Null where there are none. @throws UsageError where what has their name is no file, which nobody may be writing into */
async function labelsBeside(path: string): Promise<string | null> {
  const name = basename(path).replace(/images?([-.])idx3/i, (_, dash: string) => `labels${dash}idx1`);
  const plain = name.replace(/\.gz$/, '');
  const beside = await readdir(dirname(path));
  const named = [plain, `${plain}.gz`]
    .filter((candidate) => beside.includes(candidate))
    .map((candidate) => join(dirname(path), candidate));
  for (const labels of named) if ((await kindOf(labels)) === 'file') return labels;
  if (named.length === 0) return null;
  throw new UsageError(`${named[0]}: expected a file of labels, got a folder or a pipe`);
}

const HEADER = 16;

/** Packed files are unpacked as far as their own header says. */
function unpacked(path: string): Uint8Array {
  const stored = readFileSync(path);
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) return stored;
  const expected = promised(stored, path);
  checkMemory(expected, path);
  try {
    return gunzipSync(stored, { maxOutputLength: expected + HEADER });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new UsageError(`${path}: unpacks to more than the ${expected} bytes that its header says`);
    throw new UsageError(`${path}: damaged gzip data: ${message}`);
  }
}

/** Bytes that the header of a packed file promises, from its first bytes alone. */
function promised(stored: Uint8Array, path: string): number {
  let start: Buffer;
  try {
    // What the end of the input cuts off is no fault here: Z_SYNC_FLUSH.
    start = gunzipSync(stored.subarray(0, 4096), { finishFlush: 2, maxOutputLength: 2 ** 23 });
  } catch (error) {
    throw new UsageError(`${path}: damaged gzip data: ${(error as Error).message}`);
  }
  if (start.length < 4) throw new UsageError(`${path}: truncated: expected an IDX header, got ${start.length} bytes`);
  const rank = start.readUInt8(3);
  if (start.length < 4 + 4 * rank)
    throw new UsageError(`${path}: truncated in its IDX header, at byte ${start.length}`);
  let bytes = 1;
  for (let axis = 0; axis < rank; axis++) bytes *= start.readUInt32BE(4 + 4 * axis);
  return 4 + 4 * rank + bytes;
}
