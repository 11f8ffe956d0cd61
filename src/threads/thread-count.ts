import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from '../errors';
import { compiledFile } from '../package';

/**
 * How many threads work: a number, or `auto`, all that the machine has cores for, once there is enough left to do for them to pay.
 *
 * @example
 * ```ts
 * import { GaussianMixture, logProbsInParallel, Normal, type Threads } from 'gmm-vae';
 *
 * const threads: Threads = 'auto'; // or a number
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * (await logProbsInParallel(p, Float64Array.of(0), { threads }))[0]; // -1.41894
 * ```
 */
export type Threads = number | 'auto';

/**
 * Milliseconds of work left from which threads pay for certain: two of them take some 150 ms to start, load and compile before they are
 * at full speed, and break even at half a second (measured, see docs/benchmarks/estimators.md).
 */
export const WORTH_THREADS_MS = 1000;

/** @throws InvalidArgumentError unless `threads` is `auto` or an integer from 1 to 64. */
export function checkedThreads(threads: Threads): Threads {
  if (threads === 'auto' || (Number.isInteger(threads) && threads >= 1 && threads <= 64)) return threads;
  throw new InvalidArgumentError('threads', `expected 'auto' or an integer from 1 to 64, got ${String(threads)}`);
}

/**
 * The file that threads for `threads` > 1 run, or null where the work is to be done in place.
 * @throws InvalidArgumentError where threads are asked for by number and the file is not there.
 */
export function threadFile(threads: Threads, name: string): string | null {
  if (threads === 1 || (threads === 'auto' && availableParallelism() === 1)) return null;
  const file = compiledFile(name);
  if (file === null && threads !== 'auto') {
    const problem = `expected 1, because ${name}.js, which threads run, is not beside this file; got ${threads}`;
    throw new InvalidArgumentError('threads', problem);
  }
  return file;
}

/** The number behind `auto`. */
export function threadCount(threads: Threads): number {
  return threads === 'auto' ? availableParallelism() : threads;
}
