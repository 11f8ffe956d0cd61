import type { OPTIONS } from '../../vae/training/option-table';
import { OPTION_NAMES } from '../../vae/training/options';
import { type StoredOptions, spelledOut } from '../../vae/training/stored-options';
import type { FlagsOf } from '../table-flags';

/** The options of a training as `gmm-vae train` parses them, by the names that `train` has for them. */
export type TrainingFlags = FlagsOf<typeof OPTIONS>;

/** What a checkpoint was started with. */
export function storedTrainingFlags(
  training: StoredOptions<'training'>,
  schedule: StoredOptions<'schedule'> | undefined,
): Partial<TrainingFlags> {
  const all = { ...spelledOut('training', training), ...(schedule && spelledOut('schedule', schedule)) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

/** The options of a training among the flags of a command. */
export function trainingOptionsIn(flags: TrainingFlags): TrainingFlags {
  const given = OPTION_NAMES.map((name) => [name, flags[name]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as TrainingFlags;
}
