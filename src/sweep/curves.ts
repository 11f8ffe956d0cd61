import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nth } from '../nth';
import { readText } from '../text-files';
import { parseManifest } from '../vae/checkpoint/manifest';
import type { EpochRecord } from '../vae/training/history';
import type { TrialGroup } from './collect';
import { trialFolder } from './folder';
import { readResult } from './state';
import { spreadOf } from './statistics';

/** A quantity by epoch, averaged over the seeds of one setting, as far as all of them have come. */
export interface SeedCurve {
  readonly epochs: readonly number[];
  readonly mean: readonly number[];
  /** The interval of the mean; null where there is only one seed. */
  readonly band: readonly (readonly [low: number, high: number] | null)[];
}

/** Returns the epochs of a finished trial; none for one that is not done. */
function epochsOf(folder: string): readonly EpochRecord[] {
  const attempt = readResult(folder)?.attempt;
  if (attempt === undefined) return [];
  const path = join(folder, 'attempts', attempt, 'last.json');
  return existsSync(path) ? parseManifest(readText(path), path).progress.epochs : [];
}

/** Returns the curve of a setting's finished trials. */
export function seedCurve(sweep: string, group: TrialGroup): SeedCurve {
  return curveOf(group.trials.map((id) => epochsOf(trialFolder(sweep, id))).filter(({ length }) => length > 0));
}

/**
 * Averages the negative bound by epoch: of the held-out images, or of the training images if none are held out. It ends with the seed
 * that stopped first: beyond, a mean over the others would jump where one drops out, and its interval with it.
 */
export function curveOf(runs: readonly (readonly EpochRecord[])[]): SeedCurve {
  const last = runs.length === 0 ? 0 : Math.min(...runs.map(({ length }) => length));
  const spreads = Array.from({ length: last }, (_, i) =>
    spreadOf(
      runs.map((records) => {
        const { validation, reconstruction, kl } = nth(records, i);
        return validation ?? reconstruction + kl;
      }),
    ),
  );
  return {
    epochs: spreads.map((_, i) => i + 1),
    mean: spreads.map((spread) => spread?.mean ?? Number.NaN),
    band: spreads.map((spread) => spread?.interval ?? null),
  };
}
