import { Command, CommanderError } from 'commander';
import { UsageError } from '../../errors';
import { type Trial, trialId } from '../../sweep/folder';
import { expand, type Options, type OptionValue, type SweepSpec } from '../../sweep/spec';
import { registerEvaluate } from '../evaluate';
import type { CommandIo } from '../io';
import { checkTogether, type TrainFlags } from '../train/flags';
import { registerTrain } from '../train/train';

type Register = (program: Command, io: CommandIo) => void;

/** What a sweep decides itself. */
const OURS = ['checkpoint', 'resume', 'json', 'which'];

/** The trials of a file, every option spelled out. @throws UsageError that names the trial's option */
export function trialsOf(spec: SweepSpec, io: CommandIo): readonly Trial[] {
  const threads = Number(spec.slurm?.['cpus-per-task'] ?? 1);
  const evaluate = spec.evaluate
    ? resolved(registerEvaluate, withThreads(spec.evaluate, threads), io, ['--checkpoint=.'])
    : null;
  const trials = expand(spec).map((said): Trial => {
    const options = resolved(registerTrain, withThreads(said, threads), io, []);
    checkTogether({ ...flagsOf(options), checkpoint: '.' } as unknown as TrainFlags);
    return { id: trialId(options, evaluate), options, evaluate };
  });
  return [...new Map(trials.map((trial) => [trial.id, trial])).values()];
}

/** Bits depend on the number of threads: it is always said. */
function withThreads(options: Options, threads: number): Options {
  return { threads, ...options };
}

export function argumentsOf(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    if (value === false) return name === 'gated' ? ['--no-gated'] : [];
    return [`--${name}=${value}`];
  });
}

/** Reads options as the command itself would, defaults included. */
function resolved(register: Register, options: Options, io: CommandIo, required: string[]): Options {
  const ours = OURS.find((name) => name in options);
  if (ours !== undefined) throw new UsageError(`${ours}: a sweep says that itself: leave it out`);
  const program = new Command();
  register(program, io);
  const command = program.commands[0] as Command;
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {}, outputError: () => {} });
  const { unknown, operands } = parsed(command, [...argumentsOf(options), ...required]);
  const left = [...unknown, ...operands][0];
  if (left !== undefined) throw new UsageError(`${left}: not an option of "gmm-vae ${command.name()}"`);
  const flags = command.opts<Record<string, OptionValue | undefined>>();
  const named = command.options.map((option) => [option.long?.replace(/^--(no-)?/, '') ?? '', option] as const);
  return Object.fromEntries(
    named.flatMap(([name, option]): [string, OptionValue][] => {
      const value = flags[option.attributeName()];
      return value === undefined || OURS.includes(name) ? [] : [[name, value]];
    }),
  );
}

function parsed(command: Command, args: string[]): { unknown: string[]; operands: string[] } {
  try {
    return command.parseOptions(args);
  } catch (error) {
    if (error instanceof CommanderError) throw new UsageError(error.message.replace(/^error: /, ''));
    throw error;
  }
}

function flagsOf(options: Options): Record<string, OptionValue> {
  const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
}
