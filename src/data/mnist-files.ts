import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';

/**
 * The four files of the MNIST database of handwritten digits (Y. LeCun, C. Cortes and C. J. C. Burges). Sums and sizes
 * are those of the uncompressed bytes: mirrors compress them differently.
 */
export const MNIST_FILES: Readonly<Record<MnistFile, DataFile>> = {
  trainImages: {
    name: 'train-images-idx3-ubyte',
    bytes: 47_040_016,
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  trainLabels: {
    name: 'train-labels-idx1-ubyte',
    bytes: 60_008,
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  testImages: {
    name: 't10k-images-idx3-ubyte',
    bytes: 7_840_016,
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  testLabels: {
    name: 't10k-labels-idx1-ubyte',
    bytes: 10_008,
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
};

export type MnistFile = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';

/** A file by name (uncompressed), with the size and the SHA-256 of its uncompressed bytes. */
export interface DataFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a check found: the uncompressed bytes, or why they are not the file that was asked for (one line). */
export type Checked = { readonly bytes: Uint8Array } | { readonly problem: string };

/** Decompresses (where the bytes are gzip, whatever the file's name says) and compares size and SHA-256. */
export async function checkContents(stored: Uint8Array, file: DataFile): Promise<Checked> {
  let bytes = stored;
  if (stored[0] === 0x1f && stored[1] === 0x8b) {
    try {
      bytes = await decompress(stored);
    } catch (error) {
      return { problem: `damaged gzip data (${(error as Error).message}); ${expectation(file)}` };
    }
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 === file.sha256) return { bytes };
  return { problem: `got ${bytes.length} bytes with SHA-256 ${sha256}, ${expectation(file)}` };
}

/** Decompresses a truncated file, too, as far as it goes, so that the message can say how much there was. */
function decompress(stored: Uint8Array): Promise<Uint8Array> {
  return promisify(gunzip as GunzipWithOptions)(stored, { finishFlush: constants.Z_SYNC_FLUSH });
}

type GunzipWithOptions = (
  data: Uint8Array,
  options: { finishFlush: number },
  done: (error: Error | null, bytes: Buffer) => void,
) => void;

function expectation(file: DataFile): string {
  return `expected ${file.bytes} bytes with SHA-256 ${file.sha256} (uncompressed)`;
}
