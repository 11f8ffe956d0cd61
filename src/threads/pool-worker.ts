import { parentPort, workerData } from 'node:worker_threads';
import { InvalidArgumentError } from '../errors';

/**
 * The thread's side of a `WorkerPool`: answers each job with an array that is handed over, not copied. `begin` gets the data that every
 * thread of the pool is given and returns what does a job. An error ends the thread and reaches the code that waits for the result.
 */
export function serve<Data, Job>(begin: (data: Data) => (job: Job) => Float64Array): void {
  const work = begin(workerData as Data);
  listen((job: Job, answer) => answer(work(job)));
}

/** The same where the work waits for something: jobs are done one after the other. */
export function serveAsync<Data, Job>(begin: (data: Data) => Promise<(job: Job) => Promise<Float64Array>>): void {
  const beginning = begin(workerData as Data);
  let last: Promise<void> = Promise.resolve();
  // A failure is nobody's to catch, and so ends the thread.
  listen((job: Job, answer) => {
    last = last.then(async () => answer(await (await beginning)(job)));
  });
}

function listen<Job>(handle: (job: Job, answer: (result: Float64Array) => void) => void): void {
  const port = parentPort;
  if (port === null) throw new InvalidArgumentError('parentPort', 'expected to run in a worker thread');
  const answer = (result: Float64Array): void => port.postMessage(result, [result.buffer as ArrayBuffer]);
  port.on('message', (job: Job) => handle(job, answer));
  // A job that cannot be read would never be answered.
  port.on('messageerror', (error) => {
    throw error;
  });
}
