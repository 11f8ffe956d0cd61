import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors';
import { makeFolderSync, writeAtomically } from '../files';
import { checkContents, type DataFile, MNIST_FILES } from './mnist-files';
import { leavePart, takePart } from './own-part';
import { sizeOf, TransferError, transfer } from './transfer';

/** Public copies of the gzipped files, asked in turn: the first is PyTorch's, the second the CVDF's. */
const MNIST_MIRRORS: readonly string[] = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];

export interface Download {
  /** Where the files go; made if it is not there. */
  readonly folder: string;
  /** Addresses that end in `/`, to which `<name>.gz` is appended. Default: `MNIST_MIRRORS`. */
  readonly mirrors?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** A server that sends nothing for this many milliseconds is given up. Default: 30,000. */
  readonly stallMs?: number;
  /** Default: MNIST's four. */
  readonly files?: readonly DataFile[];
}

/** `present`: it was there, with the right sum; `done`: it is there now. `received` and `total` count stored bytes. */
export interface DownloadProgress {
  readonly file: string;
  readonly state: 'present' | 'receiving' | 'done';
  readonly received: number;
  readonly total: number | null;
}

type Settings = Required<Download>;

/** Asking one server more often than this without a single new byte is pointless. */
const ATTEMPTS_WITHOUT_PROGRESS = 2;
const ATTEMPTS = 20;

/**
 * Fetches the files that `folder` does not have yet. A file appears under its name only whole, on the disk, and with the
 * right SHA-256; what has come until then is kept as `<name>.gz.part`, which the next call continues. Calls of several processes at once
 * do not disturb each other.
 *
 * @throws UsageError when no mirror has the right file (one line, each mirror's reason); the signal's reason when aborted
 */
export async function download(request: Download): Promise<void> {
  const settings: Settings = {
    mirrors: MNIST_MIRRORS,
    signal: new AbortController().signal,
    onProgress: () => {},
    stallMs: 30_000,
    files: Object.values(MNIST_FILES),
    ...request,
  };
  makeFolderSync(settings.folder);
  for (const file of settings.files) {
    settings.signal.throwIfAborted();
    if (await isPresent(file, settings)) continue;
    await fetchFile(file, settings);
  }
}

async function isPresent(file: DataFile, { folder, onProgress }: Settings): Promise<boolean> {
  for (const name of [`${file.name}.gz`, file.name]) {
    const size = await sizeOf(join(folder, name));
    if (size > 0 && 'bytes' in (await checkContents(await readFile(join(folder, name)), file))) {
      onProgress({ file: name, state: 'present', received: size, total: size });
      return true;
    }
  }
  return false;
}

/** Milliseconds without a byte after which nobody is receiving into a file: as long as two silences that a transfer would bear. */
const abandonedAfter = ({ stallMs }: Settings): number => 2 * stallMs;

async function fetchFile(file: DataFile, settings: Settings): Promise<void> {
  const { folder } = settings;
  const name = `${file.name}.gz`;
  const part = await takePart(folder, name, abandonedAfter(settings));
  try {
    const reasons = await reasonsAgainst(file, part, settings);
    // Another process may have been luckier.
    if (reasons === null || (await isPresent(file, settings))) return;
    throw unavailable(file, reasons);
  } finally {
    await leavePart(part, folder, name);
  }
}

/** Asks one mirror after the other; null when one had the file, else what was wrong with each. */
async function reasonsAgainst(file: DataFile, part: string, settings: Settings): Promise<string[] | null> {
  const reasons: string[] = [];
  for (const mirror of settings.mirrors) {
    const url = `${mirror}${file.name}.gz`;
    try {
      await fetchFrom(url, part, file, settings);
      return null;
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      reasons.push(`${url}: ${error.message}`);
    }
  }
  return reasons;
}

function unavailable(file: DataFile, reasons: readonly string[]): UsageError {
  return new UsageError(
    `${file.name} could not be downloaded (${reasons.join('; ')}): try again, name another mirror with --mirror, or copy MNIST's files into a folder and name it in GMM_VAE_DATA`,
  );
}

/** Downloads from one mirror, with as many continuations as it takes; begins again once if what came together is wrong. */
async function fetchFrom(url: string, part: string, file: DataFile, settings: Settings): Promise<void> {
  const continued = (await sizeOf(part)) > 0;
  try {
    await receive(url, part, file, settings);
  } catch (error) {
    // The part may have been another mirror's, or an older copy: that is no fault of this one.
    if (!continued || !(error instanceof WrongBytesError)) throw error;
    await receive(url, part, file, settings);
  }
}

class WrongBytesError extends TransferError {}

async function receive(url: string, part: string, file: DataFile, settings: Settings): Promise<void> {
  const name = `${file.name}.gz`;
  await transferWhole(url, part, name, settings);
  const stored = await readFile(part);
  const checked = await checkContents(stored, file);
  if ('problem' in checked) {
    await rm(part);
    throw new WrongBytesError(checked.problem, false);
  }
  // What was checked, whatever else is written to the part.
  await writeAtomically(join(settings.folder, name), stored);
  await rm(part);
  const size = stored.length;
  settings.onProgress({ file: name, state: 'done', received: size, total: size });
}

async function transferWhole(url: string, part: string, name: string, settings: Settings): Promise<void> {
  const { signal, stallMs, onProgress } = settings;
  let idle = 0;
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(part);
    try {
      await transfer({
        url,
        part,
        signal,
        stallMs,
        onBytes: (received, total) => onProgress({ file: name, state: 'receiving', received, total }),
      });
      return;
    } catch (error) {
      idle = (await sizeOf(part)) > before ? 0 : idle + 1;
      const again = error instanceof TransferError && error.retry;
      if (!again || idle >= ATTEMPTS_WITHOUT_PROGRESS || attempt >= ATTEMPTS) throw error;
    }
  }
}
