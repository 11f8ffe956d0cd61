import { setImmediate as afterIo } from 'node:timers/promises';
import { toPortable } from '../distributions/portable';
import { checkedThreads, type Threads, threadCount, threadFile } from '../threads/thread-count';
import { Throughput } from '../threads/throughput';
import { type Job, WorkerPool } from '../threads/worker-pool';
import type { KlDistribution } from './closed-form';
import type { EstimateKlOptions } from './estimate-options';
import { type KlEstimation, KlEstimator } from './kl-estimator';
import type { RowsJob, RowsTask } from './rows-thread';

/**
 * How draws are made: on which threads, until which signal, with what progress.
 *
 * @example
 * ```ts
 * import { type DrawOptions, estimateKlInParallel, Normal } from 'gmm-vae';
 *
 * const options: DrawOptions = { threads: 1, signal: AbortSignal.timeout(60_000) };
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const { samples } = await estimateKlInParallel(q, p, { estimator: 'plain', samples: 1000, seed: 1, ...options });
 * samples; // 1000
 * ```
 */
export interface DrawOptions {
  /** Default `auto`. The estimate is the same, to the last bit, for any number. */
  readonly threads?: Threads;
  /** Ends the drawing early. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default `performance.now`. */
  readonly now?: () => number;
  /** Called after each portion of the draws. */
  readonly onProgress?: (estimation: KlEstimator) => void;
}

/**
 * `estimateKl` on several threads: the same numbers, to the last bit, whatever their number. Memory does not grow with the number of
 * draws. The pilot runs of `best` are done in place, before the first promise is awaited.
 * @throws InvalidArgumentError for what `estimateKl` refuses and for an invalid number of threads; the signal's reason.
 *
 * @example
 * ```ts
 * import { estimateKl, estimateKlInParallel, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1.2), new Normal(1, 1)];
 * const options = { estimator: 'rqmc', samples: 4096, seed: 7 } as const;
 * const parallel = await estimateKlInParallel(q, p, { ...options, threads: 1 });
 * parallel.value === estimateKl(q, p, options).value; // true
 * ```
 */
export async function estimateKlInParallel(
  q: KlDistribution,
  p: KlDistribution,
  options: EstimateKlOptions & DrawOptions,
): Promise<KlEstimation> {
  const estimation = new KlEstimator(q, p, options);
  await drawInParallel(estimation, options);
  return estimation.result();
}

/** Draws in place between two looks at the signal and the clock. */
const PORTION = 4096;

/** Draws until the estimation is done. */
export async function drawInParallel(
  estimation: KlEstimator,
  { threads = 'auto', signal, now = () => performance.now(), onProgress = () => {} }: DrawOptions,
): Promise<void> {
  const file = threadFile(checkedThreads(threads), 'kl/rows-thread');
  const throughput = new Throughput(now);
  let pool: WorkerPool<Float64Array> | null = null;
  try {
    while (!estimation.done) {
      signal?.throwIfAborted();
      const { rowsAdded, rowsToGoal } = estimation;
      if (file !== null && (pool || threads !== 'auto' || throughput.threadsPay(rowsAdded, rowsAdded + rowsToGoal))) {
        pool ??= new WorkerPool(file, taskOf(estimation), threadCount(threads));
        await pool.run(jobs(estimation, onProgress), signal);
      } else {
        estimation.draw(PORTION);
        onProgress(estimation);
        await afterIo();
      }
    }
  } finally {
    await pool?.close();
  }
}

function taskOf({ problem, estimator, seed, planned, purpose }: KlEstimator): RowsTask {
  return { q: toPortable(problem.q), p: toPortable(problem.p), key: { estimator, seed, planned, purpose } };
}

/** Multiplications per job, about: some 10 ms of work. */
const PER_JOB = 2 ** 20;

/** The rows from here to the next goal, in pieces. */
function* jobs(estimation: KlEstimator, onProgress: (estimation: KlEstimator) => void): Generator<Job<Float64Array>> {
  const { step, rowsAdded, rowsToGoal, problem } = estimation;
  const perDraw = problem.q.dimension * (4 + problem.qs.components.length + problem.ps.components.length);
  const most = Math.max(1, Math.floor(PER_JOB / (perDraw * step)));
  for (let done = 0; done < rowsToGoal; done += most) {
    const message: RowsJob = { from: rowsAdded + done, count: Math.min(most, rowsToGoal - done) };
    const consume = (rows: Float64Array): void => {
      estimation.add(rows, message.count);
      onProgress(estimation);
    };
    yield { message, consume };
  }
}
