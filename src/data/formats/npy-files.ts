import { basename } from 'node:path';
import { UsageError } from '../../errors';
import { checkCount, pairArrays } from './arrays';
import { readNpyImages, readNpyLabels } from './npy';
import type { ReadOptions, ReadPart } from './part';

/** `.npy` files: one of images, with `labels` beside it or without; or several, told apart by their names as in a `.npz`. */
export async function readNpyFiles(path: string, files: readonly string[], options: ReadOptions): Promise<ReadPart[]> {
  const { labels } = options;
  const [first] = files;
  if (files.length === 1 && first !== undefined) {
    const read = readNpyImages(first, options);
    if (labels === undefined) return [read];
    return [{ ...read, labels: checkCount(readNpyLabels(labels), read.count, labels) }];
  }
  if (labels !== undefined)
    throw new UsageError(`${labels}: labels are asked for beside one .npy file; ${path} has ${files.length}`);
  const arrays = files.map((file) => ({
    name: basename(file, '.npy'),
    readImages: async () => readNpyImages(file, options),
    readLabels: async () => readNpyLabels(file),
  }));
  return pairArrays(arrays, path);
}
