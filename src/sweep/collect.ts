import { dirname } from 'node:path';
import { UsageError } from '../errors';
import { nth } from '../nth';
import { type Trial, trialFolder, trialId } from './folder';
import type { Options } from './spec';
import { readFailure, readImages, readResult, type ScoredImages, stateOf, type TrialState } from './state';
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
  /** The options without the seed; where settings differ in their scoring alone, with that, as `evaluate.samples`. */
  readonly options: Options;
  /** The ids of its trials, done or not. */
  readonly trials: readonly string[];
  /** The number of trials that are done. */
  readonly n: number;
  /** How many of them have each metric: a loss that is not finite is none. */
  readonly counts: Readonly<Record<string, number>>;
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
   * The difference in ln p(x) over the images, after averaging each image's difference over the seeds. Null if the two, or
   * two of their seeds, were not scored on the same images.
   */
  readonly byImage: Spread | null;
}

export interface Collection {
  readonly trials: readonly CollectedTrial[];
  readonly groups: readonly TrialGroup[];
}

/** @throws UsageError where the folder of a trial was copied: a seed that counts twice makes every interval too narrow */
function checkCopies(sweep: string, trials: readonly Trial[]): void {
  const known = new Map<string, string>();
  for (const { id, options, evaluate } of trials) {
    const same = trialId(options, evaluate);
    const other = known.get(same);
    if (other !== undefined)
      throw new UsageError(
        `${trialFolder(sweep, id)}: the same trial as ${other}, which would count twice: move the copy out of ${dirname(trialFolder(sweep, id))}`,
      );
    known.set(same, id);
  }
}

/** Reads what the folders say, and writes nothing. */
export function collect(sweep: string, trials: readonly Trial[], now: number): Collection {
  checkCopies(sweep, trials);
  const collected = trials.map(({ id, options }): CollectedTrial => {
    const folder = trialFolder(sweep, id);
    const [state, metrics, error] = [stateOf(folder, now), readResult(folder)?.metrics ?? null, readFailure(folder)];
    return { id, options, state, ...(state === 'failed' && error !== null && { error }), metrics };
  });
  const groups = new Map<string, Repetitions>();
  for (const [i, trial] of collected.entries()) {
    // A trial that was scored differently is not a repetition.
    const evaluate = trials[i]?.evaluate ?? {};
    const training = JSON.stringify(Object.entries(withoutSeed(trial.options)).sort());
    const key = JSON.stringify([training, Object.entries(evaluate).sort()]);
    groups.set(key, { training, evaluate, trials: [...(groups.get(key)?.trials ?? []), trial] });
  }
  return { trials: collected, groups: withScoring([...groups.values()]) };
}

/** Trials of one setting that were scored in one way. */
interface Repetitions {
  /** Tells settings apart. */
  readonly training: string;
  readonly evaluate: Options;
  readonly trials: readonly CollectedTrial[];
}

/** Settings of the same training are told apart by what their scoring differs in. */
function withScoring(groups: readonly Repetitions[]): TrialGroup[] {
  const scorings = new Map<string, Options[]>();
  for (const { training, evaluate } of groups) scorings.set(training, [...(scorings.get(training) ?? []), evaluate]);
  // Trials that were never scored have no scoring to differ in.
  const scored = (all: readonly Options[]) => all.filter((one) => Object.keys(one).length > 0);
  const names = new Set([...scorings.values()].flatMap((all) => differingIn(scored(all))));
  return groups.map(({ evaluate, trials }) => {
    const { options, ...group } = summarise(trials);
    const told = Object.entries(evaluate).filter(([name]) => names.has(name));
    return { options: { ...options, ...Object.fromEntries(told.map(([k, v]) => [`evaluate.${k}`, v])) }, ...group };
  });
}

function differingIn(all: readonly Options[]): readonly string[] {
  return [...new Set(all.flatMap((one) => Object.keys(one)))].filter(
    (name) => new Set(all.map((one) => String(one[name]))).size > 1,
  );
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
    counts: each(({ n }) => n),
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
function imagesMinus(sweep: string, a: string, b: string): ScoredImages | null {
  const [first, second] = [a, b].map((id) => readImages(trialFolder(sweep, id)));
  if (!first || !second || !areSame(first, second)) return null;
  return { ...first, logLikelihood: first.logLikelihood.map((value, i) => value - nth(second.logLikelihood, i)) };
}

/** Other images may be as many: seeds with a split of their own, and settings with data of their own, have them. */
function areSame(a: ScoredImages, b: ScoredImages): boolean {
  if (a.logLikelihood.length !== b.logLikelihood.length) return false;
  return a.images === undefined || b.images === undefined || a.images === b.images;
}

/** Averages over the rows image by image, then takes the spread over the images. */
function spreadOfMeans(rows: readonly (ScoredImages | null)[]): Spread | null {
  const whole = rows.flatMap((row) => (row ? [row] : []));
  const [first] = whole;
  if (!first || whole.length < rows.length || !whole.every((row) => areSame(first, row))) return null;
  const mean = (i: number): number => whole.reduce((sum, row) => sum + nth(row.logLikelihood, i), 0) / whole.length;
  return spreadOf(first.logLikelihood.map((_, i) => mean(i)));
}
