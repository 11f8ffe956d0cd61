import { parentPort, workerData } from 'node:worker_threads';
import { InvalidArgumentError } from '../errors';

/**
 * The thread's side of a `WorkerPool`: answers each job with an array that is handed over, not copied. `begin` gets the data that every
 * thread of the pool is given and returns what does a job. An error ends the thread and reaches the code that waits for the result.
 */
export function serve<Data, Job>(begin: (data: Data) => (job: Job) => Float64Array): void {
  const port = parentPort;
  if (port === null) throw new InvalidArgumentError('parentPort', 'expected to run in a worker thread');
  const work = begin(workerData as Data);
  port.on('message', (job: Job) => {
    const result = work(job);
    port.postMessage(result, [result.buffer as ArrayBuffer]);
  });
  // A job that cannot be read would never be answered.
  port.on('messageerror', (error) => {
    throw error;
  });
}
