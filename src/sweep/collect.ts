import { Moments } from '../math/moments';
import { readResult, stateOf, type Trial, type TrialState, trialFolder } from './folder';
import type { Options } from './spec';

export interface CollectedTrial {
  readonly id: string;
  readonly options: Options;
  readonly state: TrialState;
  /** Null until it is done. */
  readonly metrics: Readonly<Record<string, number | null>> | null;
}

/** Trials that differ in nothing but their seed. */
export interface TrialGroup {
  /** The options without the seed. */
  readonly options: Options;
  /** Trials that are done. */
  readonly n: number;
  readonly mean: Readonly<Record<string, number>>;
  /** Over the seeds; null for a single one. */
  readonly standardError: Readonly<Record<string, number | null>>;
}

/** All that the folders say. Reads only. */
export function collect(
  sweep: string,
  trials: readonly Trial[],
  now: number,
): { trials: CollectedTrial[]; groups: TrialGroup[] } {
  const collected = trials.map(({ id, options }): CollectedTrial => {
    const folder = trialFolder(sweep, id);
    return { id, options, state: stateOf(folder, now), metrics: readResult(folder)?.metrics ?? null };
  });
  const groups = new Map<string, CollectedTrial[]>();
  for (const [i, trial] of collected.entries()) {
    // What was scored otherwise is no repetition.
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
  const moments = new Map<string, Moments>();
  for (const metrics of done) {
    for (const [name, value] of Object.entries(metrics)) {
      if (value === null) continue;
      if (!moments.has(name)) moments.set(name, new Moments());
      moments.get(name)?.push(value);
    }
  }
  const each = <T>(of: (moments: Moments) => T) => Object.fromEntries([...moments].map(([name, m]) => [name, of(m)]));
  return {
    options: withoutSeed(trials[0]?.options ?? {}),
    n: done.length,
    mean: each(({ mean }) => mean),
    standardError: each(({ standardError }) => standardError),
  };
}
