import { Command, CommanderError } from 'commander';
import { UsageError } from '../../errors';
import type { Options, OptionValue } from '../../sweep/spec';
import { type DataFlags, typedDataOptions } from '../data-options';
import type { CommandIo } from '../io';
import { withPreset } from '../train/presets';

type Register = (command: Command, io: CommandIo) => void;

/** Options that a sweep sets itself. */
const OURS = ['checkpoint', 'resume', 'json'];

export function argumentsOf(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    if (value === false) return [];
    return [`--${name}=${value}`];
  });
}

/** Options by their names in a sweep's file, and as the command parses them. */
export interface Resolved {
  readonly options: Options;
  readonly flags: Readonly<Record<string, OptionValue | undefined>>;
  /** The names of the flags that were given, without those that have a default or stand in a preset. */
  readonly typed: readonly string[];
}

/** Reads options as the command itself would, defaults included. */
export function resolved(
  name: string,
  register: Register,
  options: Options,
  io: CommandIo,
  required: string[],
): Resolved {
  const ours = OURS.find((name) => name in options);
  if (ours !== undefined) throw new UsageError(`${ours}: a sweep says that itself: leave it out`);
  const command = new Command(name);
  register(command, io);
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {}, outputError: () => {} });
  checkKinds(command, options);
  const { unknown, operands } = parsed(command, [...argumentsOf(options), ...required]);
  const left = [...unknown, ...operands][0];
  if (left !== undefined) throw new UsageError(`${left}: not an option of "gmm-vae ${command.name()}"`);
  // A preset is replaced by its values.
  const { protocol: _named, ...flags } = withPreset<Record<string, OptionValue | undefined>>(command);
  const named = command.options.map((option) => [option.long?.replace(/^--(no-)?/, '') ?? '', option] as const);
  // A size is typed as 28x28, while it is parsed into an object.
  const typed = typedDataOptions(flags as DataFlags);
  const all = named.flatMap(([name, option]): [string, OptionValue][] => {
    const value = typed[name] ?? flags[option.attributeName()];
    return value === undefined || OURS.includes(name) ? [] : [[name, value]];
  });
  const names = command.options.map((option) => option.attributeName());
  const given = names.filter((name) => command.getOptionValueSource(name) === 'cli');
  return { options: Object.fromEntries(all), flags, typed: given };
}

/** Refuses what the command would read as another option, or none: text for a switch, true for a number, names with dashes. */
function checkKinds(command: Command, options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    const given = JSON.stringify(value);
    if (name.startsWith('-')) throw new UsageError(`${name}: write options without dashes in front`);
    const option = command.options.find(({ long }) => long === `--${name}`);
    if (!option) throw new UsageError(`--${name}=${value}: not an option of "gmm-vae ${command.name()}"`);
    const isSwitch = !option.required && !option.optional;
    if (isSwitch && typeof value !== 'boolean') throw new UsageError(`${name}: expected true or false, got ${given}`);
    if (!isSwitch && typeof value === 'boolean') throw new UsageError(`${name}: expected a value, got ${given}`);
    if (typeof value === 'string' && /[\n\r]/.test(value))
      throw new UsageError(`${name}: expected one line, got ${given}`);
  }
}

function parsed(command: Command, args: string[]): { unknown: string[]; operands: string[] } {
  try {
    return command.parseOptions(args);
  } catch (error) {
    if (error instanceof CommanderError) throw new UsageError(error.message.replace(/^error: /, ''));
    throw error;
  }
}
