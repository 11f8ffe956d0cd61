import { InvalidArgumentError, UsageError } from '../errors';
import type { Format } from './detect';
import { type ReadOptions, type ReadPart, toWhite } from './formats/part';

/** Files of one data set, all of one format. */
interface Files {
  /** The folder, or the file. */
  readonly path: string;
  readonly files: readonly string[];
}

type Reading = ReadOptions & { readonly signal?: AbortSignal };

/** Each format's reader, loaded when it is needed. */
export const READERS: { readonly [F in Format]: (files: Files, options: Reading) => Promise<readonly ReadPart[]> } = {
  idx: async ({ files }, options) =>
    whitened(await (await import('./formats/idx-files.js')).readIdxFiles(files), options.white),
  npy: async ({ path, files }, options) => (await import('./formats/npy-files.js')).readNpyFiles(path, files, options),
  npz: async ({ files }, options) => (await import('./formats/npz.js')).readNpz(one(files), options),
  pictures: async ({ path, files }, options) =>
    whitened(
      await (await import('./formats/pictures.js')).readPictures(path, files, options, options.signal),
      options.white,
    ),
  csv: async ({ files }, options) => (await import('./formats/csv.js')).readCsv(files, options, options.signal),
  parquet: async ({ files }, options) =>
    (await import('./formats/parquet.js')).readParquet(files, options, options.signal),
};

const TABLE = ['labelColumn', 'categorical', 'shape', 'white'] as const;

/** The options that each format has a use for. */
const USES: { readonly [F in Format]: readonly (keyof ReadOptions)[] } = {
  idx: ['white'],
  npy: ['shape', 'white', 'labels'],
  npz: ['shape', 'white'],
  pictures: ['crop', 'resize', 'grey', 'white'],
  csv: TABLE,
  parquet: TABLE,
};
const READ_OPTIONS = [...new Set(Object.values(USES).flat())];

/** @throws InvalidArgumentError on an option that would be left aside */
export function checkUses(path: string, format: Format, options: ReadOptions): void {
  const idle = READ_OPTIONS.find((name) => options[name] !== undefined && !USES[format].includes(name));
  if (idle === undefined) return;
  const having = (Object.keys(USES) as Format[]).filter((other) => USES[other].includes(idle)).join(', ');
  throw new InvalidArgumentError(idle, `expected none for ${path} (${format}): it is for ${having}`);
}

/** Without what the format has no use for. */
export function fitting(format: Format, options: ReadOptions): ReadOptions {
  const idle = READ_OPTIONS.filter((name) => !USES[format].includes(name));
  return Object.fromEntries(Object.entries(options).filter(([name]) => !(idle as readonly string[]).includes(name)));
}

/** Bytes of the reader with the one that stands for white at 255. */
function whitened(parts: readonly ReadPart[], white: number | undefined): ReadPart[] {
  return parts.map((part) => ({ ...part, images: toWhite(part.images as Uint8Array, white, part.name) }));
}

function one(files: readonly string[]): string {
  const [file, ...more] = files;
  if (file === undefined || more.length > 0) throw new UsageError(`${more[0]}: more than one .npz file: name one`);
  return file;
}
