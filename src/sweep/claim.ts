import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../vae/checkpoint/processes';
import { attemptsOf } from './folder';
import { BELIEVED, type Runner, runnerOf, runningPath } from './state';

/** Milliseconds between two looks at the other tasks. */
const POLL = 50;

/** Attempts of tasks that a person started, and not a scheduler, which knows itself what it has running. */
export const BY_HAND = 'local.';

/**
 * Two tasks may begin one trial in the same instant, started by two runs on one folder. No lock tells them apart, since a dead task would
 * leave it behind. Each has made a folder and a sign of life that says that it claims the trial (Lamport's bakery, 1974): all of them see
 * each other, or the later ones see the earlier. Of those that see each other, the first by name goes on when the others have given way.
 * A claim of a task that died is none.
 *
 * A task of a scheduler gives way only to one that was started by hand and is at work: of its own kind, the scheduler has ended what
 * still writes, and that may be gone at any moment.
 *
 * @param attempt the task's own folder, with a sign of life that is a claim
 * @returns the process that is at the trial already; null if this task may begin
 */
export async function rivalOf(attempt: string, signal: AbortSignal): Promise<Runner | null> {
  const own = basename(attempt);
  for (let waited = 0; !signal.aborted; waited += POLL) {
    const rivals = await rivalsOf(attempt, signal);
    const winner = rivals.find(({ name, runner }) => !runner.isClaim || comesBefore(name, own) || waited > BELIEVED);
    if (winner) return winner.runner;
    if (rivals.length === 0) break;
    await sleep(POLL);
  }
  return null;
}

interface Rival {
  readonly name: string;
  readonly runner: Runner;
}

const isByHand = (name: string): boolean => name.startsWith(BY_HAND);

function comesBefore(name: string, own: string): boolean {
  return isByHand(name) === isByHand(own) ? name < own : !isByHand(name);
}

async function rivalsOf(attempt: string, signal: AbortSignal): Promise<readonly Rival[]> {
  const folder = dirname(dirname(attempt));
  const others = attemptsOf(folder).filter((other) => other !== attempt);
  const counted = others.filter((other) => isByHand(basename(attempt)) || isByHand(basename(other)));
  const found = counted.map(async (other): Promise<Rival[]> => {
    const runner = await liveRunner(other, attempt, signal);
    return runner ? [{ name: basename(other), runner }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Returns null if nobody is at the attempt. */
async function liveRunner(attempt: string, own: string, signal: AbortSignal): Promise<Runner | null> {
  const runner = runnerOf(runningPath(attempt));
  if (runner && isRunning(runner) !== null) return isRunning(runner) ? runner : null;
  return (await renews(attempt, own, signal)) ? (runnerOf(runningPath(attempt)) ?? UNKNOWN) : null;
}

/** A process that could not write who it is, for want of room. */
const UNKNOWN: Runner = { host: 'another machine', pid: 0, started: null };

/** Whether a task on another machine renews its sign of life. Compares times that one file system gave, since clocks differ. */
async function renews(attempt: string, own: string, signal: AbortSignal): Promise<boolean> {
  const first = writtenAt(attempt);
  if (first === null || (writtenAt(own) ?? first) - first > BELIEVED) return false;
  for (let waited = 0; waited < BELIEVED && !signal.aborted; waited += POLL) {
    await sleep(POLL);
    const now = writtenAt(attempt);
    if (now !== first) return now !== null;
  }
  return false;
}

/** Returns null if there is no sign of life. */
function writtenAt(attempt: string): number | null {
  const path = runningPath(attempt);
  // Opens the file: where nodes cache what they know of files, this alone asks for news.
  runnerOf(path);
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
