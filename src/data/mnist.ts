import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, UsageError } from '../errors';
import { nth } from '../nth';
import { cacheFolder, type Environment } from './cache-folder';
import type { DataSplit, LabelledImages } from './dataset';
import { parseIdx } from './idx';
import { checkContents, MNIST_FILES, type MnistFile } from './mnist-files';

/** Where to look for MNIST. A folder may hold the four IDX files, plain or gzipped, itself or in `mnist/`. */
export interface MnistLocation {
  /** Look here and nowhere else. */
  readonly folder?: string;
  /** Where `GMM_VAE_DATA` and `XDG_CACHE_HOME` are read from. Default: `process.env`. */
  readonly env?: Environment;
  /** The folder of `gmm-vae data mnist`, asked after `GMM_VAE_DATA`. Default: `mnist` in the user's cache folder. */
  readonly cacheDir?: string;
}

export type MnistPaths = Readonly<Record<MnistFile, string>>;

/**
 * Finds the four files without reading them: null when none of the places has any of them.
 *
 * @throws UsageError when a folder was named that does not exist, or when a place has some of the files only
 */
export async function findMnist(location: MnistLocation = {}): Promise<MnistPaths | null> {
  for (const { folder, named } of places(location)) {
    if (named && !(await isThere(folder, 'folder'))) throw new UsageError(`${named}: no such folder: ${folder}`);
    const paths = await findIn(folder);
    if (paths) return paths;
    if (location.folder) break;
  }
  return null;
}

/**
 * Reads MNIST (60,000 training and 10,000 test images, 28×28) from `folder`, else from `GMM_VAE_DATA`, else from the
 * download cache. Every file is compared with the published sums before anything is returned. Never downloads.
 *
 * @throws UsageError when the files are not there, incomplete, or not those of MNIST; names the file and both sums
 */
export async function loadMnist(location: MnistLocation = {}): Promise<DataSplit> {
  const paths = await findMnist(location);
  if (!paths) {
    const searched = places(location).map(({ folder }) => folder);
    throw new UsageError(
      `MNIST is not here (looked in ${searched.join(', ')}): run "gmm-vae data mnist", or name the folder of its four files in GMM_VAE_DATA`,
    );
  }
  const [train, test] = await Promise.all([
    readSet('MNIST train', paths, 'trainImages', 'trainLabels'),
    readSet('MNIST test', paths, 'testImages', 'testLabels'),
  ]);
  return { train, test };
}

/** Pairs images with labels. @throws InvalidArgumentError when their shapes or counts do not fit */
export function imageSet(name: string, images: Uint8Array, labels: Uint8Array): LabelledImages {
  const { shape, values } = parseIdx(images, `${name} images`, 3);
  const classes = parseIdx(labels, `${name} labels`, 1);
  const [count, height, width] = [nth(shape, 0), nth(shape, 1), nth(shape, 2)];
  if (classes.shape[0] !== count) {
    throw new InvalidArgumentError(
      `${name} labels`,
      `expected one for each of ${count} images, got ${classes.shape[0]}`,
    );
  }
  return { name, count, height, width, images: values, labels: classes.values };
}

async function readSet(name: string, paths: MnistPaths, images: MnistFile, labels: MnistFile): Promise<LabelledImages> {
  const [imageBytes, labelBytes] = await Promise.all([readChecked(paths, images), readChecked(paths, labels)]);
  return imageSet(name, imageBytes, labelBytes);
}

async function readChecked(paths: MnistPaths, file: MnistFile): Promise<Uint8Array> {
  const checked = await checkContents(await readFile(paths[file]), MNIST_FILES[file]);
  if ('bytes' in checked) return checked.bytes;
  throw new UsageError(
    `${paths[file]}: not MNIST's ${MNIST_FILES[file].name}: ${checked.problem}; delete it and run "gmm-vae data mnist"`,
  );
}

/** The folder of `gmm-vae data mnist`, unless the command names another. */
export function mnistCacheFolder(env: Environment): string {
  return join(cacheFolder(env), 'mnist');
}

function places({ folder, env = process.env, cacheDir }: MnistLocation): { folder: string; named: string | null }[] {
  if (folder) return [{ folder: resolve(folder), named: 'folder' }];
  const cache = { folder: cacheDir ? resolve(cacheDir) : mnistCacheFolder(env), named: null };
  return env.GMM_VAE_DATA ? [{ folder: resolve(env.GMM_VAE_DATA), named: 'GMM_VAE_DATA' }, cache] : [cache];
}

async function findIn(folder: string): Promise<MnistPaths | null> {
  for (const candidate of [folder, join(folder, 'mnist')]) {
    const found = new Map<MnistFile, string>();
    for (const [key, { name }] of Object.entries(MNIST_FILES) as [MnistFile, { name: string }][]) {
      for (const path of [join(candidate, name), join(candidate, `${name}.gz`)]) {
        if (!found.has(key) && (await isThere(path, 'file'))) found.set(key, path);
      }
    }
    if (found.size === Object.keys(MNIST_FILES).length) return Object.fromEntries(found) as Record<MnistFile, string>;
    if (found.size > 0) throw incomplete(candidate, found);
  }
  return null;
}

function incomplete(folder: string, found: ReadonlyMap<MnistFile, string>): UsageError {
  const missing = (Object.keys(MNIST_FILES) as MnistFile[]).filter((key) => !found.has(key));
  const named = missing.map((key) => `${MNIST_FILES[key].name}[.gz] (SHA-256 ${MNIST_FILES[key].sha256})`);
  return new UsageError(`${folder}: MNIST is incomplete, missing ${named.join(', ')}: run "gmm-vae data mnist"`);
}

async function isThere(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  try {
    const found = await stat(path);
    return kind === 'file' ? found.isFile() : found.isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
