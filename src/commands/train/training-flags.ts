import { type Command, Option } from 'commander';
import { OPTIONS } from '../../vae/training/option-table';
import { OPTION_NAMES, type OptionName, type OptionValue } from '../../vae/training/options';
import { type StoredOptions, spelledOut } from '../../vae/training/stored-options';
import { integer, type NumberParser, numberFrom, positiveInteger } from '../numbers';

type Table = typeof OPTIONS;
/** What an option has that has a default on the command line. */
type Defaulted = { readonly typed: number } | { readonly default: unknown; readonly typed?: never };

/** The options of a training as `gmm-vae train` parses them, by the names that `train` has for them. */
export type TrainingFlags = {
  readonly [N in OptionName as Table[N] extends Defaulted ? N : never]: OptionValue<N>;
} & { readonly [N in OptionName as Table[N] extends Defaulted ? never : N]?: OptionValue<N> };

const PARSERS: { readonly [R in Table[OptionName]['read']]: ((flag: string) => NumberParser) | null } = {
  size: positiveInteger,
  integer,
  positive: (flag) => numberFrom(flag, 'above zero'),
  nonNegative: (flag) => numberFrom(flag, 'zero'),
  choice: null,
  switch: null,
};

/** A flag whose value has the option's name in `train`, not the flag's: `--warm-up` is `warmUpEpochs`. */
class TrainingFlag extends Option {
  constructor(private readonly option: OptionName) {
    super(OPTIONS[option].flag, OPTIONS[option].help);
    const { read, choices, ...spec }: Table[OptionName] = OPTIONS[option];
    if (choices) this.choices(choices.map(String));
    const parse = PARSERS[read];
    if (parse) this.argParser(parse(this.long ?? ''));
    const start = 'typed' in spec ? spec.typed : 'default' in spec ? spec.default : null;
    if (start !== null) this.default(start);
  }

  override attributeName(): string {
    return this.option;
  }
}

/** Every command that has one of these options has it from here. */
export function addTrainingFlags(command: Command, names: readonly OptionName[]): Command {
  for (const name of names) command.addOption(new TrainingFlag(name));
  return command;
}

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
