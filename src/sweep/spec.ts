import { z } from 'zod';
import { UsageError } from '../errors';
import { nth } from '../nth';
import { problemIn } from '../schema-problem';
import { readYaml } from '../yaml-files';

export type OptionValue = string | number | boolean | number[];
export type Options = Readonly<Record<string, OptionValue>>;

/** Where a search draws an option's values from: a list, or an interval, uniformly or uniformly in the logarithm. */
export type Range =
  | readonly (OptionValue | null)[]
  | {
      readonly from: number;
      readonly to: number;
      readonly log?: boolean | undefined;
      readonly integer?: boolean | undefined;
    };

/** How a search draws and ranks settings. Metrics come from held-out images only: choosing by test images would spoil the test. */
export interface SearchSettings {
  /** The number of settings to draw. */
  readonly draws: number;
  readonly seed: number;
  readonly metric: 'best' | 'validation' | 'loss';
  /** η: halving keeps one setting in η and trains it for η times as many epochs. */
  readonly factor: number;
}

/** The contents of a sweep's file. */
export interface SweepSpec {
  /** Options of `gmm-vae train` that all trials share, by their flags without the dashes. */
  readonly train: Options;
  /** Lists of values; every combination is a trial. null leaves the option out. */
  readonly grid: Readonly<Record<string, readonly (OptionValue | null)[]>>;
  /** Lists of equal length whose values are paired by position; each position is combined with the whole grid. */
  readonly zip: Readonly<Record<string, readonly (OptionValue | null)[]>>;
  /** Combinations to leave out: a trial is left out if it has all values of one entry, and none of an option that is null there. */
  readonly exclude: readonly Readonly<Record<string, OptionValue | null>>[];
  /** Options that a search draws; each draw is combined with the grid. */
  readonly ranges: Readonly<Record<string, Range>>;
  readonly search: SearchSettings;
  /** Options of `gmm-vae evaluate`; without them, trials are not scored. */
  readonly evaluate?: Options | undefined;
  /** Options of `sbatch`, and `limit`: trials at a time. */
  readonly slurm?: Options | undefined;
  /** Options for the manifest of a Kubernetes Job. */
  readonly kubernetes?: Options | undefined;
}

/** The most trials of a sweep. More would take minutes to plan, and no site queues them. */
export const MOST_TRIALS = 10_000;

/** Says what was expected and what is there, where zod only says that something is wrong. */
export const instead =
  (expected: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    `expected ${expected}, got ${input === null || input === undefined ? 'nothing' : shortJson(input)}`;

const shortJson = (input: unknown): string =>
  (JSON.stringify(input) ?? String(input)).replace(/^null$/, String(input)).slice(0, 60);

const VALUE = 'text, a finite number, true, false or a list of numbers';
const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.number())], { error: instead(VALUE) });
export const optionsSchema: z.ZodType<Record<string, OptionValue>> = z.record(z.string(), value, {
  error: instead('options and their values'),
});

const entry = z.union([value, z.null()], { error: instead(`${VALUE}, or null`) });
const list = z.array(entry, { error: instead('a list of values') }).min(1, { error: 'expected at least one value' });
const lists = z.record(z.string(), list, { error: instead('options and lists of their values') });
const interval = z
  .strictObject({ from: z.number(), to: z.number(), log: z.boolean().optional(), integer: z.boolean().optional() })
  .refine(({ from, to, log }) => from < to && !(log && from <= 0), 'expected from < to, and from > 0 with log')
  .refine(
    ({ from, to, integer }) => !integer || (Number.isSafeInteger(from) && Number.isSafeInteger(to)),
    'expected whole numbers for from and to where integer is set',
  );
const range: z.ZodType<Range> = z.union([list, interval], { error: instead('a list of values, or from and to') });
const search: z.ZodType<SearchSettings> = z.strictObject({
  draws: z
    .int({ error: instead(`a whole number from 1 to ${MOST_TRIALS}`) })
    .positive()
    .max(MOST_TRIALS)
    .default(9),
  seed: z.int({ error: instead('a whole number') }).default(1),
  metric: z.enum(['best', 'validation', 'loss'], { error: instead('best, validation or loss') }).default('best'),
  factor: z
    .int({ error: instead('a whole number of at least 2') })
    .min(2)
    .default(3),
});

const specObject = z.strictObject(
  {
    train: optionsSchema.default({}),
    grid: lists.default({}),
    zip: lists.default({}),
    exclude: z
      .array(z.record(z.string(), entry, { error: instead('options and their values') }), {
        error: instead('a list of options and their values'),
      })
      .default([]),
    ranges: z.record(z.string(), range, { error: instead('options and where to draw them from') }).default({}),
    search: search.prefault({}),
    evaluate: optionsSchema.optional(),
    slurm: optionsSchema.optional(),
    kubernetes: optionsSchema.optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? instead('train, grid and other keys')(issue) : undefined) },
);
const specSchema: z.ZodType<SweepSpec> = specObject;

/** @throws UsageError in one line: no such file, not YAML, or not a sweep */
export function readSpec(path: string): SweepSpec {
  const given = readYaml(path);
  const parsed = specSchema.safeParse(given);
  if (parsed.success) return checkSearch(path, given, parsed.data);
  throw new UsageError(`${path}: ${problemIn(parsed.error, given, 'the file')}`);
}

/** Settings of a search that has nothing to draw would be passed over in silence. */
function checkSearch(path: string, given: unknown, spec: SweepSpec): SweepSpec {
  if (Object.keys(spec.ranges).length > 0 || !Object.hasOwn(Object(given), 'search')) return spec;
  throw new UsageError(`${path}: search: expected ranges beside it to draw from, got none`);
}

/**
 * @param drawn the values that a search has drawn for the options in `ranges`
 * @throws UsageError if an option is given twice, or zipped lists differ in length
 */
export function expand({ train, grid, zip, ranges, exclude }: SweepSpec, drawn: Options = {}): readonly Options[] {
  const parts = [train, grid, zip, ranges].flatMap((part) => Object.keys(part));
  const twice = parts.find((name, i) => parts.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(`${twice}: said twice: only one of train, grid, zip and ranges may say it`);
  const lengths = [...new Set(Object.values(zip).map(({ length }) => length))];
  if (lengths.length > 1) throw new UsageError(`zip: expected lists of one length, got ${lengths.join(' and ')}`);
  const count = Object.values(grid).reduce((product, { length }) => product * length, lengths[0] ?? 1);
  if (count > MOST_TRIALS) throw new UsageError(`grid: ${count} combinations: a sweep has at most ${MOST_TRIALS}`);
  let combined = Array.from({ length: lengths[0] ?? 1 }, (_, i) => ({
    ...train,
    ...drawn,
    ...said(Object.entries(zip).map(([name, list]) => [name, nth(list, i)])),
  }));
  for (const [name, list] of Object.entries(grid)) {
    combined = combined.flatMap((options) => list.map((one) => ({ ...options, ...said([[name, one]]) })));
  }
  return combined.filter((options) => !exclude.some((entry) => agrees(options, entry)));
}

/** Makes options of entries, without those that are null. */
export function said(entries: readonly (readonly [string, OptionValue | null])[]): Options {
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, OptionValue] => entry[1] !== null));
}

/** Whether options have all values of an entry of `exclude`. */
export function agrees(options: Options, entry: SweepSpec['exclude'][number]): boolean {
  return Object.entries(entry).every(([name, one]) =>
    one === null ? options[name] === undefined : String(options[name]) === String(one),
  );
}
