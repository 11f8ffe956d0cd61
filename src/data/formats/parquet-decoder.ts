import { Worker } from 'node:worker_threads';
import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { compiledFile } from '../../package';
import type { RowRange, RowsAnswer } from './parquet-thread';

/** Megabytes of decoded rows before they are handed over; damaged files ask for any number. */
const MOST_MEGABYTES = 1024;
/** Milliseconds for one range of rows. */
const PATIENCE = 300_000;

/** Decodes ranges of rows of one file, in a thread that is ended when it asks for too much. */
export class ParquetDecoder {
  private readonly worker: Worker;
  private failure: Error | null = null;
  private reject: (error: Error) => void = () => {};

  constructor(
    private readonly path: string,
    private readonly patience: number = PATIENCE,
  ) {
    const file = compiledFile('data/formats/parquet-thread');
    if (!file) throw new UsageError(`${path}: Parquet cannot be read by this bundle: run gmm-vae from its package`);
    const resourceLimits = { maxOldGenerationSizeMb: MOST_MEGABYTES };
    this.worker = new Worker(file, { workerData: path, execArgv: [], resourceLimits });
    this.worker.on('error', (error) => this.fail(nth(error.message.split('\n'), 0)));
    this.worker.on('exit', () => this.fail('the decoder ended early'));
  }

  /** @throws UsageError, one line with the file, where the rows cannot be decoded in bounded memory and time */
  async rows(range: RowRange): Promise<unknown[][]> {
    if (this.failure) throw this.failure;
    const answer = await new Promise<RowsAnswer>((resolve, reject) => {
      const timer = setTimeout(
        () => this.fail(`decoding rows ${range.start} to ${range.end} does not end`),
        this.patience,
      );
      this.reject = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      this.worker.once('message', (message: RowsAnswer) => {
        clearTimeout(timer);
        resolve(message);
      });
      this.worker.postMessage(range);
    });
    if ('rows' in answer) return answer.rows;
    throw this.damaged(nth(answer.problem.split('\n'), 0));
  }

  async close(): Promise<void> {
    this.worker.removeAllListeners('exit');
    await this.worker.terminate();
  }

  private fail(problem: string): void {
    this.failure ??= this.damaged(problem);
    this.reject(this.failure);
  }

  private damaged(problem: string): UsageError {
    return new UsageError(`${this.path}: not a Parquet file, or damaged: ${problem}`);
  }
}
