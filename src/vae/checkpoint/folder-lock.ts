import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { UsageError } from '../../errors';
import { createExclusivelySync, makeFolderSync, removeEmptyFoldersSync } from '../../files';
import { isRunning, processSchema, thisProcess } from './processes';
import { isEarlierRun, queuedJob, queuedJobSchema } from './queued-job';

const holderSchema = processSchema.extend({ since: z.string(), token: z.string(), job: queuedJobSchema.optional() });

type Holder = z.infer<typeof holderSchema>;

/** A lock without a readable holder is being written at this moment, unless it is older than this. Milliseconds. */
const WRITING = 5000;
const ATTEMPTS = 50;
const BETWEEN_ATTEMPTS = 20;

/**
 * One writer at a time for a checkpoint folder: a file made exclusively, with who made it. The lock of a process that is no more, on
 * this machine, is taken over, and so is that of an earlier run of the same Slurm job. That of another process on another machine cannot be
 * judged from here and is respected, however old it is: a machine may be busy, asleep or cut off for hours, and then go on writing.
 */
export class FolderLock {
  private readonly onExit = (): void => this.release();

  private constructor(
    private readonly path: string,
    private readonly token: string,
    /** The folders that are there for the lock's sake only, from the outermost on. */
    private readonly made: readonly string[],
  ) {
    process.once('exit', this.onExit);
  }

  /**
   * Makes the folder where there is none.
   *
   * @throws UsageError, one line, when another process is writing there, or nothing can be written there
   */
  static async take(folder: string, env: NodeJS.ProcessEnv = process.env): Promise<FolderLock> {
    const made = makeFolderSync(folder);
    const path = join(folder, '.lock');
    const [token, since] = [randomUUID(), new Date().toISOString()];
    const own: Holder = { ...thisProcess(), since, token, job: queuedJob(env) };
    try {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (createExclusivelySync(path, JSON.stringify(own))) return new FolderLock(path, token, made);
        if (!removeIfStale(path, folder, own)) await sleep(BETWEEN_ATTEMPTS);
      }
      throw new UsageError(`${folder}: another process takes and leaves ${path} all the time: end it, then try again`);
    } catch (error) {
      removeEmptyFoldersSync(made);
      throw error;
    }
  }

  /** Gives the lock up. Removes the folders, too, that were made for it and in which nothing has been kept. */
  release(): void {
    process.removeListener('exit', this.onExit);
    if (holderOf(this.path)?.token !== this.token) return;
    rmSync(this.path, { force: true });
    removeEmptyFoldersSync(this.made);
  }
}

/**
 * Removes a lock that nobody holds any more; false when it went by itself or someone else is at it. A second lock lets only one process
 * at a time judge and remove, so that none removes the lock with which another has already replaced the stale one.
 *
 * @throws UsageError when it is held
 */
function removeIfStale(path: string, folder: string, own: Holder): boolean {
  const guard = `${path}.takeover`;
  if (!isStale(path, folder, own)) return false;
  if (!createExclusivelySync(guard, '')) {
    if (ageOf(guard) > WRITING) rmSync(guard, { force: true });
    return false;
  }
  try {
    const stale = isStale(path, folder, own);
    if (stale) rmSync(path, { force: true });
    return stale;
  } finally {
    rmSync(guard, { force: true });
  }
}

/** False when there is no lock, or one that is just being written. @throws UsageError when it is held */
function isStale(path: string, folder: string, own: Holder): boolean {
  const holder = holderOf(path);
  if (!holder) return ageOf(path) > WRITING;
  const { pid, host, since, job } = holder;
  const runs = isRunning(holder);
  if (runs === false || isEarlierRun(job, own.job)) return true;
  const where = runs === null ? ` on ${host}` : '';
  throw new UsageError(
    `${folder}: process ${pid}${where} has been writing here since ${since}: end it or name another folder (if it is gone, remove ${path})`,
  );
}

/** Null when there is no lock, or none that can be read. */
function holderOf(path: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Milliseconds since it was written; 0 when it is gone. */
function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}
