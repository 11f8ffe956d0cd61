import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors';
import { makeFolderSync, noFolderFor, writeAtomicallySync } from '../files';
import { problemIn } from '../schema-problem';
import { type Options, optionsSchema } from './spec';

/** One training of a sweep, with all its options, so that a later version's defaults change nothing. */
export interface Trial {
  readonly id: string;
  readonly options: Options;
  /** The options of `gmm-vae evaluate`; null where trials are not scored. */
  readonly evaluate: Options | null;
  /** The id of a trial with fewer epochs that this one continues. */
  readonly resumes?: string | undefined;
  /** A checkpoint folder beside `trials`, made without a sweep, that this one continues. */
  readonly takes?: string | undefined;
  /** The folder that relative paths in the options start from, so that a later run from elsewhere finds the same files. */
  readonly cwd?: string | undefined;
}

/**
 * `sweep.json`: the trials that the file named last. Each trial's options are in its own folder, so that two submissions cannot overwrite
 * each other's.
 */
interface SweepFile {
  readonly format: 'gmm-vae sweep';
  readonly version: 1;
  readonly trials: readonly string[];
}

const ID = /^[\w.-]+$/;
const sweepSchema: z.ZodType<SweepFile> = z.object({
  format: z.literal('gmm-vae sweep'),
  version: z.literal(1),
  trials: z.array(z.string().regex(ID)),
});
const trialSchema: z.ZodType<Omit<Trial, 'id'>> = z.object({
  options: optionsSchema,
  evaluate: optionsSchema.nullable(),
  resumes: z.string().regex(ID).optional(),
  takes: z.string().regex(ID).optional(),
  cwd: z.string().optional(),
});

/** Returns readable words and eight hexadecimal digits of the SHA-256 of the options, in any order. */
export function trialId(options: Options, evaluate: Options | null): string {
  const sorted = (of: Options | null) => of && Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
  const sum = createHash('sha256').update(JSON.stringify([sorted(options), sorted(evaluate)]));
  return `${trialWords(options)}-${sum.digest('hex').slice(0, 8)}`;
}

/** Returns the id without its hash. A trial whose other options changed keeps these words. */
export function trialWords({ prior, components, seed }: Options): string {
  return [prior, components, `s${seed}`].filter((word) => word !== undefined).join('-');
}

export const trialFolder = (sweep: string, id: string): string => join(sweep, 'trials', id);

/** Writes each trial's options to its own folder, once, and the list of trials that the file names now. */
export function writeSweep(sweep: string, trials: readonly Trial[]): void {
  for (const { id, ...trial } of trials) {
    const path = join(trialFolder(sweep, id), 'trial.json');
    makeFolderSync(trialFolder(sweep, id));
    if (!existsSync(path)) writeAtomicallySync(path, `${JSON.stringify(trial, null, 1)}\n`);
  }
  const file: SweepFile = { format: 'gmm-vae sweep', version: 1, trials: trials.map(({ id }) => id) };
  writeAtomicallySync(join(sweep, 'sweep.json'), `${JSON.stringify(file, null, 1)}\n`);
}

/**
 * Reads all trials of the folder, starting with those that the file names. A trial whose folder was deleted is none: the next run makes it
 * again.
 *
 * @throws UsageError if the folder holds no sweep
 */
export function readSweep(sweep: string): readonly Trial[] {
  const path = join(sweep, 'sweep.json');
  const file = readStored(path, sweepSchema, {
    kind: 'a sweep of gmm-vae',
    remedy: 'remove the file, and "gmm-vae sweep run" makes it again',
  });
  if (file === null)
    throw new UsageError(`${path}: no sweep here: "gmm-vae sweep run FILE --output ${sweep}" makes one`);
  const folder = join(sweep, 'trials');
  const all = [...file.trials, ...(existsSync(folder) ? readdirSync(folder).sort() : [])];
  const there = all.filter((id) => existsSync(join(trialFolder(sweep, id), 'trial.json')));
  return [...new Set(there)].map((id) => readTrial(sweep, id));
}

/** @throws UsageError if the sweep has no such trial */
export function readTrial(sweep: string, id: string): Trial {
  const path = join(trialFolder(sweep, id), 'trial.json');
  const trial = ID.test(id) ? readStored(path, trialSchema, { kind: 'a trial', remedy: MADE_AGAIN }) : null;
  if (trial === null) throw new UsageError(`${id}: no trial of ${sweep}`);
  return { id, ...trial };
}

/** Lists the folders of a trial's attempts. Skips stray files that a file system leaves there. */
export function attemptsOf(folder: string): readonly string[] {
  const attempts = join(folder, 'attempts');
  if (!existsSync(attempts)) return [];
  const paths = readdirSync(attempts).map((name) => join(attempts, name));
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
}

/** What to do about a damaged file of a trial. */
export const MADE_AGAIN = 'remove the file, and the next "gmm-vae sweep run" makes it again';

/**
 * Reads a file that a sweep keeps. Returns null if there is no such file.
 *
 * @param file what it should be, and what to do if it is not
 * @throws UsageError in one line that names the field, if the file was damaged or is another
 */
export function readStored<T>(
  path: string,
  schema: z.ZodType<T>,
  { kind, remedy }: { readonly kind: string; readonly remedy: string },
): T | null {
  const text = textOf(path);
  if (text === null) return null;
  const refuse = (problem: string): never => {
    throw new UsageError(`${path}: not ${kind}: ${problem}; ${remedy}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('it is not JSON, or cut short');
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : refuse(problemIn(parsed.error, json, 'the file'));
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR') throw noFolderFor(path);
    throw new UsageError(`${path}: cannot be read: ${(error as Error).message}`);
  }
}
