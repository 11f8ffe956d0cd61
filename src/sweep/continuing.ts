import { knownTrials } from './earlier';
import { attemptsOf, type Trial, trialFolder } from './folder';
import type { Options } from './spec';

/** What may differ between a training and one that continues it: it ends later. */
const LENGTH = ['epochs'];

/**
 * Lets each new trial continue the furthest one that differs in nothing but fewer epochs or its scoring, so that an edited file
 * trains no epoch twice.
 *
 * @param ignored options that may differ besides
 */
export function continuing(sweep: string, trials: readonly Trial[], ignored: readonly string[] = []): readonly Trial[] {
  const all = [...LENGTH, ...ignored];
  const known = knownTrials(sweep);
  const begun = known.filter(({ id }) => attemptsOf(trialFolder(sweep, id)).length > 0);
  const groups = new Map<string, Trial[]>();
  for (const trial of begun) {
    const key = keyOf(trial.options, all);
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  const ids = new Set(known.map(({ id }) => id));
  return trials.map((trial) => {
    if (trial.resumes !== undefined || ids.has(trial.id)) return trial;
    const [longest] = (groups.get(keyOf(trial.options, all)) ?? [])
      .filter((other) => epochsOf(other) <= epochsOf(trial))
      .sort((a, b) => epochsOf(b) - epochsOf(a));
    return longest ? { ...trial, resumes: longest.id } : trial;
  });
}

const epochsOf = ({ options }: Trial): number => Number(options.epochs);

function keyOf(options: Options, ignored: readonly string[]): string {
  return JSON.stringify(
    Object.entries(options)
      .filter(([name]) => !ignored.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
