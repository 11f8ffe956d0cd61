import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../text-files';
import { parseManifest } from '../vae/checkpoint/manifest';
import type { EpochRecord } from '../vae/training/history';
import type { TrialGroup } from './collect';
import { trialFolder } from './folder';
import { readResult } from './state';
import { spreadOf } from './statistics';

/** A quantity by epoch, averaged over the seeds of one setting. */
export interface SeedCurve {
  readonly epochs: readonly number[];
  readonly mean: readonly number[];
  /** The interval of the mean; null where only one seed has reached that epoch. */
  readonly band: readonly (readonly [low: number, high: number] | null)[];
}

/** Returns the epochs of a finished trial; none for one that is not done. */
function epochsOf(folder: string): readonly EpochRecord[] {
  const attempt = readResult(folder)?.attempt;
  if (attempt === undefined) return [];
  const path = join(folder, 'attempts', attempt, 'last.json');
  return existsSync(path) ? parseManifest(readText(path), path).progress.epochs : [];
}

/** Returns the negative bound by epoch: of the held-out images, or of the training images if none are held out. */
export function seedCurve(sweep: string, group: TrialGroup): SeedCurve {
  const runs = group.trials.map((id) => epochsOf(trialFolder(sweep, id)));
  const last = Math.max(0, ...runs.map(({ length }) => length));
  const epochs = Array.from({ length: last }, (_, i) => i + 1);
  const spreads = epochs.map((epoch) =>
    spreadOf(
      runs.flatMap((records) => {
        const record = records[epoch - 1];
        return record ? [record.validation ?? record.reconstruction + record.kl] : [];
      }),
    ),
  );
  return {
    epochs,
    mean: spreads.map((spread) => spread?.mean ?? Number.NaN),
    band: spreads.map((spread) => spread?.interval ?? null),
  };
}
