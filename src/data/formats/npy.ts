import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from '../../errors';
import { checkFinite, DTYPES, type Dtype } from '../numbers';
import { RowFile } from '../row-file';
import { checkWhite, MOST_BYTES, partOf, type ReadOptions, type ReadPart, toWhite } from './part';

// The .npy format, from "A simple file format for NumPy arrays" (NEP 1) and numpy.lib.format. Packages on npm that read it want the
// whole file in memory and believe its header.

export interface NpyHeader {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes before the first number. */
  readonly offset: number;
}

const MAGIC = '\u0093NUMPY';
/** What is read to find the header; a longer one belongs to a record array. */
export const HEADER_BYTES = 65_536;

/** @throws UsageError naming the file, on what is no array of plain numbers in row-major order */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  const refuse = (problem: string): never => {
    throw new UsageError(`${name}: not a NumPy array of plain numbers: ${problem}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 10 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== MAGIC) {
    refuse('expected it to begin with \\x93NUMPY');
  }
  const version = view.getUint8(6);
  if (version < 1 || version > 3) refuse(`expected format version 1 to 3, got ${version}`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) refuse(`truncated in its header, at byte ${bytes.length}`);
  const offset = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (offset > bytes.length) refuse(`truncated: its header should end at byte ${offset}, the file has ${bytes.length}`);
  const header = Buffer.from(bytes.subarray(start, offset)).toString('latin1');
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? refuse('it has fields (a record array) or no type');
  if (/'fortran_order':\s*True/.test(header)) refuse('it is column-major; save np.ascontiguousarray(x)');
  const dims = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? refuse('its header has no shape');
  const shape = dims
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean)
    .map(Number);
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0))
    refuse(`expected a shape of whole numbers, got (${dims})`);
  const dtype = descr.replace(/^[<|=]/, '');
  if (!Object.hasOwn(DTYPES, dtype)) {
    refuse(`expected numbers of type ${Object.keys(DTYPES).join(', ')}, little-endian, got '${descr}'`);
  }
  return { dtype: dtype as Dtype, shape, offset };
}

/** Bytes behind the header, as promised. */
export function bytesOf({ dtype, shape }: NpyHeader): number {
  return shape.reduce((product, size) => product * size, DTYPES[dtype].bytes);
}

interface ArrayShape {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

function checkSizes(sizes: readonly number[], name: string): void {
  if (sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) return;
  throw new UsageError(`${name}: expected a shape of whole numbers, got (${sizes.join(', ')})`);
}

/** Height, width and channels of arrays of images, or of rows. @throws UsageError on 0 rows and shapes that are neither */
export function imageShape(shape: readonly number[], asked: readonly number[] | undefined, name: string): ArrayShape {
  for (const sizes of [shape, ...(asked ? [asked] : [])]) checkSizes(sizes, name);
  const [count, ...rest] = shape as [number, ...number[]];
  if (shape.length < 2 || shape.length > 4) {
    throw new UsageError(`${name}: expected an array of rows or images, 2 to 4 dimensions, got (${shape.join(', ')})`);
  }
  if (count === 0 || rest.includes(0)) throw new UsageError(`${name}: 0 rows: its shape is (${shape.join(', ')})`);
  if (count >= 2 ** 32) throw new UsageError(`${name}: expected fewer than 2^32 rows, got ${count}`);
  const size = rest.reduce((product, n) => product * n, 1);
  const wanted = asked ?? (rest.length === 1 ? [1, ...rest] : rest);
  const [height = 1, width = 1, channels = 1, ...beyond] = wanted;
  if (height * width * channels !== size || beyond.length > 0) {
    throw new UsageError(`${name}: rows of ${size} numbers are not pictures of ${wanted.join('×')}`);
  }
  if (channels !== 1 && channels !== 3) {
    throw new UsageError(
      `${name}: expected images of 1 or 3 channels, in the last dimension, got (${shape.join(', ')})${rest[0] === 1 || rest[0] === 3 ? ': move the channels there with np.moveaxis(x, 1, -1)' : ''}`,
    );
  }
  return { count, height, width, channels };
}

/** The images of a `.npy` file: in memory, or where it is large, on the disk. */
export function readNpyImages(path: string, options: ReadOptions): ReadPart {
  const { header, bytes } = openHeader(path);
  const shape = imageShape(header.shape, options.shape, path);
  const rest = { part: partOf(basename(path)), name: basename(path), ...shape, labels: null };
  const { white, largestInMemory = 2 ** 28 } = options;
  checkWhite(white);
  if (bytes <= largestInMemory) return { ...rest, images: numbers(readWhole(path, header), header, path, options) };
  if (DTYPES[header.dtype].isByte && white !== undefined && white !== 255) {
    throw new UsageError(`${path}: bytes that stay on the disk are 0 to 255; multiply them by ${255 / white} before`);
  }
  const { count, height, width, channels } = shape;
  const { dtype, offset } = header;
  const size = height * width * channels;
  return { ...rest, images: RowFile.open({ path, offset, dtype, size, count, ...(white !== undefined && { white }) }) };
}

/** The numbers behind a header, checked. */
export function numbers(
  file: Uint8Array,
  header: NpyHeader,
  name: string,
  { white }: Pick<ReadOptions, 'white'>,
): Uint8Array | Float32Array {
  const { dtype, offset, shape } = header;
  const raw = file.subarray(offset);
  if (DTYPES[dtype].isByte) return toWhite(raw, white, name);
  const values = DTYPES[dtype].decode(raw);
  checkFinite(
    values,
    name,
    shape.slice(1).reduce((product, n) => product * n, 1),
  );
  return toWhite(values, white, name);
}

/** Labels: whole numbers, one for each image, in an array of any whole type, `[n]` or `[n, 1]`. */
export function readNpyLabels(path: string): number[] {
  const { header } = openHeader(path);
  return labelNumbers(readWhole(path, header), header, path);
}

/** @throws UsageError where the file is no longer as long as its header was found to say */
function readWhole(path: string, header: NpyHeader): Uint8Array {
  const file = readFileSync(path);
  checkBytes(header, file.length - header.offset, path);
  return file;
}

export function labelNumbers(file: Uint8Array, { dtype, shape, offset }: NpyHeader, name: string): number[] {
  const [count, ...rest] = shape;
  if (count === undefined || rest.some((n) => n !== 1)) {
    throw new UsageError(
      `${name}: expected one label for each image, an array of one dimension, got (${shape.join(', ')})`,
    );
  }
  const { bytes, read } = DTYPES[dtype];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return Array.from({ length: count }, (_, i) => {
    const label = read(view, offset + i * bytes);
    if (!Number.isSafeInteger(label))
      throw new UsageError(`${name}: label ${i}: expected a whole number, got ${label}`);
    return label;
  });
}

/** The header, once the file is known to hold exactly what it promises. Opening a pipe would wait for somebody to write into it. */
function openHeader(path: string): { header: NpyHeader; bytes: number } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`${path}: no such file`);
  if (!found.isFile()) throw new UsageError(`${path}: expected a file, got a folder or a pipe`);
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(HEADER_BYTES);
    const header = parseNpyHeader(start.subarray(0, readSync(file, start, 0, HEADER_BYTES, 0)), path);
    const [bytes, there] = [bytesOf(header), fstatSync(file).size - header.offset];
    checkBytes(header, there, path);
    return { header, bytes };
  } finally {
    closeSync(file);
  }
}

/** @throws UsageError unless there are as many bytes as the shape asks for */
export function checkBytes(header: NpyHeader, there: number, name: string): void {
  const bytes = bytesOf(header);
  if (bytes === there) return;
  const problem = there < bytes ? 'truncated' : 'too long';
  throw new UsageError(
    `${name}: ${problem}: expected ${bytes} bytes for the shape (${header.shape.join(', ')}), got ${there}`,
  );
}

/** @throws UsageError where unpacked or decoded numbers would fill the memory */
export function checkMemory(bytes: number, name: string): void {
  if (bytes <= MOST_BYTES) return;
  throw new UsageError(
    `${name}: ${(bytes / 1e9).toFixed(1)} GB, more than the ${(MOST_BYTES / 1e9).toFixed(1)} GB that are held in memory; save it as .npy, which is read as needed`,
  );
}
