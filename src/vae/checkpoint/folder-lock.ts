import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../errors';
import { makeFolderSync, removeEmptyFoldersSync } from '../../files';
import { isRunning, startOf } from './processes';

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When its process started, in the system's own terms; null where the system does not say. Process ids come again, this does not. */
  readonly started: string | null;
  /** ISO 8601. */
  readonly since: string;
  readonly token: string;
  /** Absent outside a queue. */
  readonly job?: QueuedJob | undefined;
}

/** A job of Slurm's as its processes see it. */
interface QueuedJob {
  readonly cluster: string;
  /** One number each task of an array. */
  readonly id: string;
  /** How often it has been put back into the queue. */
  readonly restart: number;
}

/** The file's name in the folder. */
const LOCK = '.lock';
/** A lock without a readable holder is being written at this moment, unless it is older than this. Milliseconds. */
const WRITING = 5000;
const ATTEMPTS = 50;
const BETWEEN_ATTEMPTS = 20;

/**
 * One writer at a time for a checkpoint folder: a file made exclusively, with who made it. The lock of a process that is no more, on
 * this machine, is taken over, and so is that of an earlier run of the same Slurm job, wherever it was: Slurm puts a job back into the
 * queue once it has given up the node. That of another process on another machine cannot be judged from here and is respected.
 */
export class FolderLock {
  private readonly onExit = (): void => this.release();

  private constructor(
    private readonly folder: string,
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
    try {
      return await FolderLock.takeIn(folder, made, queuedJob(env));
    } catch (error) {
      removeEmptyFoldersSync(made);
      throw error;
    }
  }

  private static async takeIn(
    folder: string,
    made: readonly string[],
    job: QueuedJob | undefined,
  ): Promise<FolderLock> {
    const token = randomUUID();
    const path = join(folder, LOCK);
    const own: Holder = {
      pid: process.pid,
      host: hostname(),
      started: startOf(process.pid),
      since: new Date().toISOString(),
      token,
      job,
    };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (createExclusively(path, JSON.stringify(own))) return new FolderLock(folder, token, made);
      if (!removeIfStale(path, folder, job)) await sleep(BETWEEN_ATTEMPTS);
    }
    throw new UsageError(`${folder}: another process takes and leaves ${path} all the time: end it, then try again`);
  }

  /** Once is enough. Removes the folders, too, that were made for this and in which nothing has been kept. */
  release(): void {
    process.removeListener('exit', this.onExit);
    const path = join(this.folder, LOCK);
    if (parse(textOf(path) ?? '')?.token !== this.token) return;
    rmSync(path, { force: true });
    removeEmptyFoldersSync(this.made);
  }
}

/**
 * Removes a lock that nobody holds any more; false when it went by itself or someone else is at it. A second lock lets only one process
 * at a time judge and remove, so that none removes the lock with which another has already replaced the stale one.
 *
 * @throws UsageError when it is held
 */
function removeIfStale(path: string, folder: string, job: QueuedJob | undefined): boolean {
  requireStale(path, folder, job);
  const guard = `${path}.takeover`;
  if (!createExclusively(guard, '')) {
    if (ageOf(guard) > WRITING) rmSync(guard, { force: true });
    return false;
  }
  try {
    if (!requireStale(path, folder, job)) return false;
    rmSync(path, { force: true });
    return true;
  } finally {
    rmSync(guard, { force: true });
  }
}

/** False when there is no lock, or one that is just being written. @throws UsageError when it is held */
function requireStale(path: string, folder: string, job: QueuedJob | undefined): boolean {
  const text = textOf(path);
  if (text === null) return false;
  const holder = parse(text);
  if (!holder) return ageOf(path) > WRITING;
  const { pid, host, started, since } = holder;
  if (isEarlierRun(holder.job, job)) return true;
  const elsewhere = host !== hostname();
  if (!elsewhere && !isRunning(pid, started)) return true;
  const where = elsewhere ? ` on ${host}` : '';
  throw new UsageError(
    `${folder}: process ${pid}${where} has been writing here since ${since}: end it or name another folder (if it is gone, remove ${path})`,
  );
}

function queuedJob(env: NodeJS.ProcessEnv): QueuedJob | undefined {
  const { SLURM_CLUSTER_NAME: cluster = '', SLURM_JOB_ID: id, SLURM_RESTART_COUNT: restart = '0' } = env;
  return id === undefined ? undefined : { cluster, id, restart: Number(restart) };
}

function isEarlierRun(then: QueuedJob | undefined, now: QueuedJob | undefined): boolean {
  if (!then || !now || then.cluster !== now.cluster) return false;
  return then.id === now.id && then.restart < now.restart;
}

/** False when it is already there. Empty it does not stay, as on a full disk: it would look like a lock. */
function createExclusively(path: string, text: string): boolean {
  let file: number | null = null;
  try {
    file = openSync(path, 'wx');
    writeFileSync(file, text);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (file !== null) rmSync(path, { force: true });
    throw new UsageError(`${path}: cannot be written (${code})`);
  } finally {
    if (file !== null) closeSync(file);
  }
}

function parse(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : null;
  } catch {
    return null;
  }
}

/** Null when there is no such file. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Milliseconds since it was written; 0 when it is gone. */
function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}
