import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { UsageError } from '../errors';

export type Format = 'idx' | 'npy' | 'npz' | 'pictures' | 'csv' | 'parquet';

/** @throws UsageError when there is nothing, or nothing that can be read */
export async function detect(path: string): Promise<{ format: Format; files: string[] }> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `${path}: ${error.code === 'ENOENT' ? 'no such file or folder' : `cannot be read (${error.code})`}`,
    );
  });
  if (found.isFile()) return ofFile(path);
  if (!found.isDirectory()) throw new UsageError(`${path}: neither a file nor a folder`);
  return ofFolder(path);
}

const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.npy': 'npy',
  '.npz': 'npz',
  '.csv': 'csv',
  '.tsv': 'csv',
  '.parquet': 'parquet',
};

const formatOf = (name: string): Format | undefined => EXTENSIONS[extname(name).toLowerCase()];

async function ofFile(path: string): Promise<{ format: Format; files: string[] }> {
  const { idxFamily, isIdxImages } = await import('./formats/idx-files.js');
  if (isIdxImages(basename(path))) return { format: 'idx', files: idxFamily(path, await readdir(join(path, '..'))) };
  const format = formatOf(path);
  if (format) return { format, files: [path] };
  const known = Object.keys(EXTENSIONS).join(', ');
  throw new UsageError(
    `${path}: expected a folder, a file of IDX images (…images-idx3-ubyte, plain or .gz), or one of ${known}`,
  );
}

/** A folder's own files say what it is; pictures may lie in sub-folders. */
async function ofFolder(path: string): Promise<{ format: Format; files: string[] }> {
  const [{ isIdxImages }, { filesBelow, kindOf }] = await Promise.all([
    import('./formats/idx-files.js'),
    import('./formats/walk.js'),
  ]);
  const names: string[] = [];
  for (const name of (await readdir(path)).sort()) {
    const isData = isIdxImages(name) || formatOf(name) !== undefined;
    // A folder or a pipe may have such a name, too.
    if (!name.startsWith('.') && isData && (await kindOf(join(path, name))) === 'file') names.push(name);
  }
  const idx = names.filter(isIdxImages);
  if (idx.length > 0) return { format: 'idx', files: idx.map((name) => join(path, name)) };
  const formats = new Set(names.map(formatOf).filter((format) => format !== undefined));
  if (formats.size > 1)
    throw new UsageError(`${path}: files of several formats (${[...formats].join(', ')}): name one`);
  const [format] = formats;
  const { isPicture } = await import('./formats/pictures.js');
  if (format) {
    await refuseBoth(path, names, isPicture);
    const files = names.filter((name) => formatOf(name) === format);
    return { format, files: files.map((name) => join(path, name)) };
  }
  const files = await filesBelow(path);
  if (!files.some(isPicture))
    throw new UsageError(`${path}: 0 images: no PNG, JPEG, WebP, IDX, .npy, .npz, .csv or .parquet in it`);
  return { format: 'pictures', files };
}

/** A table of labels often lies beside pictures, and a drawing beside a table: which of them is the data is not to be guessed. */
async function refuseBoth(path: string, names: readonly string[], isPicture: (file: string) => boolean): Promise<void> {
  const picture = (await readdir(path)).find((name) => !name.startsWith('.') && isPicture(name));
  if (picture === undefined) return;
  throw new UsageError(
    `${path}: ${names[0]} and pictures (${picture}): name ${names[0]} itself, or move it away to read the pictures`,
  );
}
