import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ImageSet } from '../../data/dataset';
import { UsageError } from '../../errors';
import { nth } from '../../nth';
import type { LoadedCheckpoint } from '../../vae/load';
import { addDataOptions, DATA_HELP, type DataFlags } from '../data-options';
import type { CommandIo } from '../io';
import { addKeptModel, addTestData, type KeptModelFlags, loadKept } from '../kept-model';
import { integer, positiveInteger } from '../numbers';
import { testImagesOf } from '../test-images';
import { folderPath } from '../vae-options';
import { CODE_ENDINGS, writeCodes } from './codes';
import { checkOutput, isPicture, PICTURE_ENDINGS, type Pictures, writePictures } from './outputs';

interface Flags extends DataFlags, KeptModelFlags {
  readonly output: string;
  readonly data?: string;
  readonly count: number;
  readonly seed: number;
  readonly component?: number;
  readonly from: number;
  readonly to: number;
  readonly steps: number;
  readonly limit?: number;
}

type Action = (loaded: LoadedCheckpoint, flags: Flags, io: CommandIo) => Promise<void>;

/** What `gmm-vae sample`, `reconstruct`, `encode`, `interpolate` and `export` have in common: they use a kept model. */
function addUse(command: Command, io: CommandIo, endings: readonly string[] | null, action: Action): Command {
  return addKeptModel(command)
    .requiredOption(
      `--output <${endings ? 'file' : 'folder'}>`,
      endings ? `a file that ends in ${endings.join(', ')}` : 'a folder',
      folderPath('--output'),
    )
    .action(async (flags: Flags) => {
      if (endings) checkOutput(flags.output, endings, io);
      await withModel(flags, io, action);
    });
}

const withImages = (command: Command): Command => addTestData(addDataOptions(command)).addHelpText('after', DATA_HELP);

export function registerSample(command: Command, io: CommandIo): void {
  addUse(command, io, PICTURE_ENDINGS, sample)
    .option('--component <k>', 'draw from this component only, counted from 0', integer('--component'))
    .option('--count <n>', 'images', positiveInteger('--count'), 64)
    .option('--seed <S>', 'seed of the draws', integer('--seed'), 1);
}

export function registerReconstruct(command: Command, io: CommandIo): void {
  withImages(addUse(command, io, PICTURE_ENDINGS, reconstruct)).option(
    '--count <n>',
    'images; .npy has them all, then what the model makes of each',
    positiveInteger('--count'),
    16,
  );
}

export function registerEncode(command: Command, io: CommandIo): void {
  withImages(addUse(command, io, CODE_ENDINGS, encode)).option(
    '--limit <N>',
    'the first N images only',
    positiveInteger('--limit'),
  );
}

export function registerInterpolate(command: Command, io: CommandIo): void {
  withImages(addUse(command, io, PICTURE_ENDINGS, interpolate))
    .option('--from <i>', 'the first image, counted from 0', integer('--from'), 0)
    .option('--to <i>', 'the last image', integer('--to'), 1)
    .option('--steps <n>', 'images, both ends included', positiveInteger('--steps'), 10);
}

export function registerExport(command: Command, io: CommandIo): void {
  addUse(command, io, null, exportFolder);
}

async function withModel(flags: Flags, io: CommandIo, action: Action): Promise<void> {
  const loaded = await loadKept(flags, io);
  try {
    await action(loaded, flags, io);
  } catch (error) {
    if (!io.signal.aborted) throw error;
    io.stderr.write('gmm-vae: interrupted\n');
    io.exit(130);
  } finally {
    loaded.model.dispose();
  }
}

const sample: Action = async ({ model, manifest }, { output, count, seed, component }, io) => {
  const { samplePrior } = await import('../../vae/inference.js');
  const { images } = samplePrior(model, { count, seed, ...(component !== undefined && { component }) });
  const columns = Math.ceil(Math.sqrt(count));
  const of = component === undefined ? 'the prior' : `component ${component}`;
  await writePictures(output, { images, count, columns, alt: `${count} draws from ${of}` }, manifest, io);
};

const reconstruct: Action = async ({ model, manifest }, flags, io) => {
  const [{ decode }, { encodeSet }, { intensities }, { takeImages }] = await Promise.all([
    import('../../vae/inference.js'),
    import('../../vae/encode-set.js'),
    import('../../data/intensities.js'),
    import('../../data/dataset.js'),
  ]);
  const all = await testImagesOf(manifest, flags, io);
  const some = takeImages(all, Math.min(flags.count, all.count));
  const made = decode(model, (await encodeSet(model, some, { signal: io.signal })).means);
  const arrange = isPicture(flags.output) ? inPairs : inTurn;
  const arranged = arrange(intensities(some), made, some.count, model.pixels);
  const alt = `${some.count} images of ${all.name}, and below each what the model makes of it`;
  await writePictures(flags.output, { ...arranged, alt }, manifest, io);
};

type Arranged = Omit<Pictures, 'alt'>;

/** All originals, then all that was made of them: numbers that are computed with, where nothing fills up a row. */
function inTurn(originals: Float32Array, made: Float32Array, n: number, size: number): Arranged {
  const images = new Float32Array(2 * n * size);
  images.set(originals);
  images.set(made, n * size);
  return { images, count: 2 * n, columns: n };
}

/** Rows of originals, each above a row of what was made of them. What the last row lacks is black. */
function inPairs(originals: Float32Array, made: Float32Array, n: number, size: number): Arranged {
  const columns = Math.min(n, 8);
  const rows = Math.ceil(n / columns);
  const images = new Float32Array(2 * rows * columns * size);
  for (let i = 0; i < n; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    [originals, made].forEach((values, below) => {
      images.set(values.subarray(i * size, (i + 1) * size), ((2 * row + below) * columns + column) * size);
    });
  }
  return { images, count: 2 * rows * columns, columns };
}

const encode: Action = async ({ model, manifest }, flags, io) => {
  const [{ encodeSet }, { takeImages }] = await Promise.all([
    import('../../vae/encode-set.js'),
    import('../../data/dataset.js'),
  ]);
  const all = await testImagesOf(manifest, flags, io);
  const set = takeImages(all, Math.min(flags.limit ?? all.count, all.count));
  const encodings = await encodeSet(model, set, { signal: io.signal });
  await writeCodes(resolve(io.cwd, flags.output), { model, set, encodings });
  io.stdout.write(`${resolve(io.cwd, flags.output)}\n`);
};

const interpolate: Action = async ({ model, manifest }, flags, io) => {
  const [{ decode, MOST_NUMBERS }, { encodeSet }, { takeImages }, { checkElements }] = await Promise.all([
    import('../../vae/inference.js'),
    import('../../vae/encode-set.js'),
    import('../../data/dataset.js'),
    import('../../vae/networks.js'),
  ]);
  const set = await testImagesOf(manifest, flags, io);
  const code = async (option: '--from' | '--to', index: number): Promise<Float32Array> => {
    checkIndex(option, index, set);
    return (await encodeSet(model, takeImages(set, 1, index), { signal: io.signal })).means;
  };
  const { steps, from, to } = flags;
  if (steps < 2) throw new UsageError(`--steps: expected at least 2, both ends, got ${steps}`);
  checkElements('steps', [steps, Math.max(model.pixels, model.latent)], MOST_NUMBERS);
  const [start, end] = [await code('--from', flags.from), await code('--to', flags.to)];
  const latents = Float32Array.from({ length: steps * model.latent }, (_, at) => {
    const [step, j] = [Math.floor(at / model.latent), at % model.latent];
    const share = step / (steps - 1);
    return (1 - share) * nth(start, j) + share * nth(end, j);
  });
  const alt = `from image ${from} to image ${to} of ${set.name} in ${steps} steps`;
  await writePictures(
    flags.output,
    { images: decode(model, latents), count: steps, columns: steps, alt },
    manifest,
    io,
  );
};

function checkIndex(option: string, index: number, { count, name }: ImageSet): void {
  if (index >= 0 && index < count) return;
  throw new UsageError(`${option}: expected 0 to ${count - 1}, an image of ${name}, got ${index}`);
}

const exportFolder: Action = async ({ model, manifest }, { output }, io) => {
  const { writeHubFolder } = await import('../../vae/hub-folder.js');
  const folder = resolve(io.cwd, output);
  const names = await writeHubFolder(folder, model, manifest);
  io.stdout.write(`${folder}: ${names.join(', ')}\n`);
  if (!names.includes('README.md'))
    io.stderr.write('gmm-vae: note: README.md was edited and is kept; without it, the next export writes one anew\n');
};
