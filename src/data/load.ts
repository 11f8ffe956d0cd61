import { basename, resolve } from 'node:path';
import { InvalidArgumentError, UsageError } from '../errors';
import { printable } from '../text-files';
import { type DataSource, type DataSplit, type ImageSet, shapeOf } from './dataset';
import { detect, type Format } from './detect';
import { type Part, type ReadOptions, withLabels } from './formats/part';
import { checkUses, fitting, READERS } from './readers';
import { drawTest } from './split';

export type { ReadOptions, Size } from './formats/part';

/**
 * How files are read as images: sizes, colours, labels and splits.
 *
 * @example
 * ```ts
 * import { loadImages, type LoadOptions, syntheticDigits, writePictures } from 'gmm-vae';
 *
 * const options: LoadOptions = { resize: { height: 14, width: 14 }, splitSeed: 2, testShare: 0.2 };
 * await writePictures(syntheticDigits({ train: 40, test: 10, seed: 1 }).train, 'small');
 * (await loadImages('small', options)).test.count; // 8
 * ```
 */
export interface LoadOptions extends ReadOptions {
  /** Seed that chooses the images held out for testing, where the files name none; refused where they name all parts. Default: 1. */
  readonly splitSeed?: number;
  /** The share of the images held out for testing, where the files name none; refused where they do. Default: 0.1. */
  readonly testShare?: number;
  readonly signal?: AbortSignal;
}

/**
 * Images that were read: for training, for testing and, where the files name such a part, for validation.
 *
 * @example
 * ```ts
 * import { type LoadedImages, loadImages, syntheticDigits, writePictures } from 'gmm-vae';
 *
 * await writePictures(syntheticDigits({ train: 40, test: 10, seed: 1 }).train, 'drawn');
 * const loaded: LoadedImages = await loadImages('drawn');
 * [loaded.train.count, loaded.test.count, loaded.split]; // [36, 4, 'seed']
 * ```
 */
export interface LoadedImages extends DataSplit<ImageSet> {
  /** Held out of training, where the files name such a part; else null. */
  readonly validation: ImageSet | null;
  readonly format: Format;
  /** `files`: named by the files. `seed`: drawn. */
  readonly split: 'files' | 'seed';
  /** What was seen and left alone, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads images, or the rows of a table, of any size: a pair of IDX files or a folder of them; `.npy` and `.npz` arrays (of any number type,
 * `[n, height, width]`, `[n, height, width, channels]` or `[n, columns]`; a large `.npy` stays on the disk); a folder of PNG, JPEG and
 * WebP pictures, with sub-folders for classes; CSV and Parquet tables. Training and test images are those that the files name (`train` and
 * `test` in names of files, arrays and folders); else a share is drawn by `splitSeed`.
 *
 * @throws UsageError or InvalidArgumentError, one line with file and place, on anything that is truncated, not finite, of several sizes or
 *   too large, before it takes the memory; the signal's reason when it is aborted
 *
 * @example
 * ```ts
 * import { loadImages, syntheticDigits, writePictures } from 'gmm-vae';
 *
 * await writePictures(syntheticDigits({ train: 40, test: 10, seed: 1 }).train, 'pictures');
 * const { train, test } = await loadImages('pictures', { splitSeed: 1 });
 * train.classes; // ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
 * [train.height, train.width, test.count]; // [28, 28, 4]
 * ```
 */
export async function loadImages(path: string, options: LoadOptions = {}): Promise<LoadedImages> {
  const { format, parts, notes } = await readParts(path, options);
  const validation = parts.get('validation') ?? null;
  const test = (parts.has('train') || parts.has(null) ? parts.get('test') : null) ?? null;
  if (validation && !test && parts.has('test'))
    throw new UsageError(`${path}: validation and test images, but none to train on`);
  const train = trainingPart(parts);
  if (!train) throw new UsageError(`${path}: 0 images to train on`);
  for (const set of [test, validation]) if (set) checkSameShape(train, set, path);
  const common = { format, notes, validation: validation && titled(validation, path, 'validation') };
  if (test)
    refuseSplit(path, options, validation ? ['testShare', 'splitSeed'] : ['testShare'], 'its files name the parts');
  if (test) return { ...common, train: titled(train, path, 'train'), test: titled(test, path, 'test'), split: 'files' };
  if (train.count < 2) throw new UsageError(`${path}: one image, too few to hold some out for testing`);
  const drawn = drawTest(train, options);
  return { ...common, train: titled(drawn.rest, path, 'train'), test: titled(drawn.held, path, 'test'), split: 'seed' };
}

/**
 * The images of a path that are for testing: those that its files name, else every one. The same errors as `loadImages`.
 *
 * @param usual options of other files, which hold where the format has them and nothing else is said
 */
export async function loadAllImages(
  path: string,
  options: LoadOptions = {},
  usual: LoadOptions = {},
): Promise<ImageSet> {
  refuseSplit(path, options, ['testShare', 'splitSeed'], 'its images are all for testing, or named so');
  const { parts } = await readParts(path, options, usual);
  const set = parts.get('test') ?? trainingPart(parts);
  if (!set) throw new UsageError(`${path}: 0 images`);
  return titled(set, path, 'test');
}

/** @throws InvalidArgumentError on an option of a split that nothing is split by */
function refuseSplit(
  path: string,
  options: LoadOptions,
  idle: readonly ('testShare' | 'splitSeed')[],
  why: string,
): void {
  const given = idle.find((name) => options[name] !== undefined);
  if (given !== undefined) throw new InvalidArgumentError(given, `expected none for ${path}: ${why}`);
}

function trainingPart(parts: ReadonlyMap<Part | null, ImageSet>): ImageSet | undefined {
  return parts.get('train') ?? parts.get(null) ?? parts.get('test');
}

function titled(set: ImageSet, path: string, part: Part): ImageSet {
  return { ...set, name: `${basename(path)} ${part}` };
}

interface ReadParts {
  readonly format: Format;
  readonly parts: ReadonlyMap<Part | null, ImageSet>;
  readonly notes: readonly string[];
}

/** Looks at names alone. @throws UsageError where there is nothing to read, or not in this way */
export async function checkFormat(path: string, options: LoadOptions): Promise<void> {
  const { format } = await detect(path);
  checkUses(path, format, options);
}

/** All that the files have, part by part. */
async function readParts(path: string, said: LoadOptions, usual: LoadOptions = {}): Promise<ReadParts> {
  const { format, files } = await detect(path);
  checkUses(path, format, said);
  const options = { ...fitting(format, usual), ...said };
  const read = withLabels(await inOneLine(() => READERS[format]({ path, files }, options)));
  checkNames(path, read);
  const source = { path: resolve(path), options: plain(options) };
  return {
    format,
    parts: new Map(read.map(({ part, set }) => [part, { ...set, source }])),
    notes: read.flatMap((part) => part.notes),
  };
}

/** What has no part in its name would be left aside beside images for training that have one. */
function checkNames(path: string, parts: readonly { readonly part: Part | null; readonly set: ImageSet }[]): void {
  const other = parts.find(({ part }) => part === null);
  const train = parts.find(({ part }) => part === 'train');
  if (!other || !train) return;
  const [name, beside] = [printable(other.set.name), printable(train.set.name)];
  throw new UsageError(
    `${path}: ${name} beside ${beside}: its name does not say what it is for: put train, validation or test into it, or move it away`,
  );
}

/** Errors quote what stands in files, which may be line ends and the controls of a terminal. */
async function inOneLine<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(printable(error.message), { cause: error });
  }
}

/** What is to be kept of the options: all that changes what is read. */
function plain({
  signal: _signal,
  largestInMemory: _largest,
  patience: _patience,
  ...rest
}: LoadOptions): DataSource['options'] {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}

function checkSameShape(train: ImageSet, other: ImageSet, path: string): void {
  if (shapeOf(train) === shapeOf(other)) return;
  throw new UsageError(`${path}: images of ${shapeOf(train)} to train on, of ${shapeOf(other)} beside them`);
}
