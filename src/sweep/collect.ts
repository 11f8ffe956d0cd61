import { nth } from '../nth';
import { type Trial, trialFolder } from './folder';
import type { Options } from './spec';
import { readFailure, readImages, readResult, stateOf, type TrialState } from './state';
import { type Spread, spreadOf } from './statistics';

export type Metrics = Readonly<Record<string, number | null>>;

export interface CollectedTrial {
  readonly id: string;
  readonly options: Options;
  readonly state: TrialState;
  /** Why it has failed; absent otherwise. */
  readonly error?: string;
  /** Null until it is done. */
  readonly metrics: Metrics | null;
}

/** Trials that differ in nothing but their seed. */
export interface TrialGroup {
  /** The options without the seed. */
  readonly options: Options;
  /** The ids of its trials, done or not. */
  readonly trials: readonly string[];
  /** The number of trials that are done. */
  readonly n: number;
  readonly mean: Readonly<Record<string, number>>;
  /** The standard error over the seeds; null for a single seed. */
  readonly standardError: Readonly<Record<string, number | null>>;
  /** The mean's 95 % interval by Student's t; null for a single seed. */
  readonly interval: Readonly<Record<string, Spread['interval']>>;
}

/** How a setting differs from the baseline: its value minus the baseline's. */
export interface GroupDifference {
  readonly options: Options;
  /** The paired difference of each metric over the seeds that both have. Variation that a seed causes in both cancels. */
  readonly bySeed: Readonly<Record<string, Spread>>;
  /**
   * The difference in ln p(x) over the images, after averaging each image's difference over the seeds. Null if the two were not scored on the
   * same images.
   */
  readonly byImage: Spread | null;
}

export interface Collection {
  readonly trials: readonly CollectedTrial[];
  readonly groups: readonly TrialGroup[];
}

/** Reads what the folders say, and writes nothing. */
export function collect(sweep: string, trials: readonly Trial[], now: number): Collection {
  const collected = trials.map(({ id, options }): CollectedTrial => {
    const folder = trialFolder(sweep, id);
    const [state, metrics, error] = [stateOf(folder, now), readResult(folder)?.metrics ?? null, readFailure(folder)];
    return { id, options, state, ...(state === 'failed' && error !== null && { error }), metrics };
  });
  const groups = new Map<string, CollectedTrial[]>();
  for (const [i, trial] of collected.entries()) {
    // A trial that was scored differently is not a repetition.
    const key = JSON.stringify([Object.entries(withoutSeed(trial.options)).sort(), trials[i]?.evaluate]);
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  return { trials: collected, groups: [...groups.values()].map(summarise) };
}

function withoutSeed({ seed: _seed, ...options }: Options): Options {
  return options;
}

function summarise(trials: readonly CollectedTrial[]): TrialGroup {
  const done = trials.flatMap(({ metrics }) => (metrics ? [metrics] : []));
  const spreads = new Map<string, Spread>();
  for (const name of namesOf(done)) {
    const spread = spreadOf(done.flatMap((metrics) => metrics[name] ?? []));
    if (spread) spreads.set(name, spread);
  }
  const each = <T>(of: (spread: Spread) => T) => Object.fromEntries([...spreads].map(([name, s]) => [name, of(s)]));
  return {
    options: withoutSeed(trials[0]?.options ?? {}),
    trials: trials.map(({ id }) => id),
    n: done.length,
    mean: each(({ mean }) => mean),
    standardError: each(({ standardError }) => standardError),
    interval: each(({ interval }) => interval),
  };
}

function namesOf(all: readonly Metrics[]): readonly string[] {
  return [...new Set(all.flatMap((metrics) => Object.keys(metrics)))];
}

/** Compares every other setting with the baseline. Reads the scores of the images. */
export function differencesFrom(
  sweep: string,
  baseline: TrialGroup,
  { trials, groups }: Collection,
): readonly GroupDifference[] {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  const bySeedOf = (group: TrialGroup) =>
    new Map(
      group.trials.flatMap((id) => {
        const trial = byId.get(id);
        return trial?.metrics ? [[String(trial.options.seed), { id, metrics: trial.metrics }] as const] : [];
      }),
    );
  const reference = bySeedOf(baseline);
  return groups
    .filter((group) => group !== baseline)
    .map((group) => {
      const pairs = [...bySeedOf(group)].flatMap(([seed, trial]) => {
        const other = reference.get(seed);
        return other ? [{ trial, other }] : [];
      });
      const bySeed = namesOf(pairs.map(({ trial }) => trial.metrics)).flatMap((name): [string, Spread][] => {
        const spread = spreadOf(pairs.flatMap(({ trial, other }) => minus(trial.metrics[name], other.metrics[name])));
        return spread ? [[name, spread]] : [];
      });
      const images = pairs.map(({ trial, other }) => imagesMinus(sweep, trial.id, other.id));
      return { options: group.options, bySeed: Object.fromEntries(bySeed), byImage: spreadOfMeans(images) };
    });
}

function minus(a: number | null | undefined, b: number | null | undefined): number[] {
  return a == null || b == null ? [] : [a - b];
}

/** Returns null if they are scores of different images. */
function imagesMinus(sweep: string, a: string, b: string): readonly number[] | null {
  const [first, second] = [a, b].map((id) => readImages(trialFolder(sweep, id)));
  if (!first || first.length !== second?.length) return null;
  return first.map((value, i) => value - nth(second, i));
}

/** Averages over the rows image by image, then takes the spread over the images. */
function spreadOfMeans(rows: readonly (readonly number[] | null)[]): Spread | null {
  const whole = rows.flatMap((row) => (row ? [row] : []));
  const [first] = whole;
  if (!first || whole.length < rows.length || whole.some(({ length }) => length !== first.length)) return null;
  return spreadOf(first.map((_, i) => whole.reduce((sum, row) => sum + nth(row, i), 0) / whole.length));
}
