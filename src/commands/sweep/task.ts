import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors';
import { makeAttempt, progressOf, takeOverEarlier } from '../../sweep/attempt';
import { BY_HAND, rivalOf } from '../../sweep/claim';
import { attemptsOf, readTrial, type Trial, trialFolder } from '../../sweep/folder';
import { SignOfLife } from '../../sweep/sign-of-life';
import { isCancelled, readResult } from '../../sweep/state';
import type { CommandIo } from '../io';
import { requeue } from './engines/slurm-command';
import { recordFailure, trainAndScore } from './train-and-score';

/** Makes one attempt at one trial. Exit code 130 if it was interrupted, 1 if the trial would fail again. */
export async function runTask(sweep: string, id: string, io: CommandIo): Promise<void> {
  const { SLURM_JOB_ID: job } = io.env;
  let timeIsUp = false;
  const abort = new AbortController();
  const onTimeLimit = () => {
    timeIsUp = true;
    abort.abort(TIME_LIMIT);
  };
  // Before anything else: without a listener, Node starts its debugger on this signal.
  if (job !== undefined) process.on('SIGUSR1', onTimeLimit);
  try {
    const moved = await attemptAt(sweep, readTrial(sweep, id), abort, io);
    if (abort.signal.aborted) io.stderr.write('gmm-vae: interrupted; the next attempt goes on from what is kept\n');
    // Slurm requeues a job by itself when a node fails, but not at the time limit.
    if (timeIsUp && job !== undefined && moved) requeue(job);
  } finally {
    process.off('SIGUSR1', onTimeLimit);
  }
}

const TIME_LIMIT = 'time limit';
const FAILS_AGAIN: ReadonlySet<string> = new Set(['DivergenceError', 'InvalidArgumentError']);

/** Names an attempt after who started it. */
function attemptName({
  SLURM_JOB_ID: job,
  SLURM_RESTART_COUNT: restart = '0',
  JOB_COMPLETION_INDEX: index,
}: Env): string {
  if (job !== undefined) return `${job}.${restart}`;
  return index === undefined ? `${BY_HAND}${process.pid}` : `pod.${index}`;
}

type Env = CommandIo['env'];

/**
 * @param abort ends the attempt; io's signal does, too
 * @returns false if trying again would not help
 */
export async function attemptAt(sweep: string, trial: Trial, abort: AbortController, io: CommandIo): Promise<boolean> {
  const folder = trialFolder(sweep, trial.id);
  const isOver = () => readResult(folder) !== null || isCancelled(folder);
  if (isOver()) return false;
  const onAbort = () => abort.abort(io.signal.reason);
  io.signal.addEventListener('abort', onAbort, { once: true });
  if (io.signal.aborted) onAbort();
  const attempt = await makeAttempt(folder, attemptName(io.env));
  const sign = await SignOfLife.begin(attempt, () => {
    if (isCancelled(folder)) abort.abort('cancelled');
  });
  try {
    const rival = await rivalOf(attempt, abort.signal);
    if (rival) io.stderr.write(`gmm-vae: process ${rival.pid} on ${rival.host} is at it already: left alone\n`);
    // It may have ended between the first look and the claim.
    if (rival || isOver()) return false;
    await sign.settle();
    return await makeProgress(sweep, trial, attempt, abort.signal, io);
  } finally {
    io.signal.removeEventListener('abort', onAbort);
    await sign.end();
    // Nothing is in it where the trial was left to another.
    await rmdir(attempt).catch(() => {});
  }
}

/** Trains and scores in an attempt's folder. Returns false if trying again would not help. */
async function makeProgress(
  sweep: string,
  trial: Trial,
  attempt: string,
  signal: AbortSignal,
  io: CommandIo,
): Promise<boolean> {
  const folder = trialFolder(sweep, trial.id);
  const { cwd = io.cwd } = trial;
  if (!existsSync(cwd))
    throw new UsageError(`${trial.id}: its images were named from ${cwd}, which is gone: put it back`);
  await takeOverEarlier(folder, attempt, continuedBy(sweep, trial));
  const before = await progressOf(attempt);
  try {
    if (await trainAndScore(trial, attempt, folder, { ...io, cwd, signal })) return false;
    io.exit(130);
    if (signal.reason !== TIME_LIMIT || (await progressOf(attempt)) !== before) return true;
    const why = 'one time limit is too short for any progress';
    await recordFailure(folder, `${why}: raise slurm.time, or save more often (checkpoint-every)`, io);
    return false;
  } catch (error) {
    // The same bits would diverge again, and an option that does not fit the data would be refused again.
    // A fault of the machine, such as a full disk, may not recur.
    if (!FAILS_AGAIN.has((error as Error).name)) throw error;
    await recordFailure(folder, (error as Error).message, io);
    return false;
  }
}

function continuedBy(sweep: string, { resumes, takes }: Trial): readonly string[] {
  const shorter = resumes === undefined ? [] : attemptsOf(trialFolder(sweep, resumes));
  return takes === undefined ? shorter : [...shorter, join(sweep, takes)];
}
