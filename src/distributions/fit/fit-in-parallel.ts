import { setImmediate as afterIo } from 'node:timers/promises';
import { checkedThreads, type Threads, threadCount, threadFile } from '../../threads/thread-count';
import { Throughput } from '../../threads/throughput';
import { type Job, WorkerPool } from '../../threads/worker-pool';
import type { FitOptions } from './fit-options';
import type { PassJob, PassTask } from './fit-thread';
import { Fitting, type GaussianMixtureFit } from './fitting';
import type { Pass } from './pass';
import { chunksOf, PassResult, PassRunner } from './pass-runner';
import type { PointBlocks } from './point-blocks';

/**
 * FitOptions, the number of threads and a signal that ends the fit.
 *
 * @example
 * ```ts
 * import { fitGaussianMixtureInParallel, type ParallelFitOptions } from 'gmm-vae';
 *
 * const options: ParallelFitOptions = { components: 2, covarianceType: 'full', seed: 1, threads: 1, starts: 2 };
 * const fit = await fitGaussianMixtureInParallel([-2, -1.9, -2.1, 3, 3.1, 2.9], options);
 * fit.converged; // true
 * ```
 */
export interface ParallelFitOptions extends FitOptions {
  /** Default `auto`. The fit is the same, to the last bit, for any number. */
  readonly threads?: Threads;
  /** Ends the fit early. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default `performance.now`. */
  readonly now?: () => number;
}

/**
 * `fitGaussianMixture` on several threads: the same fit, to the last bit, whatever their number. It yields to the event loop every few milliseconds.
 * @throws InvalidArgumentError for what `fitGaussianMixture` refuses and for an invalid number of threads; the signal's reason.
 *
 * @example
 * ```ts
 * import { fitGaussianMixture, fitGaussianMixtureInParallel } from 'gmm-vae';
 *
 * const points = Float64Array.from({ length: 1000 }, (_, i) => (i % 2) * 4 + Math.sin(i));
 * const options = { components: 2, covarianceType: 'diagonal', seed: 1 } as const;
 * const { mixture } = await fitGaussianMixtureInParallel(points, { ...options, threads: 1 });
 * mixture.meanVector()[0] === fitGaussianMixture(points, options).mixture.meanVector()[0]; // true
 * ```
 */
export async function fitGaussianMixtureInParallel(
  data: ArrayLike<number> | ArrayLike<ArrayLike<number>>,
  options: ParallelFitOptions,
): Promise<GaussianMixtureFit> {
  const { signal } = options;
  signal?.throwIfAborted();
  const fitting = new Fitting(data, options, shared);
  const passes = new Passes(fitting.points, options);
  try {
    const run = fitting.run();
    let step = run.next();
    while (!step.done) step = run.next(await passes.run(step.value));
    return step.value;
  } finally {
    await passes.close();
  }
}

/** Milliseconds of work between two looks at the signal. */
const PORTION_MS = 10;

/** Runs passes in place until threads pay, from then on with a pool. */
class Passes {
  private readonly runner: PassRunner;
  private readonly file: string | null;
  private readonly threads: Threads;
  private readonly signal: AbortSignal | undefined;
  private readonly now: () => number;
  private readonly throughput: Throughput;
  private chunksDone = 0;
  private yielded: number;
  /** Tells a thread that the parameters are others than before. */
  private serial = 0;
  private pool: { readonly of: WorkerPool<Float64Array>; readonly parameters: SharedArrayBuffer } | null = null;

  constructor(
    private readonly points: PointBlocks,
    { threads = 'auto', signal, now = () => performance.now() }: ParallelFitOptions,
  ) {
    this.runner = new PassRunner(points);
    this.threads = checkedThreads(threads);
    this.file = threadFile(this.threads, 'distributions/fit/fit-thread');
    this.signal = signal;
    this.now = now;
    this.throughput = new Throughput(now);
    this.yielded = now();
  }

  async run(pass: Pass): Promise<Float64Array> {
    const result = new PassResult(pass, this.points.count);
    const chunks = [...chunksOf(pass, this.points.count)];
    if (this.file !== null && this.threadsPay(pass, chunks.length))
      await this.runInCrew(this.file, pass, chunks, result);
    else await this.runInPlace(pass, chunks, result);
    return result.values;
  }

  async close(): Promise<void> {
    await this.pool?.of.close();
  }

  private threadsPay({ remaining }: Pass, chunks: number): boolean {
    // What is but one chunk cannot be divided.
    if (chunks === 1) return false;
    if (this.pool || this.threads !== 'auto') return true;
    return this.throughput.threadsPay(this.chunksDone, this.chunksDone + (1 + remaining) * chunks);
  }

  private async runInPlace(pass: Pass, chunks: readonly Chunk[], result: PassResult): Promise<void> {
    this.runner.begin(pass, pass.parameters);
    for (const { from, to } of chunks) {
      if (this.now() - this.yielded >= PORTION_MS) {
        await afterIo();
        this.signal?.throwIfAborted();
        this.yielded = this.now();
      }
      result.add(this.runner.run(from, to));
      this.chunksDone++;
    }
  }

  private async runInCrew(file: string, pass: Pass, chunks: readonly Chunk[], result: PassResult): Promise<void> {
    const { parameters, ...shape } = pass;
    const bytes = parameters.byteLength;
    if (this.pool && this.pool.parameters.byteLength < bytes) {
      await this.pool.of.close();
      this.pool = null;
    }
    this.pool ??= startCrew(file, this.points, threadCount(this.threads), bytes);
    new Float64Array(this.pool.parameters).set(parameters);
    this.serial++;
    await this.pool.of.run(
      jobs({ ...shape, length: parameters.length, serial: this.serial, version: this.points.version }, chunks, result),
      this.signal,
    );
  }
}

interface Chunk {
  readonly from: number;
  readonly to: number;
}

/** @param least bytes of the parameters that the threads read. */
function startCrew(
  file: string,
  { coordinates, weights, homes, d, count }: PointBlocks,
  threads: number,
  least: number,
): { of: WorkerPool<Float64Array>; parameters: SharedArrayBuffer } {
  const parameters = new SharedArrayBuffer(least);
  const task: PassTask = { coordinates, weights, homes, d, count, parameters };
  return { of: new WorkerPool<Float64Array>(file, task, threads), parameters };
}

/** Room that threads see without copies of their own. */
function shared(count: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
}

function* jobs(pass: PassJob['pass'], chunks: readonly Chunk[], result: PassResult): Generator<Job<Float64Array>> {
  for (const { from, to } of chunks) {
    const message: PassJob = { pass, from, to };
    yield { message, consume: (found) => result.add(found) };
  }
}
