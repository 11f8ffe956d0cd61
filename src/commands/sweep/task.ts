import { join } from 'node:path';
import { beginAttempt, progressOf, showAlive } from '../../sweep/attempt';
import { attemptsOf, readTrial, type Trial, trialFolder } from '../../sweep/folder';
import { isCancelled, readResult } from '../../sweep/state';
import type { CommandIo } from '../io';
import { requeue } from './engines/slurm-command';
import { recordFailure, trainAndScore } from './train-and-score';

/** Makes one attempt at one trial. Exit code 130 if it was interrupted, 1 if the trial would fail again. */
export async function runTask(sweep: string, id: string, io: CommandIo): Promise<void> {
  const { SLURM_JOB_ID: job, SLURM_RESTART_COUNT: restart = '0' } = io.env;
  let timeIsUp = false;
  const abort = new AbortController();
  const onTimeLimit = () => {
    timeIsUp = true;
    abort.abort(TIME_LIMIT);
  };
  // Before anything else: without a listener, Node starts its debugger on this signal.
  if (job !== undefined) process.on('SIGUSR1', onTimeLimit);
  try {
    const name = job === undefined ? `local.${process.pid}` : `${job}.${restart}`;
    const moved = await attemptAt(sweep, readTrial(sweep, id), name, abort, io);
    if (abort.signal.aborted) io.stderr.write('gmm-vae: interrupted; the next attempt goes on from what is kept\n');
    // Slurm requeues a job by itself when a node fails, but not at the time limit.
    if (timeIsUp && job !== undefined && moved) requeue(job);
  } finally {
    process.off('SIGUSR1', onTimeLimit);
  }
}

const TIME_LIMIT = 'time limit';
const FAILS_AGAIN: ReadonlySet<string> = new Set(['DivergenceError', 'InvalidArgumentError']);

/**
 * @param abort ends the attempt; io's signal does, too
 * @returns false if trying again would not help
 */
export async function attemptAt(
  sweep: string,
  trial: Trial,
  name: string,
  abort: AbortController,
  io: CommandIo,
): Promise<boolean> {
  const folder = trialFolder(sweep, trial.id);
  if (readResult(folder) || isCancelled(folder)) return false;
  const onAbort = () => abort.abort(io.signal.reason);
  io.signal.addEventListener('abort', onAbort, { once: true });
  if (io.signal.aborted) onAbort();
  const attempt = await beginAttempt(folder, name, continuedBy(sweep, trial));
  const before = await progressOf(attempt);
  const end = await showAlive(attempt, () => {
    if (isCancelled(folder)) abort.abort('cancelled');
  });
  try {
    if (await trainAndScore(trial, attempt, folder, { ...io, signal: abort.signal })) return false;
    io.exit(130);
    if (abort.signal.reason !== TIME_LIMIT || (await progressOf(attempt)) !== before) return true;
    const why = 'one time limit is too short for any progress';
    await recordFailure(folder, `${why}: raise slurm.time, or save more often (checkpoint-every)`, io);
    return false;
  } catch (error) {
    // The same bits would diverge again, and an option that does not fit the data would be refused again.
    // A fault of the machine, such as a full disk, may not recur.
    if (!FAILS_AGAIN.has((error as Error).name)) throw error;
    await recordFailure(folder, (error as Error).message, io);
    return false;
  } finally {
    io.signal.removeEventListener('abort', onAbort);
    await end();
  }
}

function continuedBy(sweep: string, { resumes, takes }: Trial): readonly string[] {
  const shorter = resumes === undefined ? [] : attemptsOf(trialFolder(sweep, resumes));
  return takes === undefined ? shorter : [...shorter, join(sweep, takes)];
}
