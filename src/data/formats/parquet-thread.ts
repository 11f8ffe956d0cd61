import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is asked for: rows `start` to `end`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

export type RowsAnswer = { readonly rows: unknown[][] } | { readonly problem: string };

// Decodes in a thread of its own: in a damaged page a length may be any number, and the decoder then fills memory without end, in a loop
// that nothing else in the process can stop.
async function main(path: string): Promise<void> {
  const [{ asyncBufferFromFile, parquetMetadataAsync, parquetRead }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  parentPort?.on('message', async ({ start, end }: RowRange) => {
    let rows: unknown[][] = [];
    const onComplete = (decoded: unknown[][]): void => {
      rows = decoded;
    };
    try {
      await parquetRead({ file, metadata, compressors, rowStart: start, rowEnd: end, onComplete });
      parentPort?.postMessage({ rows } satisfies RowsAnswer);
    } catch (error) {
      parentPort?.postMessage({ problem: (error as Error).message } satisfies RowsAnswer);
    }
  });
}

if (parentPort) void main(workerData as string);
