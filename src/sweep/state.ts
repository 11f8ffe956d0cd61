import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolderSync, writeAtomicallySync } from '../files';
import { isRunning, processSchema, thisProcess } from '../vae/checkpoint/processes';
import { attemptsOf, readJson } from './folder';

const STATES = ['done', 'running', 'waiting', 'failed', 'cancelled'] as const;
export type TrialState = (typeof STATES)[number];

export interface TrialResult {
  readonly metrics: Readonly<Record<string, number | null>>;
  /** SHA-256 of the weights' file. */
  readonly weights: string;
  /** Posterior collapse and empty components, with numbers. */
  readonly warnings?: readonly string[] | undefined;
}

const resultSchema: z.ZodType<TrialResult> = z.object({
  metrics: z.record(z.string(), z.number().nullable()),
  weights: z.string(),
  warnings: z.array(z.string()).optional(),
});
const failureSchema: z.ZodType<{ error: string }> = z.object({ error: z.string() });

/** Reads `result.json`, the only file that marks a trial as done. */
export function readResult(folder: string): TrialResult | null {
  const parsed = resultSchema.safeParse(readJson(join(folder, 'result.json')));
  return parsed.success ? parsed.data : null;
}

/** The file that holds ln p(x) for each scored image. */
export const imagesPath = (folder: string): string => join(folder, 'images.json');

/** ln p(x) image by image. */
export interface ScoredImages {
  readonly logLikelihood: readonly number[];
  /** SHA-256 of the images; absent in the oldest sweeps. */
  readonly images?: string | undefined;
}

const imagesSchema: z.ZodType<ScoredImages> = z.object({
  logLikelihood: z.array(z.number()),
  images: z.string().optional(),
});

/** Returns null if the trial was not scored. */
export function readImages(folder: string): ScoredImages | null {
  const parsed = imagesSchema.safeParse(readJson(imagesPath(folder)));
  return parsed.success ? parsed.data : null;
}

/** Returns why a trial would fail again; null if it has not failed. */
export function readFailure(folder: string): string | null {
  const parsed = failureSchema.safeParse(readJson(join(folder, 'failed.json')));
  return parsed.success ? parsed.data.error : null;
}

export const isCancelled = (folder: string): boolean => existsSync(join(folder, 'cancelled.json'));

export function writeCancelled(folder: string): void {
  makeFolderSync(folder);
  writeAtomicallySync(join(folder, 'cancelled.json'), '{}\n');
}

/** Lets the next run try again. */
export function forgetEnd(folder: string): void {
  for (const name of ['failed.json', 'cancelled.json']) rmSync(join(folder, name), { force: true });
}

/** Reads the state from the disk alone. */
export function stateOf(folder: string, now: number): TrialState {
  if (readResult(folder)) return 'done';
  if (readFailure(folder) !== null) return 'failed';
  if (attemptsOf(folder).some((attempt) => isAlive(attempt, now))) return 'running';
  return isCancelled(folder) ? 'cancelled' : 'waiting';
}

/** How often a running task renews its sign of life, and for how long another machine believes it. Milliseconds. */
export const HEARTBEAT = 2000;
const BELIEVED = 30_000;

/** The file in an attempt's folder that names the running process. */
const RUNNING = 'running';

export const runningPath = (attempt: string): string => join(attempt, RUNNING);

/** Describes this process for the running file. */
export function runningText(): string {
  return JSON.stringify(thisProcess());
}

/** Looks for the process if it is on this machine. Otherwise checks how long ago it wrote. */
function isAlive(attempt: string, now: number): boolean {
  const path = runningPath(attempt);
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (written === undefined) return false;
  const { data: runner } = processSchema.safeParse(jsonOrNull(path));
  return (runner && isRunning(runner)) ?? now - written < BELIEVED;
}

/** Returns null also while the file is being written. */
function jsonOrNull(path: string): unknown {
  try {
    return readJson(path);
  } catch {
    return null;
  }
}
