import { UsageError } from '../../errors';
import type { DataIdentity, Manifest } from '../../vae/checkpoint/manifest';
import { type Difference, OtherTrainingError, otherTraining } from '../../vae/checkpoint/other-training';
import { MODEL_OPTIONS } from '../../vae/model-table';
import { placeOf } from '../../vae/option';
import { OPTIONS } from '../../vae/training/option-table';
import { namesIn } from '../../vae/training/stored-options';
import { DATA_OPTION_NAMES, flagOf } from '../data-options';
import type { Sizes } from '../vae-data';
import { checkTogether, storedFlags, type TrainFlags } from './flags';

type FlagName = keyof TrainFlags;

/** Where a manifest keeps the numbers of images, which are in no table of options. */
const PLACES_OF_SIZES: { readonly [N in keyof Sizes]-?: string } = {
  trainImages: 'data.train.count',
  validationImages: 'data.validation.count',
};

const TABLES = { ...MODEL_OPTIONS, ...OPTIONS };
const TABLE_NAMES = Object.keys(TABLES) as readonly (keyof typeof TABLES)[];

/** Options by the place in a manifest that says them. */
const PLACES: ReadonlyMap<string, FlagName> = new Map([
  ...Object.entries(PLACES_OF_SIZES).map(([name, place]) => [place, name as FlagName] as const),
  ...TABLE_NAMES.flatMap((name): [string, FlagName][] => {
    const place = placeOf(name, TABLES[name]);
    return place === null ? [] : [[place, name]];
  }),
  // One seed for the weights and for the order of the data.
  ['model.seed', 'seed'],
]);

/** Options of the model and of what its bits depend on. */
const DECIDING: ReadonlySet<string> = new Set([...Object.keys(PLACES_OF_SIZES), ...TABLE_NAMES]);

/** Which images they are is told by what they hold, however they are named and read. How long and where it is computed may differ. */
const FREE: ReadonlySet<string> = new Set(['data', ...DATA_OPTION_NAMES, ...namesIn('schedule')]);

/**
 * Refuses what is typed where a kept training has something else, and what it has no use for.
 *
 * @param typed the options that were typed, without defaults
 * @param flags those and the ones that it was started with
 * @throws UsageError in the words of the command line
 */
export function checkResumed(
  folder: string,
  stored: Partial<TrainFlags>,
  typed: Partial<TrainFlags>,
  flags: TrainFlags,
): void {
  for (const [name, now] of Object.entries(typed)) {
    const then = stored[name as FlagName];
    if (then === undefined || FREE.has(name) || String(then) === String(now)) continue;
    throw new UsageError(otherTraining(folder, `${typedAs(name)} ${then}, not ${now}`));
  }
  // What it was started with goes together, or a program has its reasons.
  if (!Object.keys(typed).some((name) => DECIDING.has(name))) return;
  // Fewer epochs than are done are nothing left to do, not a fault.
  checkTogether({ ...flags, epochs: Math.max(flags.epochs, stored.epochs ?? 0) });
}

/** The same error in the words of who typed flags: the options that were typed first. */
export function inTrainFlags(error: unknown, folder: string | undefined, typed: Partial<TrainFlags>): unknown {
  if (!(error instanceof OtherTrainingError) || folder === undefined) return error;
  const { differences, stored, asked } = error;
  const ofTyped = differences.find(({ key }) => (PLACES.get(key) ?? '') in typed);
  return new UsageError(otherTraining(folder, told(ofTyped ?? differences[0], typed, stored, asked)), { cause: error });
}

function told(
  { key, before, after }: Difference,
  typed: Partial<TrainFlags>,
  stored: Manifest,
  asked: Omit<Manifest, 'files' | 'progress'>,
): string {
  const flag = PLACES.get(key);
  const ofOtherData = key.startsWith('data.') && 'data' in typed && !((flag ?? '') in typed);
  if (flag !== undefined && !ofOtherData) {
    const [then, now] = [stored, asked].map((one) => storedFlags(one as Manifest)[flag]);
    return `${typedAs(flag)} ${then ?? plain(before)}, not ${now ?? plain(after)}`;
  }
  if (!key.startsWith('data.')) return `${key} ${before ?? 'unset'}, not ${after ?? 'unset'}`;
  const part = key.startsWith('data.train') ? 'train' : 'validation';
  return `--data ${described(stored.data[part])}, not ${described(asked.data[part])}`;
}

const described = (set: DataIdentity | null): string =>
  set ? `${set.name} (${set.count} images, SHA-256 ${set.sha256.slice(0, 8)}…)` : 'without held-out images';

const plain = (json: string | undefined): string => (json ?? 'unset').replace(/^null$/, 'unset').replace(/["[\]]/g, '');

/** The flag of an option by its name in the library. */
export function typedAs(name: string): string {
  const spec = Object.hasOwn(TABLES, name) ? TABLES[name as keyof typeof TABLES] : undefined;
  return spec?.flag.split(' ')[0] ?? `--${flagOf(name)}`;
}
