import { stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { Sharp } from 'sharp';
import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { sameLetters } from './cells';
import { inParallel } from './in-parallel';
import { checkMemory } from './npy';
import { type Part, partOf, type ReadOptions, type ReadPart } from './part';

const PICTURE = /\.(png|jpe?g|webp)$/i;

export function isPicture(name: string): boolean {
  return PICTURE.test(name);
}

/** What a picture must be, whatever its name says: other decoders follow links (SVG) or start programs. */
const FORMATS: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp']);

/** Pixels of one picture: 8,192 × 8,192. A small file may claim any number. */
const MOST_PIXELS = 2 ** 26;
/** Bytes of one file. */
const MOST_FILE_BYTES = 2 ** 28;

interface Found {
  readonly path: string;
  readonly part: Part | null;
  readonly label: string | null;
}

interface Decoded {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

/** The pictures of a folder. Sub-folders are classes; above them there may be folders named train, validation and test. */
export async function readPictures(
  folder: string,
  files: readonly string[],
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<ReadPart[]> {
  const found = files.filter(isPicture).map((path) => place(path, folder));
  const others = files.length - found.length;
  const notes = others > 0 ? [`${others} files are not PNG, JPEG or WebP, and are left alone`] : [];
  const named = found.every(({ part }) => part !== null);
  if (!named) checkFolders(found, folder);
  // A class may be called "test": folders are parts only where all of them are.
  const pictures = named ? found : found.map(({ path }) => ({ path, ...asClass(path, folder) }));
  const parts = [...new Set(pictures.map(({ part }) => part))];
  const read: ReadPart[] = [];
  let like: Decoded | null = null;
  for (const part of parts) {
    const those = pictures.filter((picture) => picture.part === part);
    const one = await readPart(those, options, like, signal);
    like = one.first;
    read.push({
      ...one.part,
      name: part ?? folder,
      part,
      ...(read.length === 0 && { notes: [...notes, ...one.notes] }),
    });
  }
  return read;
}

/** Refuses what lies beside a folder to train on and one to test on or hold out: it would make classes of both. @throws UsageError */
function checkFolders(found: readonly Found[], folder: string): void {
  const parts = new Set(found.map(({ part }) => part));
  if (!parts.has('train') || !(parts.has('test') || parts.has('validation'))) return;
  const other = found.find(({ part }) => part === null);
  const beside = other ? relative(folder, other.path) : '';
  const named = [...parts].filter((part) => part !== null).join(' and ');
  throw new UsageError(`${folder}: ${beside} lies beside folders for ${named}: move it into one of them, or away`);
}

function place(path: string, folder: string): Found {
  const [top = '', ...rest] = relative(folder, path).split(sep);
  const part = rest.length > 0 && /^(train(ing)?|val(id(ation)?)?|dev|test(ing)?)$/i.test(top) ? partOf(top) : null;
  return { path, part, label: rest.length > 1 ? nth(rest, 0) : null };
}

function asClass(path: string, folder: string): { part: null; label: string | null } {
  const [top = '', ...rest] = relative(folder, path).split(sep);
  return { part: null, label: rest.length > 0 ? top : null };
}

async function readPart(
  pictures: readonly Found[],
  options: ReadOptions,
  like: Decoded | null,
  signal: AbortSignal | undefined,
): Promise<{ part: Omit<ReadPart, 'name' | 'part'>; first: Decoded; notes: string[] }> {
  const decode = await decoder(options);
  const first = like ?? (await decode(nth(pictures, 0).path));
  const size = first.pixels.length;
  checkMemory(
    size * pictures.length,
    `${pictures.length} pictures of ${first.height}×${first.width}×${first.channels}`,
  );
  const images = new Uint8Array(size * pictures.length);
  await inParallel(pictures.length, async (i) => {
    signal?.throwIfAborted();
    const { path } = nth(pictures, i);
    const one = await decode(path);
    if (one.height !== first.height || one.width !== first.width || one.channels !== first.channels) {
      throw new UsageError(
        `${path}: ${one.height}×${one.width}×${one.channels}, the first picture has ${first.height}×${first.width}×${first.channels}: bring them to one size with --resize, to one channel with --grey`,
      );
    }
    images.set(one.pixels, i * size);
  });
  const labels = pictures.map(({ label }) => label);
  const without = labels.filter((label) => label === null).length;
  const notes =
    without > 0 && without < labels.length
      ? [`labels missing: ${without} pictures lie in no sub-folder, so that none has a label`]
      : [];
  const { height, width, channels } = first;
  const known = without === 0 ? (labels as string[]).map(sameLetters) : null;
  return { part: { count: pictures.length, height, width, channels, images, labels: known }, first, notes };
}

/** sharp decodes, turns by the camera's orientation, cuts, scales and makes grey; it is loaded when the first picture is. */
async function decoder({ crop, resize, grey }: ReadOptions): Promise<(path: string) => Promise<Decoded>> {
  const { default: sharp } = await import('sharp');
  // Pictures are small and many: they are decoded side by side, each by one thread.
  sharp.cache(false);
  sharp.concurrency(1);
  return async (path) => {
    await checkFile(path);
    const picture = sharp(path, { limitInputPixels: MOST_PIXELS, failOn: 'truncated' });
    const info = await explained(path, picture.metadata());
    const { depth, space, pages = 1, hasAlpha } = info;
    if (!FORMATS.has(info.format)) {
      throw new UsageError(`${path}: expected a PNG, JPEG or WebP picture, got ${info.format.toUpperCase()}`);
    }
    if (space === 'cmyk') throw new UsageError(`${path}: a CMYK picture; save it as RGB or grey`);
    if (depth !== 'uchar')
      throw new UsageError(`${path}: a picture of more than 8 bits a channel (${depth}); save it with 8 bits`);
    if (pages > 1) throw new UsageError(`${path}: an animation of ${pages} pictures; save them one by one`);
    let step: Sharp = picture.autoOrient();
    if (hasAlpha) step = step.flatten({ background: '#ffffff' });
    if (crop) step = cropped(step, info.autoOrient, crop, path);
    if (resize) step = step.resize({ ...resize, fit: 'cover', kernel: 'lanczos3' });
    const isGrey = grey || space === 'b-w';
    step = step.toColourspace(isGrey ? 'b-w' : 'srgb');
    const made = await explained(path, step.raw().toBuffer({ resolveWithObject: true }));
    const { height, width, channels } = made.info;
    return { height, width, channels, pixels: made.data };
  };
}

function cropped(
  step: Sharp,
  { height, width }: { height: number; width: number },
  crop: { height: number; width: number },
  path: string,
): Sharp {
  if (crop.height > height || crop.width > width) {
    throw new UsageError(`${path}: ${height}×${width}, too small for --crop ${crop.height}x${crop.width}`);
  }
  const [top, left] = [Math.floor((height - crop.height) / 2), Math.floor((width - crop.width) / 2)];
  return step.extract({ top, left, ...crop });
}

async function checkFile(path: string): Promise<void> {
  const { size } = await stat(path);
  if (size === 0) throw new UsageError(`${path}: an empty file`);
  if (size > MOST_FILE_BYTES)
    throw new UsageError(`${path}: ${size} bytes, more than a picture may have (${MOST_FILE_BYTES})`);
}

/** The decoder's own words, which may be many lines, in one that names the file. */
async function explained<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const [said = ''] = (error as Error).message.split('\n');
    if (/pixel limit/i.test(said)) throw new UsageError(`${path}: claims more than ${MOST_PIXELS} pixels`);
    throw new UsageError(`${path}: truncated, or no picture that can be decoded: ${said}`);
  }
}
