import { resolve } from 'node:path';
import { alignColumns } from '../data/align-columns';
import { type ImageSet, isOfRows, shapeOf } from '../data/dataset';
import { UsageError } from '../errors';
import { printable } from '../text-files';
import type { Manifest } from '../vae/checkpoint/manifest';
import { type DataFlags, dataFlagsOf, loadOptionsOf } from './data-options';
import type { CommandIo } from './io';
import { dataNameOf, isName, loadTestImages, loadVaeData } from './vae-data';

/**
 * The test images for a kept model: those beside its training images, or all of another path. Files are read as they were for the
 * training, but for what is typed. Columns and categories of a table are brought to the places that they had in the training.
 *
 * @throws UsageError when it was trained on images made in code, and nothing is typed; on images of another shape, and on a table of other columns or
 *   categories
 */
export async function testImagesOf(
  manifest: Pick<Manifest, 'data'>,
  flags: DataFlags & { readonly data?: string },
  io: CommandIo,
): Promise<ImageSet> {
  const set = await imagesOf(manifest, flags, io);
  const { train } = manifest.data;
  if (!train.columns) checkShape(set, train);
  return train.columns ? alignColumns(set, train.columns) : set;
}

type Trained = Manifest['data']['train'];

const shaped = ({ height, width, channels = 1 }: Trained) => ({ height, width, channels });

/** Whether images may be of the training's shape. Rows of numbers have none of their own. */
function isAsTrained(set: ImageSet, train: Trained): boolean {
  const trained = shaped(train);
  return isOfRows(set) || isOfRows(trained) || shapeOf(set) === shapeOf(trained);
}

/** Refuses images of as many pixels in other rows, columns or colours. */
function checkShape(set: ImageSet, train: Trained): void {
  if (isAsTrained(set, train)) return;
  throw new UsageError(
    `--data: expected images of ${shapeOf(shaped(train))}, as for the training, got ${shapeOf(set)}`,
  );
}

async function imagesOf(
  { data }: Pick<Manifest, 'data'>,
  flags: DataFlags & { readonly data?: string },
  io: CommandIo,
): Promise<ImageSet> {
  const { train } = data;
  const trainedOn = dataNameOf(train);
  const name = flags.data ?? trainedOn;
  if (!name) throw new UsageError(`--data: trained on ${train.name}; say whose test images to take`);
  const typed = loadOptionsOf(flags) as DataFlags;
  if (!train.source) return loadTestImages(name, typed, io);
  const isSame = flags.data === undefined || resolve(io.cwd, flags.data) === train.source.path;
  const { labels, ...how } = dataFlagsOf(train.source);
  if (!isSame) {
    const set = await loadTestImages(name, typed, io, how);
    if (!isName(name) && (await holdsTraining(set, data, how)))
      warn(`${name}: the images of the training, all of them: those to test on and those trained on`, io);
    return set;
  }
  const { test, drawnBeside } = await loadVaeData(
    name,
    { ...how, ...(labels !== undefined && { labels }), ...typed },
    io,
  );
  if (drawnBeside && Object.keys(typed).length === 0 && !(await wereTrainedOn(drawnBeside, data, how.splitSeed ?? 1)))
    warn(
      `${name}: other images than at the training, or split otherwise: those to test on are drawn anew, and images of the training may be among them`,
      io,
    );
  return test;
}

function warn(problem: string, io: CommandIo): void {
  io.stderr.write(`gmm-vae: warning: ${printable(problem)}; name images kept apart with --data\n`);
}

/** Whether files at another place are those of the training. */
async function holdsTraining(set: ImageSet, data: Manifest['data'], how: DataFlags): Promise<boolean> {
  if (set.count <= data.train.count || !isAsTrained(set, data.train)) return false;
  const { drawTest } = await import('../data/split.js');
  return wereTrainedOn(drawTest(set, how).rest, data, how.splitSeed ?? 1);
}

/** Whether a training had its images from these by the split that the commands make. */
async function wereTrainedOn(
  all: ImageSet,
  { train, validation }: Manifest['data'],
  splitSeed: number,
): Promise<boolean> {
  const [{ holdOut }, { takeImages }, { digestOf }] = await Promise.all([
    import('../data/split.js'),
    import('../data/dataset.js'),
    import('../data/rows.js'),
  ]);
  const held = validation?.count ?? 0;
  if (train.count + held > all.count) return false;
  const rest = held === 0 ? all : holdOut(all, held, splitSeed, 'validation').rest;
  return digestOf(takeImages(rest, train.count)) === train.sha256;
}
