import { UsageError } from '../../errors';
import type { DataIdentity, Manifest } from '../../vae/checkpoint/manifest';
import { type Difference, OtherTrainingError, otherTraining } from '../../vae/checkpoint/other-training';
import { MODEL_OPTIONS } from '../../vae/model-table';
import { OPTIONS } from '../../vae/training/option-table';
import { OPTION_NAMES } from '../../vae/training/options';
import { namesIn } from '../../vae/training/stored-options';
import { DATA_OPTION_NAMES, flagOf } from '../data-options';
import { checkTogether, storedFlags, type TrainFlags } from './flags';

type FlagName = keyof TrainFlags;

/** Places in a manifest by the option that says what stands there. */
const PLACES: Readonly<Record<string, FlagName>> = {
  'data.train.count': 'trainImages',
  'data.validation.count': 'validationImages',
  'model.prior.kind': 'prior',
  'model.prior.components': 'components',
  'model.prior.covariance': 'covariance',
  'model.latent': 'latent',
  'model.network.kind': 'network',
  'model.hidden': 'hidden',
  'model.network.maps': 'featureMaps',
  'model.network.blocks': 'residualBlocks',
  'model.initialiser': 'initialiser',
  'model.likelihood': 'likelihood',
  'model.stddev': 'stddev',
  'model.mixtures': 'mixtures',
  'model.flow.kind': 'flow',
  'model.flow.length': 'flowLength',
  'model.flow.units': 'flowUnits',
  'model.hierarchy.top': 'hierarchy',
  'model.seed': 'seed',
  ...Object.fromEntries(OPTION_NAMES.map((name) => [`training.${name}`, name])),
};

/** Options of the model and of what its bits depend on. */
const DECIDING: ReadonlySet<string> = new Set(Object.values(PLACES));

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
  const ofTyped = differences.find(({ key }) => (PLACES[key] ?? '') in typed);
  return new UsageError(otherTraining(folder, told(ofTyped ?? differences[0], typed, stored, asked)), { cause: error });
}

function told(
  { key, before, after }: Difference,
  typed: Partial<TrainFlags>,
  stored: Manifest,
  asked: Omit<Manifest, 'files' | 'progress'>,
): string {
  const flag = PLACES[key];
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
  const spec = { ...MODEL_OPTIONS, ...OPTIONS }[name as keyof typeof MODEL_OPTIONS] as { flag: string } | undefined;
  return spec?.flag.split(' ')[0] ?? `--${flagOf(name)}`;
}
