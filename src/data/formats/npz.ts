import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { UsageError } from '../../errors';
import { type NamedArray, pairArrays } from './arrays';
import {
  bytesOf,
  checkBytes,
  checkMemory,
  HEADER_BYTES,
  imageShape,
  labelNumbers,
  type NpyHeader,
  numbers,
  parseNpyHeader,
} from './npy';
import type { ReadOptions, ReadPart } from './part';

const open = promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open);

/** Entries of an archive that are looked at: a zip file may claim billions. */
const MOST_ENTRIES = 10_000;

/** The arrays of a `.npz` archive. What is unpacked is as long as the array's own header says and the archive declares, or refused. */
export async function readNpz(path: string, options: ReadOptions): Promise<ReadPart[]> {
  const zip = await opened(path);
  try {
    const entries = await entriesOf(zip, path);
    const arrays = entries.map((entry) => namedArray(zip, entry, path, options));
    return await pairArrays(arrays, path);
  } finally {
    zip.close();
  }
}

async function opened(path: string): Promise<yauzl.ZipFile> {
  try {
    return await open(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
  } catch (error) {
    throw new UsageError(`${path}: no zip archive, or truncated: ${(error as Error).message}`);
  }
}

function entriesOf(zip: yauzl.ZipFile, path: string): Promise<yauzl.Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: yauzl.Entry[] = [];
    zip.on('error', (error: Error) => reject(new UsageError(`${path}: damaged: ${error.message}`)));
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: yauzl.Entry) => {
      if (entry.fileName.endsWith('.npy')) entries.push(entry);
      if (entries.length > MOST_ENTRIES) reject(new UsageError(`${path}: more than ${MOST_ENTRIES} arrays`));
      else zip.readEntry();
    });
    zip.readEntry();
  });
}

function namedArray(zip: yauzl.ZipFile, entry: yauzl.Entry, path: string, options: ReadOptions): NamedArray {
  const name = entry.fileName.replace(/\.npy$/, '');
  const where = `${path}: ${entry.fileName}`;
  return {
    name,
    readImages: async () => {
      const { file, header } = await unpack(zip, entry, where);
      const shape = imageShape(header.shape, options.shape, where);
      return { part: null, name, ...shape, images: numbers(file, header, where, options), labels: null };
    },
    readLabels: async () => {
      const { file, header } = await unpack(zip, entry, where);
      return labelNumbers(file, header, where);
    },
  };
}

/** Memory is asked for only once the header has said how much. */
async function unpack(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  where: string,
): Promise<{ file: Uint8Array; header: NpyHeader }> {
  checkMemory(entry.uncompressedSize, where);
  const chunks: Buffer[] = [];
  let [read, sum, header, file] = [0, 0, null as NpyHeader | null, null as Uint8Array | null];
  const begin = (): void => {
    const start = Buffer.concat(chunks);
    header = parseNpyHeader(start, where);
    checkBytes(header, entry.uncompressedSize - header.offset, where);
    file = new Uint8Array(header.offset + bytesOf(header));
    file.set(start);
  };
  try {
    const stream = await promisify(
      zip.openReadStream.bind(zip) as (
        entry: yauzl.Entry,
        done: (error: Error | null, stream: NodeJS.ReadableStream) => void,
      ) => void,
    )(entry);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (file) (file as Uint8Array).set(chunk, read);
      else chunks.push(chunk);
      read += chunk.length;
      sum = crc32(chunk, sum);
      if (!file && read >= Math.min(HEADER_BYTES, entry.uncompressedSize)) begin();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${where}: damaged: ${(error as Error).message}`);
  }
  if (!file || !header)
    throw new UsageError(`${where}: truncated: it unpacks to ${read} of ${entry.uncompressedSize} bytes`);
  // yauzl compares sizes alone.
  if (sum !== entry.crc32)
    throw new UsageError(`${where}: damaged: expected CRC-32 ${hex(entry.crc32)}, got ${hex(sum)}`);
  return { file, header };
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
