import { setImmediate as afterIo } from 'node:timers/promises';
import { checkedThreads, type Threads, threadCount, threadFile } from '../threads/thread-count';
import { Throughput } from '../threads/throughput';
import { type Job, WorkerPool } from '../threads/worker-pool';
import type { GaussianMixture } from './gaussian-mixture';
import { toPortable } from './portable';
import { requireNumbers, sameLength } from './validate';

/**
 * The number of threads and a signal that ends the work.
 *
 * @example
 * ```ts
 * import { GaussianMixture, logProbsInParallel, type LogProbsOptions, Normal } from 'gmm-vae';
 *
 * const options: LogProbsOptions = { threads: 1, out: new Float64Array(3) };
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * const logProbs = await logProbsInParallel(p, Float64Array.of(-1, 0, 1), options);
 * logProbs === options.out; // true
 * ```
 */
export interface LogProbsOptions {
  /** Filled and returned; of length N. */
  readonly out?: Float64Array;
  /** Default `auto`. The log densities are the same, to the last bit, for any number. */
  readonly threads?: Threads;
  /** Ends the work early. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default `performance.now`. */
  readonly now?: () => number;
}

/** Multiply-adds per job: some 10 ms. */
const PER_JOB = 2 ** 22;

/**
 * `mixture.logProbs(points)` on several threads: the log densities, in nats, of N points given row by row.
 * @throws InvalidArgumentError for what `logProbs` refuses and for an invalid number of threads; the signal's reason.
 *
 * @example
 * ```ts
 * import { GaussianMixture, logProbsInParallel, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * await logProbsInParallel(p, Float64Array.of(-1, 0, 1)); // [-1.48516, -1.41894, -1.48516]
 * ```
 */
export async function logProbsInParallel(
  mixture: GaussianMixture,
  points: Float64Array,
  { out, threads = 'auto', signal, now = () => performance.now() }: LogProbsOptions = {},
): Promise<Float64Array> {
  const d = mixture.dimension;
  const result = out ?? new Float64Array(points.length / d);
  sameLength('points', points.length, result.length * d, 'coordinate of each of the points');
  // Here, where the place of a NaN is that among all points.
  requireNumbers('points', points);
  const file = threadFile(checkedThreads(threads), 'distributions/log-probs-thread');
  const rows = Math.max(64, Math.floor(PER_JOB / (d * mixture.components.length)));
  const throughput = new Throughput(now);
  let from = 0;
  while (
    from < result.length &&
    !(file !== null && (threads !== 'auto' || throughput.threadsPay(from, result.length)))
  ) {
    signal?.throwIfAborted();
    const to = Math.min(from + rows, result.length);
    mixture.logProbs(points.subarray(from * d, to * d), result.subarray(from, to));
    from = to;
    await afterIo();
  }
  if (from === result.length || file === null) return result;
  const pool = new WorkerPool<Float64Array>(file, toPortable(mixture), threadCount(threads));
  try {
    await pool.run(jobs(points, result, { d, from, rows }), signal);
  } finally {
    await pool.close();
  }
  return result;
}

function* jobs(
  points: Float64Array,
  out: Float64Array,
  { d, from, rows }: { readonly d: number; readonly from: number; readonly rows: number },
): Generator<Job<Float64Array>> {
  for (let at = from; at < out.length; at += rows) {
    const message = points.slice(at * d, (at + rows) * d);
    yield { message, transfer: [message.buffer as ArrayBuffer], consume: (found) => out.set(found, at) };
  }
}
