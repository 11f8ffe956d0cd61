import type { Command } from 'commander';
import type { DataSource } from '../data/dataset';
import type { LoadOptions } from '../data/load';
import { UsageError } from '../errors';
import { integer, numberFrom } from './numbers';
import { folderPath } from './vae-options';

/** How images are read from files, as parsed; what is not typed is absent. */
export interface DataFlags {
  readonly resize?: Size;
  readonly crop?: Size;
  readonly grey?: boolean;
  readonly labelColumn?: string;
  readonly categorical?: readonly string[];
  readonly shape?: readonly number[];
  readonly white?: number;
  readonly labels?: string;
  readonly splitSeed?: number;
  readonly testShare?: number;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

export const DATA_HELP = `
--data takes mnist, synthetic, or a path of your own: IDX files (…images-idx3-ubyte, .gz or not) or a folder of them, .npy, .npz, a folder
of PNG, JPEG and WebP pictures with sub-folders for classes, .csv, .tsv or .parquet. Names with train, validation and test are taken at
their word; else a tenth is held out for testing by --split-seed. "gmm-vae data PATH" shows what is read.`;

/** The options of every command that reads files of images. */
export function addDataOptions(command: Command): Command {
  return command
    .option('--resize <HxW>', 'pictures: scale to this size', size('--resize'))
    .option('--crop <HxW>', 'pictures: cut this size out of the middle first', size('--crop'))
    .option('--grey', 'pictures: one channel')
    .option('--label-column <name>', 'tables: the column of the classes')
    .option('--categorical <names>', 'tables: columns of categories, one number per category', names('--categorical'))
    .option('--shape <HxW[xC]>', 'arrays and tables: each row is a picture of this shape', shape)
    .option('--white <x>', 'the number that is white', numberFrom('--white', 'above zero'))
    .option('--labels <file>', 'an .npy file of the labels of an .npy file', folderPath('--labels'))
    .option('--split-seed <S>', 'which images are held out for testing (default: 1)', integer('--split-seed'))
    .option('--test-share <x>', 'share held out for testing, where files do not say (default: 0.1)', share);
}

export const DATA_OPTION_NAMES = [
  'resize',
  'crop',
  'grey',
  'labelColumn',
  'categorical',
  'shape',
  'white',
  'labels',
  'splitSeed',
  'testShare',
] as const;

/** What was typed, as options of `loadImages`. */
export function loadOptionsOf(flags: DataFlags): LoadOptions {
  return Object.fromEntries(
    DATA_OPTION_NAMES.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]),
  );
}

/** What a kept set was read with, as flags. */
export function dataFlagsOf({ options }: DataSource): DataFlags {
  return loadOptionsOf(options as DataFlags) as DataFlags;
}

const inPixels = ({ height, width }: Size): string => `${height}x${width}`;

/** How a value is typed, where that is not what its text would be. */
const TYPED: { readonly [N in keyof DataFlags]?: (value: NonNullable<DataFlags[N]>) => string } = {
  resize: inPixels,
  crop: inPixels,
  shape: (sizes) => sizes.join('x'),
  categorical: (columns) => columns.join(','),
};

/** What was typed, as it was typed: by the names of the flags, without dashes. */
export function typedDataOptions(flags: DataFlags): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    Object.entries(loadOptionsOf(flags)).map(([name, value]) => [
      flagOf(name),
      (TYPED[name as keyof DataFlags] as ((value: unknown) => string) | undefined)?.(value) ?? value,
    ]),
  );
}

/** A flag without its dashes, by the name that commander gives its value. */
export const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** @throws UsageError where an option was typed that the data set has no use for */
export function refuseDataOptions(flags: DataFlags, name: string): void {
  const [typed] = Object.keys(loadOptionsOf(flags));
  if (typed === undefined) return;
  throw new UsageError(`--${flagOf(typed)}: ${name} is read as it is; the option is for files of your own`);
}

function shape(text: string): number[] {
  const sizes = /^\d+(x\d+){1,2}$/i.test(text) ? text.toLowerCase().split('x').map(Number) : [];
  if (sizes.length > 0 && sizes.every((n) => n >= 1 && n <= 65_536)) return sizes;
  throw new UsageError(`--shape: expected height x width, as in 28x28 or 32x32x3, got '${text}'`);
}

function size(option: string): (text: string) => Size {
  return (text) => {
    const [height = 0, width = height] = /^\d+(x\d+)?$/i.test(text) ? text.toLowerCase().split('x').map(Number) : [];
    if (height >= 1 && width >= 1 && height <= 8192 && width <= 8192) return { height, width };
    throw new UsageError(
      `${option}: expected height x width in pixels, as in 32x32 (or 32 for a square), got '${text}'`,
    );
  };
}

function names(option: string): (text: string) => string[] {
  return (text) => {
    const parts = text.split(',').map((name) => name.trim());
    if (parts.every((name) => name !== '')) return parts;
    throw new UsageError(`${option}: expected names of columns, separated by commas, got '${text}'`);
  };
}

function share(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value > 0 && value < 1) return value;
  throw new UsageError(`--test-share: expected a number between 0 and 1, got '${text}'`);
}
