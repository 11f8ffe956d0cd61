import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { InvalidArgumentError } from '../errors';

/** What a pool gives to each of its threads. */
export interface PoolData<Data> {
  readonly data: Data;
  /** Shared with the pool: not 0 once it is being closed. */
  readonly closing: Int32Array;
}

/** Takes a job's place in a message to a thread that is to end. */
export const END = null;

/** Ends a job of a pool that is being closed; nobody waits for it. */
class Closing extends Error {
  override readonly name = 'Closing';
}

/**
 * The thread's side of a `WorkerPool`: answers each job with an array that is handed over, not copied. `begin` gets the data that every
 * thread of the pool is given and returns what does a job. An error ends the thread and reaches the code that waits for the result.
 */
export function serve<Data, Job>(begin: (data: Data) => (job: Job) => Float64Array): void {
  const work = begin((workerData as PoolData<Data>).data);
  listen((job: Job, answer) => answer(work(job)));
}

/** Does a job, and calls `pause` between its pieces: that throws once the pool is being closed. */
export type LongJob<Job> = (job: Job, pause: () => void) => Promise<Float64Array>;

/** The same where native code does the work, in pieces: jobs are done one after the other, for a pool whose threads end by themselves. */
export function serveNative<Data, Job>(begin: (data: Data) => Promise<LongJob<Job>>): void {
  const { data, closing } = workerData as PoolData<Data>;
  const pause = (): void => {
    if (Atomics.load(closing, 0) !== 0) throw new Closing('the pool is being closed');
  };
  const beginning = begin(data);
  let last: Promise<void> = beginning.then(() => {});
  // A failure is nobody's to catch, and so ends the thread.
  const port = listen((job: Job | typeof END, answer) => {
    last = last.then(async () => {
      if (job === END) return port.close();
      try {
        pause();
        answer(await (await beginning)(job, pause));
      } catch (error) {
        if (!(error instanceof Closing)) throw error;
      }
    });
  });
}

function listen<Job>(handle: (job: Job, answer: (result: Float64Array) => void) => void): MessagePort {
  const port = parentPort;
  if (port === null) throw new InvalidArgumentError('parentPort', 'expected to run in a worker thread');
  const answer = (result: Float64Array): void => port.postMessage(result, [result.buffer as ArrayBuffer]);
  port.on('message', (job: Job) => handle(job, answer));
  // A job that cannot be read would never be answered.
  port.on('messageerror', (error) => {
    throw error;
  });
  return port;
}
