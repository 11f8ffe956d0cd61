import { type Command, Option } from 'commander';
import type { OptionTable, ValueOf } from '../vae/option';
import { OPTIONS } from '../vae/training/option-table';
import type { OptionName } from '../vae/training/options';
import { integer, numberFrom, positiveInteger, positiveIntegers, wholeNumber } from './numbers';

/** The part of an entry that gives it a default on the command line. */
type Defaulted = { readonly typed: number | string | boolean } | { readonly default: unknown; readonly typed?: never };

/** The options of a table as commands parse them, by their names in the library. */
export type FlagsOf<T extends OptionTable> = {
  readonly [N in keyof T as T[N] extends Defaulted ? N : never]: ValueOf<T, N>;
} & { readonly [N in keyof T as T[N] extends Defaulted ? never : N]?: ValueOf<T, N> };

/** One command's own wording and default for an option that several have. */
export type Wording = Partial<Pick<OptionTable[string], 'help' | 'typed'>>;

const PARSERS: {
  readonly [R in OptionTable[string]['read']]: ((flag: string) => (text: string) => unknown) | null;
} = {
  size: positiveInteger,
  count: wholeNumber,
  integer,
  positive: (flag) => numberFrom(flag, 'above zero'),
  nonNegative: (flag) => numberFrom(flag, 'zero'),
  sizes: positiveIntegers,
  choice: null,
  switch: null,
};

/** A flag whose value has the option's name in the library, not the flag's: `--warm-up` is `warmUpEpochs`. */
class TableFlag extends Option {
  constructor(
    private readonly option: string,
    spec: OptionTable[string],
  ) {
    super(spec.flag, helpOf(spec));
    const { read, choices } = spec;
    if (choices) this.choices(choices.map(String));
    const parse = PARSERS[read];
    if (parse) this.argParser(parse(this.long ?? ''));
    const start = startOf(spec);
    if (start !== null) this.default(start);
  }

  override attributeName(): string {
    return this.option;
  }
}

/** The command's default; null where it has none. */
function startOf({ typed, default: usual = null }: OptionTable[string]): unknown {
  return typed === undefined ? usual : typed;
}

/** Commander says a default itself; one that only the library knows, or that depends on other options, is said here. */
function helpOf(spec: OptionTable[string]): string {
  const usual = spec.shown ?? spec.default;
  return startOf(spec) !== null || usual === undefined ? spec.help : `${spec.help} (default: ${usual})`;
}

/** Every command that has one of a table's options has it from here. */
export function addFlags<T extends OptionTable, N extends keyof T & string>(
  command: Command,
  table: T,
  names: readonly N[],
  wording: { readonly [M in N]?: Wording } = {},
): Command {
  for (const name of names) command.addOption(new TableFlag(name, { ...(table[name] as T[N]), ...wording[name] }));
  return command;
}

/** Where tensors are computed: the same two options for every command that does. */
export function addDeviceFlags(command: Command, names: readonly OptionName[] = ['device', 'threads']): Command {
  return addFlags(command, OPTIONS, names);
}
