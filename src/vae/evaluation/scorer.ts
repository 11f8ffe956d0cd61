import { setImmediate as afterIo } from 'node:timers/promises';
import { chooseDevice } from '../../compile/runtime/devices';
import { checkThreads } from '../../compile/runtime/threads';
import { compiledFile } from '../../package';
import { Throughput } from '../../threads/throughput';
import { type Job, WorkerPool } from '../../threads/worker-pool';
import type { Vae } from '../model';
import { defaultThreads } from '../training/options';
import type { TrainingDevice } from '../training/runner';
import { type DisposableFunctions, type FrozenScoring, openFrozen } from './frozen-scoring';
import { type Scoring, type ScoringJob, scoreImages } from './score-images';
import { freezeScoring, functionsOn } from './scoring-functions';
import type { ScoringTask } from './scoring-thread';

/** A job, and what is done with its rows of `widthOf(d)` numbers. */
export interface ScoringWork {
  /** Made when its turn comes. */
  readonly job: () => ScoringJob;
  readonly consume: (rows: Float64Array) => void;
}

export interface ScorerOptions {
  readonly device?: TrainingDevice | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Scores images. On `cpu` every thread has a session of its own, of one thread, and images of its own: so the bits are the same for any
 * number of threads, and none of them waits for another within an operator. Threads are started once there is enough left to do for them to pay.
 *
 * @returns how many of the jobs were done by threads
 */
export async function scoreAll(
  model: Vae,
  scoring: Scoring,
  work: readonly ScoringWork[],
  { device = 'cpu', threads = defaultThreads(), signal, now = () => performance.now() }: ScorerOptions,
): Promise<number> {
  checkThreads(threads);
  if (work.length === 0) return 0;
  const placed = device === 'auto' ? (await chooseDevice('auto')).name : device;
  if (placed !== 'cpu') {
    const functions = await functionsOn(model, scoring.shape, placed);
    await scoreInPlace(functions, scoring, work, { signal, enough: () => false });
    return 0;
  }
  const frozen = freezeScoring(model, scoring.shape);
  const file = threads === 1 ? null : compiledFile('vae/evaluation/scoring-thread');
  const throughput = new Throughput(now);
  const enough = (done: number): boolean => file !== null && throughput.threadsPay(done, work.length);
  const done = await scoreInPlace(await openFrozen(frozen), scoring, work, { signal, enough });
  if (file === null || done === work.length) return 0;
  await scoreInThreads(file, { frozen, scoring }, work.slice(done), threads, signal);
  return work.length - done;
}

/** Scores here until that is `enough`; returns how many jobs it has done. */
async function scoreInPlace(
  functions: DisposableFunctions,
  scoring: Scoring,
  work: readonly ScoringWork[],
  { signal, enough }: { readonly signal: AbortSignal | undefined; readonly enough: (done: number) => boolean },
): Promise<number> {
  const pause = async (): Promise<void> => {
    await afterIo();
    signal?.throwIfAborted();
  };
  try {
    let done = 0;
    signal?.throwIfAborted();
    for (const { job, consume } of work) {
      if (enough(done)) break;
      consume(await scoreImages(functions, scoring, job(), pause));
      done++;
    }
    return done;
  } finally {
    await functions.dispose();
  }
}

async function scoreInThreads(
  file: string,
  task: { readonly frozen: FrozenScoring; readonly scoring: Scoring },
  work: readonly ScoringWork[],
  threads: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const data: ScoringTask = task;
  const pool = new WorkerPool<Float64Array>(file, data, Math.min(threads, work.length), 'by-itself');
  try {
    await pool.run(jobsOf(work), signal);
  } finally {
    await pool.close();
  }
}

function* jobsOf(work: readonly ScoringWork[]): Generator<Job<Float64Array>> {
  for (const { job, consume } of work) {
    const message = job();
    yield { message, transfer: [message.x.buffer as ArrayBuffer], consume };
  }
}
