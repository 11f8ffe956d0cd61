import { Worker } from 'node:worker_threads';
import { END, type PoolData } from './pool-worker';

/** Jobs per thread that are at work, wait for it, or are done before an earlier one. */
const AHEAD = 4;

/** A job as it travels to a thread. */
export interface Job<Result> {
  readonly message: unknown;
  /** Buffers that the thread takes over, so that they are not copied. */
  readonly transfer?: readonly ArrayBuffer[];
  /** Called with the result, in the order of the jobs. */
  readonly consume: (result: Result) => void;
}

/**
 * How threads end. `at-once` breaks off whatever they compute in JavaScript. A thread that is in native code ends by itself, after the
 * piece that it is at: ended from outside, ONNX Runtime's binding aborts the process, because it cannot hand its results to JavaScript.
 */
export type Ending = 'at-once' | 'by-itself';

/**
 * Worker threads that run one compiled file (see `serve`), each given the same data. Which thread does a job and when it is done is
 * chance; the results are consumed in the order of the jobs, so what they come to is not.
 */
export class WorkerPool<Result> {
  private readonly workers: readonly PoolWorker<Result>[];

  constructor(file: string, data: unknown, threads: number, ending: Ending = 'at-once') {
    const workers: PoolWorker<Result>[] = [];
    try {
      while (workers.length < threads) workers.push(new PoolWorker<Result>(file, data, ending));
    } catch (error) {
      // Nobody would hold those already started.
      for (const worker of workers) void worker.close();
      throw error;
    }
    this.workers = workers;
  }

  /**
   * Resolves when every job's result has been consumed. Jobs are taken from the iterable as threads come free, so neither they
   * nor the results pile up.
   * @throws the signal's reason as soon as it is aborted, and the first error of a thread; the pool is then of no more use.
   */
  async run(jobs: Iterable<Job<Result>>, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const stop = (): void => {
      for (const worker of this.workers) worker.fail(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const underWay: { readonly job: Job<Result>; readonly result: Promise<Result> }[] = [];
      const consumeFirst = async (): Promise<void> => {
        const first = underWay.shift();
        if (first) first.job.consume(await first.result);
      };
      for (const job of jobs) {
        if (underWay.length === AHEAD * this.workers.length) await consumeFirst();
        underWay.push({ job, result: this.leastBusy().ask(job) });
      }
      while (underWay.length > 0) await consumeFirst();
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Ends the threads, whatever they are at; resolves when they are gone. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  private leastBusy(): PoolWorker<Result> {
    return this.workers.reduce((least, worker) => (worker.waiting < least.waiting ? worker : least));
  }
}

interface Reply<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** One thread: it answers in the order in which it was asked. */
class PoolWorker<Result> {
  private readonly worker: Worker;
  private readonly replies: Reply<Result>[] = [];
  private failure: { readonly reason: unknown } | null = null;

  private readonly closing = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  private readonly gone: Promise<void>;

  constructor(
    file: string,
    data: unknown,
    private readonly ending: Ending,
  ) {
    const workerData: PoolData<unknown> = { data, closing: this.closing };
    // Options of this process's Node.js need not be for the thread's: it runs plain compiled JavaScript.
    this.worker = new Worker(file, { workerData, execArgv: [] });
    this.gone = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    this.worker.on('message', (result: Result) => this.replies.shift()?.resolve(result));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('messageerror', (error) => this.fail(error));
    this.worker.on('exit', (code) => this.fail(new Error(`a worker thread ended early, with code ${code}`)));
  }

  get waiting(): number {
    return this.replies.length;
  }

  ask({ message, transfer = [] }: Job<Result>): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => {
      if (this.failure) reject(this.failure.reason);
      else {
        this.replies.push({ resolve, reject });
        this.worker.postMessage(message, [...transfer]);
      }
    });
    // It may fail before its turn to be awaited comes.
    result.catch(() => {});
    return result;
  }

  fail(reason: unknown): void {
    this.failure ??= { reason };
    for (const { reject } of this.replies.splice(0)) reject(this.failure.reason);
  }

  async close(): Promise<void> {
    this.fail(new Error('the threads have been ended'));
    if (this.ending === 'at-once') await this.worker.terminate();
    else {
      Atomics.store(this.closing, 0, 1);
      this.worker.postMessage(END);
      await this.gone;
    }
  }
}
