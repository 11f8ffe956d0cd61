import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { DataSource, ImageSet } from '../data/dataset';
import type { LoadOptions } from '../data/load';
import { UsageError } from '../errors';
import { printable } from '../text-files';
import { SPLIT } from '../vae/comparison/protocol';
import { type DataFlags, loadOptionsOf, refuseDataOptions } from './data-options';
import type { CommandIo } from './io';
import { positiveInteger } from './numbers';

const DATA_SETS = ['mnist', 'synthetic'] as const;
export type DataName = (typeof DATA_SETS)[number];

export interface VaeData {
  readonly train: ImageSet;
  /** Held out of the training images. */
  readonly validation: ImageSet;
  readonly test: ImageSet;
  /** All that are not for testing, where those for testing are drawn of the same files and not named by them. */
  readonly drawnBeside?: ImageSet;
  /** What was seen in files and left alone, in sentences. */
  readonly notes?: readonly string[];
}

/** Prints what was noted of the files. */
export function tellNotes({ notes = [] }: VaeData, io: CommandIo): void {
  for (const note of notes) io.stderr.write(`gmm-vae: note: ${printable(note)}\n`);
}

/** Numbers of images as typed; those left out depend on the data set. */
export interface Sizes {
  readonly trainImages?: number;
  readonly validationImages?: number;
}

/** The options of every command that trains: which images, and how many. */
export function addTrainingImages(command: Command, heldOut: string): Command {
  return command
    .option('--data <name|path>', 'the images: mnist, synthetic or files of your own', dataArgument, 'mnist')
    .option('--train-images <n>', 'images to train on', positiveInteger('--train-images'))
    .option('--validation-images <n>', heldOut, positiveInteger('--validation-images'));
}

/** The published split of MNIST (Tomczak and Welling, 2018); a tenth of it for synthetic digits. */
const DEFAULT_SIZES: { readonly [D in DataName]: { readonly train: number; readonly validation: number } } = {
  mnist: SPLIT,
  synthetic: { train: 5000, validation: 1000 },
};

/** The value of `--data`. The empty one would be the present folder. */
export function dataArgument(text: string): string {
  if (text.trim() !== '') return text;
  throw new UsageError(`--data: expected ${DATA_SETS.join(', ')} or a path, got '${text}'`);
}

/** Whether images are called by a name, and not by their path. */
export function isName(data: string): data is DataName {
  return (DATA_SETS as readonly string[]).includes(data);
}

/** What a kept model's data were called on the command line; null where they were made in code. */
export function dataNameOf({ name, source }: { name: string; source?: DataSource | undefined }): string | null {
  if (source) return source.path;
  if (name.startsWith('MNIST')) return 'mnist';
  return name.startsWith('synthetic') ? 'synthetic' : null;
}

/** The synthetic test images: a stream of their own, so that no other size changes them. */
const SYNTHETIC_TEST = 2000;
const SYNTHETIC_SEED = 1;
/** Just below a gigabyte. */
const MOST_SYNTHETIC = 1_000_000;

/** The training images, those held out of them, and the test images. */
export async function loadVaeData(data: string, flags: Sizes & DataFlags, io: CommandIo): Promise<VaeData> {
  if (!isName(data)) return ownData(resolve(io.cwd, data), flags, io);
  checkDataOptions(data, flags);
  return namedData(data, flags, io);
}

/** The first `train` training images, the last `validation` of what remains held out, and the test images. */
async function namedData(name: DataName, flags: Sizes, io: CommandIo): Promise<VaeData> {
  const train = flags.trainImages ?? DEFAULT_SIZES[name].train;
  const validation = flags.validationImages ?? DEFAULT_SIZES[name].validation;
  if (name === 'synthetic' && train + validation > MOST_SYNTHETIC) {
    const asked = `${train} + ${validation}`;
    throw new UsageError(`--train-images and --validation-images: at most ${MOST_SYNTHETIC} are drawn, got ${asked}`);
  }
  const { takeImages } = await import('../data/dataset.js');
  const split = await LOADERS[name]({ train, validation }, io);
  checkFit(train, validation, split);
  return {
    get train() {
      return takeImages(split.train, train);
    },
    get validation() {
      return takeImages(split.train, validation, split.count - validation);
    },
    get test() {
      return split.test;
    },
  };
}

function checkFit(train: number, validation: number, { count, name }: Pick<ImageSet, 'count' | 'name'>): void {
  if (train + validation <= count) return;
  throw new UsageError(
    `--train-images and --validation-images: ${train} + ${validation} is more than the ${count} images of ${name}`,
  );
}

interface NamedSet {
  readonly name: string;
  /** How many training images there are, those held out among them. */
  readonly count: number;
  readonly train: ImageSet;
  readonly test: ImageSet;
}

const LOADERS: {
  readonly [D in DataName]: (sizes: { train: number; validation: number }, io: CommandIo) => Promise<NamedSet>;
} = {
  mnist: async (_sizes, io) => {
    const { loadMnist } = await import('../data/mnist.js');
    const { train, test } = await loadMnist({ env: io.env });
    return { name: train.name, count: train.count, train, test };
  },
  synthetic: async ({ train, validation }) => {
    const { drawDigits } = await import('../data/glyphs.js');
    const count = train + validation;
    const drawn: { train?: ImageSet; test?: ImageSet } = {};
    // Each is drawn when it is asked for: scoring has no use for training images, nor a training for those of the test.
    return {
      name: 'synthetic digits train',
      count,
      get train() {
        drawn.train ??= drawDigits('train', count, SYNTHETIC_SEED);
        return drawn.train;
      },
      get test() {
        drawn.test ??= drawDigits('test', SYNTHETIC_TEST, SYNTHETIC_SEED);
        return drawn.test;
      },
    };
  },
};

/** Refuses options that a named data set has no use for. */
export function checkDataOptions(data: string, flags: DataFlags): void {
  if (isName(data)) refuseDataOptions(flags, data);
}

/** Refuses a path that is not there, without reading an image. */
export function checkThere(data: string, io: Pick<CommandIo, 'cwd'>): void {
  if (!isName(data)) requirePath(resolve(io.cwd, data));
}

/** The most images held out of a training by default: a tenth, and no more than of MNIST. */
const MOST_HELD_OUT = SPLIT.validation;

/** Held-out images are those that the files name, or a tenth of the training images, drawn by the seed of the split. */
async function ownData(path: string, flags: Sizes & DataFlags, io: CommandIo): Promise<VaeData> {
  requirePath(path);
  const [{ loadImages }, { holdOut }, { takeImages }] = await Promise.all([
    import('../data/load.js'),
    import('../data/split.js'),
    import('../data/dataset.js'),
  ]);
  const options = resolved(loadOptionsOf(flags), io);
  const loaded = await loadImages(path, { ...options, signal: io.signal });
  const { train: all, validation: named, test, notes, split } = loaded;
  const drawn = split === 'seed' && !named ? { drawnBeside: all } : {};
  const { trainImages, validationImages } = flags;
  if (named) {
    const train = trainImages ?? all.count;
    checkFit(train, 0, all);
    if ((validationImages ?? 0) > named.count) checkFit(0, validationImages as number, named);
    return {
      train: takeImages(all, train),
      validation: takeImages(named, validationImages ?? named.count),
      test,
      notes,
    };
  }
  const validation = validationImages ?? Math.min(Math.max(1, Math.round(all.count / 10)), MOST_HELD_OUT);
  checkFit(trainImages ?? 1, validation, all);
  const { rest, held } = holdOut(all, validation, options.splitSeed ?? 1, 'validation');
  return { train: takeImages(rest, trainImages ?? rest.count), validation: held, test, notes, ...drawn };
}

/**
 * All images of a path that are to be tested on: those that its files name, else every one.
 *
 * @param usual how other files were read
 */
export async function loadTestImages(
  data: string,
  flags: DataFlags,
  io: CommandIo,
  usual: DataFlags = {},
): Promise<ImageSet> {
  if (isName(data)) return (await loadVaeData(data, flags, io)).test;
  const path = resolve(io.cwd, data);
  requirePath(path);
  const { loadAllImages } = await import('../data/load.js');
  return loadAllImages(path, { ...resolved(loadOptionsOf(flags), io), signal: io.signal }, loadOptionsOf(usual));
}

function requirePath(path: string): void {
  if (existsSync(path)) return;
  throw new UsageError(`--data: expected ${DATA_SETS.join(', ')} or a path of your own; there is no ${path}`);
}

/** The labels' file by its whole path: kept, it is read again from another folder. */
function resolved(options: LoadOptions, io: CommandIo): LoadOptions {
  return options.labels === undefined ? options : { ...options, labels: resolve(io.cwd, options.labels) };
}
