import { Command, CommanderError } from 'commander';
import { UsageError } from '../../errors';
import type { Defaults } from '../../sweep/earlier';
import { type Trial, trialId } from '../../sweep/folder';
import { agrees, expand, type Options, type OptionValue, type SweepSpec } from '../../sweep/spec';
import { checkSettings } from '../../vae/training/options';
import { type DataFlags, typedDataOptions } from '../data-options';
import { registerEvaluate } from '../evaluate';
import type { CommandIo } from '../io';
import { isModuleFile } from '../network-module';
import { checkTogether, type TrainFlags, trainOptions } from '../train/flags';
import { withPreset } from '../train/presets';
import { registerTrain } from '../train/train';
import { refuseUnused } from '../train/unused';
import { checkDataOptions } from '../vae-data';

type Register = (command: Command, io: CommandIo) => void;

/** Options that a sweep sets itself. */
const OURS = ['checkpoint', 'resume', 'json'];

/** One stage of a search: the drawn options, the number of epochs, and whether trials are scored. */
export interface Stage {
  readonly drawn: Options;
  readonly epochs?: number;
  readonly scored?: boolean;
}

/** Expands a file into trials with all their options. @throws UsageError that names the option */
export function trialsOf(spec: SweepSpec, io: CommandIo, stage: Stage = { drawn: {} }): readonly Trial[] {
  const threads = threadsOf(spec);
  const { drawn, epochs, scored = true } = stage;
  const scoring =
    spec.evaluate && scored
      ? resolved('evaluate', registerEvaluate, withThreads(spec.evaluate, threads), io, ['--checkpoint=.'])
      : null;
  const evaluate = scoring?.options ?? null;
  checkExcluded(spec, drawn);
  const combinations = expand(spec, drawn);
  // Of a search, another draw may have some left.
  if (combinations.length === 0 && Object.keys(spec.ranges).length === 0) throw new UsageError(NOTHING_LEFT);
  const trials = combinations.map((said): Trial => {
    const shorter = epochs === undefined ? {} : { epochs };
    const all = withThreads({ ...said, ...shorter }, threads);
    const { options, flags, typed } = resolved('train', registerTrain, all, io, []);
    checkTraining({ ...flags, checkpoint: '.' } as unknown as TrainFlags, typed);
    if (scoring) checkScoring(scoring.flags, String(flags.data));
    return { id: trialId(options, evaluate), options, evaluate };
  });
  return unique(trials);
}

/** Returns the defaults of the commands of a trial. */
export function optionDefaults(io: CommandIo): Defaults {
  return {
    train: resolved('train', registerTrain, {}, io, []).options,
    evaluate: resolved('evaluate', registerEvaluate, {}, io, ['--checkpoint=.']).options,
  };
}

function threadsOf({ slurm }: SweepSpec): number {
  const cores = slurm?.['cpus-per-task'] ?? 1;
  if (Number.isInteger(Number(cores)) && Number(cores) > 0) return Number(cores);
  throw new UsageError(`slurm.cpus-per-task: expected a positive whole number, got ${JSON.stringify(cores)}`);
}

/** An entry that no combination agrees with would leave out nothing, which is not what was meant. */
function checkExcluded(spec: SweepSpec, drawn: Options): void {
  const { train, grid, zip, ranges, exclude } = spec;
  const named = [train, grid, zip, ranges].flatMap((part) => Object.keys(part));
  const unknown = exclude.flatMap((entry) => Object.keys(entry)).find((name) => !named.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`exclude: ${unknown}: neither train, grid, zip nor ranges say it, so no trial has it`);
  // What is drawn may or may not agree.
  const certain = exclude.filter((entry) => !Object.keys(entry).some((name) => Object.hasOwn(ranges, name)));
  if (certain.length === 0) return;
  const all = expand({ ...spec, exclude: [] }, drawn);
  const idle = certain.find((entry) => !all.some((options) => agrees(options, entry)));
  if (idle === undefined) return;
  const said = Object.entries(idle).map(([name, value]) => (value === null ? `no ${name}` : `${name} ${value}`));
  throw new UsageError(`exclude: no combination has ${said.join(' and ')}, so nothing is left out`);
}

/** Refuses before the first training what only its own would find out. */
function checkTraining(flags: TrainFlags, typed: readonly string[]): void {
  if (isModuleFile(flags.network)) {
    throw new UsageError(
      `network: ${flags.network}: a sweep takes gated, dense or conv: its trials are told by their options, not by code`,
    );
  }
  refuseUnused(typed, flags);
  checkTogether(flags);
  checkSettings(trainOptions(flags, {}, '.'));
  checkDataOptions(flags.data, flags);
}

/** Refuses before the first training what its scoring would find out at the end. */
function checkScoring({ network, ...flags }: Resolved['flags'], trainedOn: string): void {
  if (network !== undefined)
    throw new UsageError('evaluate.network: a sweep trains no networks that a module makes: leave it out');
  checkDataOptions(String(flags.data ?? trainedOn), flags as DataFlags);
}

/** What to say if `exclude` leaves no trial. */
export const NOTHING_LEFT = 'exclude: leaves out every combination';

export function unique(trials: readonly Trial[]): readonly Trial[] {
  return [...new Map(trials.map((trial) => [trial.id, trial])).values()];
}

/** Sets the number of threads, on which the bits of a training depend. */
function withThreads(options: Options, threads: number): Options {
  return { threads, ...options };
}

export function argumentsOf(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    if (value === false) return [];
    return [`--${name}=${value}`];
  });
}

/** Options by their names in a sweep's file, and as the command parses them. */
interface Resolved {
  readonly options: Options;
  readonly flags: Readonly<Record<string, OptionValue | undefined>>;
  /** The names of the flags that were given, without those that have a default or stand in a preset. */
  readonly typed: readonly string[];
}

/** Reads options as the command itself would, defaults included. */
function resolved(name: string, register: Register, options: Options, io: CommandIo, required: string[]): Resolved {
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
