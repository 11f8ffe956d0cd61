import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors';
import { type Options, optionsSchema } from './spec';

/** One training of a sweep, with all its options spelled out: a later version's defaults change nothing. */
export interface Trial {
  readonly id: string;
  readonly options: Options;
  /** The options of `gmm-vae evaluate`; null where trials are not scored. */
  readonly evaluate: Options | null;
}

export const STATES = ['done', 'running', 'waiting', 'failed', 'cancelled'] as const;
export type TrialState = (typeof STATES)[number];

/** How often a running task shows that it lives, and how long it is believed. Milliseconds. */
export const HEARTBEAT = 2000;
const BELIEVED = 30_000;

interface SweepFile {
  readonly format: 'gmm-vae sweep';
  readonly version: 1;
  readonly trials: readonly Trial[];
}

export interface TrialResult {
  readonly metrics: Readonly<Record<string, number | null>>;
  /** SHA-256 of the weights' file. */
  readonly weights: string;
}

const sweepSchema: z.ZodType<SweepFile> = z.object({
  format: z.literal('gmm-vae sweep'),
  version: z.literal(1),
  trials: z.array(
    z.object({ id: z.string().regex(/^[\w.-]+$/), options: optionsSchema, evaluate: optionsSchema.nullable() }),
  ),
});
const resultSchema: z.ZodType<TrialResult> = z.object({
  metrics: z.record(z.string(), z.number().nullable()),
  weights: z.string(),
});

/** Words to read, and eight hexadecimal digits of the SHA-256 of the options, whatever their order. */
export function trialId(options: Options, evaluate: Options | null): string {
  const sorted = (of: Options | null) => of && Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
  const sum = createHash('sha256').update(JSON.stringify([sorted(options), sorted(evaluate)]));
  const words = [options.prior, options.components, `s${options.seed}`].filter((word) => word !== undefined);
  return `${words.join('-')}-${sum.digest('hex').slice(0, 8)}`;
}

export const trialFolder = (sweep: string, id: string): string => join(sweep, 'trials', id);

export function sweepText(trials: readonly Trial[]): string {
  return `${JSON.stringify({ format: 'gmm-vae sweep', version: 1, trials }, null, 1)}\n`;
}

/** @throws UsageError where the folder holds no sweep */
export function readSweep(sweep: string): readonly Trial[] {
  const path = join(sweep, 'sweep.json');
  const json = readJson(path);
  if (json === null)
    throw new UsageError(`${path}: no sweep here: "gmm-vae sweep run FILE --output ${sweep}" makes one`);
  const parsed = sweepSchema.safeParse(json);
  if (!parsed.success) throw new UsageError(`${path}: not a sweep of gmm-vae: ${parsed.error.issues[0]?.message}`);
  return parsed.data.trials;
}

/** The one file that says that a trial is done. */
export function readResult(folder: string): TrialResult | null {
  const parsed = resultSchema.safeParse(readJson(join(folder, 'result.json')));
  return parsed.success ? parsed.data : null;
}

/** Reads the state from the disk alone. */
export function stateOf(folder: string, now: number): TrialState {
  if (readResult(folder)) return 'done';
  if (existsSync(join(folder, 'failed.json'))) return 'failed';
  if (attemptsOf(folder).some((attempt) => isAlive(attempt, now))) return 'running';
  return existsSync(join(folder, 'cancelled.json')) ? 'cancelled' : 'waiting';
}

export function attemptsOf(folder: string): readonly string[] {
  const attempts = join(folder, 'attempts');
  return existsSync(attempts) ? readdirSync(attempts).map((name) => join(attempts, name)) : [];
}

function isAlive(attempt: string, now: number): boolean {
  const written = statSync(join(attempt, 'running'), { throwIfNoEntry: false })?.mtimeMs;
  return written !== undefined && now - written < BELIEVED;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError(`${path}: cannot be read: ${(error as Error).message}`);
  }
}
