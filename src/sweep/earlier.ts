import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSweep, type Trial } from './folder';
import type { Options } from './spec';

/** The values that options have where nothing else is said. */
export interface Defaults {
  readonly train: Options;
  readonly evaluate: Options;
}

/** Returns the trials of a folder; none if there is no sweep. */
export function knownTrials(sweep: string): readonly Trial[] {
  return existsSync(join(sweep, 'sweep.json')) ? readSweep(sweep) : [];
}

/**
 * Keeps the trials of a sweep that an earlier version planned. It did not know the newest options, so that its ids are of fewer; what it
 * trained is what their defaults train. Without this, an update in the middle of a sweep would train all of it again.
 *
 * @returns a function that returns trials, those that the folder has under another id as they are there
 */
export function asPlannedEarlier(
  known: readonly Trial[],
  defaults: Defaults,
): (trials: readonly Trial[]) => readonly Trial[] {
  const ids = new Set(known.map(({ id }) => id));
  const byOptions = new Map(known.map((trial) => [keyOf(trial, defaults), trial]));
  if (known.length === 0) return (trials) => trials;
  return (trials) =>
    trials.map((trial) => (ids.has(trial.id) ? trial : (byOptions.get(keyOf(trial, defaults)) ?? trial)));
}

function keyOf({ options, evaluate }: Trial, defaults: Defaults): string {
  const completed = [{ ...defaults.train, ...options }, evaluate && { ...defaults.evaluate, ...evaluate }];
  return JSON.stringify(completed.map((of) => of && Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1))));
}
