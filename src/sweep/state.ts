import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolderSync, writeAtomicallySync } from '../files';
import { isRunning, processSchema, thisProcess } from '../vae/checkpoint/processes';
import { attemptsOf, MADE_AGAIN, readStored } from './folder';

const STATES = ['done', 'running', 'waiting', 'failed', 'cancelled'] as const;
export type TrialState = (typeof STATES)[number];

export interface TrialResult {
  readonly metrics: Readonly<Record<string, number | null>>;
  /** SHA-256 of the weights' file. */
  readonly weights: string;
  /** The name of the attempt's folder. */
  readonly attempt?: string | undefined;
  /** Posterior collapse and empty components, with numbers. */
  readonly warnings?: readonly string[] | undefined;
}

const resultSchema: z.ZodType<TrialResult> = z.object({
  metrics: z.record(z.string(), z.number().nullable()),
  weights: z.string(),
  attempt: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional(),
  warnings: z.array(z.string()).optional(),
});
const failureSchema: z.ZodType<{ error: string }> = z.object({ error: z.string() });

/** Reads `result.json`, the only file that marks a trial as done. */
export function readResult(folder: string): TrialResult | null {
  return readStored(join(folder, 'result.json'), resultSchema, { kind: 'the result of a trial', remedy: MADE_AGAIN });
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

const SCORED_AGAIN = 'remove it and result.json, and the next "gmm-vae sweep run" makes both again';

/** Returns null if the trial was not scored. */
export function readImages(folder: string): ScoredImages | null {
  return readStored(imagesPath(folder), imagesSchema, { kind: 'the scores of images', remedy: SCORED_AGAIN });
}

/** Returns why a trial would fail again; null if it has not failed. */
export function readFailure(folder: string): string | null {
  const remedy = 'remove the file, and the next "gmm-vae sweep run" tries the trial again';
  return readStored(join(folder, 'failed.json'), failureSchema, { kind: 'why a trial failed', remedy })?.error ?? null;
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
  if (attemptsOf(folder).some((attempt) => isBelieved(attempt, now))) return 'running';
  return isCancelled(folder) ? 'cancelled' : 'waiting';
}

/** How often a running task renews its sign of life, and for how long another machine believes it. Milliseconds. */
export const HEARTBEAT = 2000;
export const BELIEVED = 30_000;

/** The file in an attempt's folder that names the running process. */
const RUNNING = 'running';

export const runningPath = (attempt: string): string => join(attempt, RUNNING);

const runnerSchema = processSchema.extend({
  /** Whether it has yet to see whether another task is at the same trial. */
  isClaim: z.boolean().optional(),
});

/** The process that is at an attempt. */
export type Runner = z.infer<typeof runnerSchema>;

/** Describes this process for the running file. */
export function runningText(isClaim = false): string {
  const runner: Runner = { ...thisProcess(), ...(isClaim && { isClaim }) };
  return JSON.stringify(runner);
}

/**
 * Looks for the process if it is on this machine. Otherwise checks how long ago it wrote; a time to come is of a clock that jumped, or of
 * another machine's.
 */
function isBelieved(attempt: string, now: number): boolean {
  const path = runningPath(attempt);
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (written === undefined) return false;
  const runner = runnerOf(path);
  return (runner && isRunning(runner)) ?? Math.abs(now - written) < BELIEVED;
}

/** Returns null also while the file is being written. */
export function runnerOf(path: string): Runner | null {
  try {
    return runnerSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
