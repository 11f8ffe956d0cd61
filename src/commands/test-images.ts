import { resolve } from 'node:path';
import { alignColumns } from '../data/align-columns';
import { type ImageSet, isOfRows, shapeOf } from '../data/dataset';
import { UsageError } from '../errors';
import { printable } from '../text-files';
import type { Manifest } from '../vae/checkpoint/manifest';
import { type DataFlags, dataFlagsOf, loadOptionsOf } from './data-options';
import type { CommandIo } from './io';
import { dataNameOf, loadTestImages, loadVaeData } from './vae-data';

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

/** Refuses images of as many pixels in other rows, columns or colours. Rows of numbers have no shape of their own. */
function checkShape(set: ImageSet, train: Manifest['data']['train']): void {
  const trained = { ...train, channels: train.channels ?? 1 };
  if (isOfRows(set) || isOfRows(trained) || shapeOf(set) === shapeOf(trained)) return;
  throw new UsageError(`--data: expected images of ${shapeOf(trained)}, as for the training, got ${shapeOf(set)}`);
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
  if (!isSame) return loadTestImages(name, typed, io, how);
  const { test, drawnBeside } = await loadVaeData(
    name,
    { ...how, ...(labels !== undefined && { labels }), ...typed },
    io,
  );
  if (drawnBeside && Object.keys(typed).length === 0 && !(await wereTrainedOn(drawnBeside, data, how.splitSeed ?? 1)))
    io.stderr.write(
      `gmm-vae: warning: ${printable(name)}: other images than at the training, or split otherwise: those to test on are drawn anew, and images of the training may be among them; name images kept apart with --data\n`,
    );
  return test;
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
