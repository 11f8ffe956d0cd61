import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../errors';
import { knownTrials } from '../../sweep/earlier';
import type { Trial } from '../../sweep/folder';
import type { Options } from '../../sweep/spec';
import { addDataOptions, DATA_OPTION_NAMES, type DataFlags, flagOf, loadOptionsOf } from '../data-options';
import type { CommandIo } from '../io';
import { checkThere, isName } from '../vae-data';
import { argumentsOf } from './resolved';

/**
 * Refuses before the first training files that are not there or cannot be read in the way that is asked for: those to score on would be
 * opened when all epochs are done.
 */
export async function checkFiles(trials: readonly Trial[], io: CommandIo): Promise<void> {
  const sets = trials.flatMap(({ options, evaluate, cwd = io.cwd }) => [
    { cwd, options: pathAndOptions(options) },
    {
      cwd,
      options: { ...(options.data !== undefined && { data: options.data }), ...pathAndOptions(evaluate ?? {}) },
    },
  ]);
  const different = new Map(sets.map((set) => [JSON.stringify(set), set]));
  for (const { cwd, options } of different.values()) await checkSet(options, { ...io, cwd });
}

/**
 * Gives each trial the folder that its relative paths start from: where the trial was first planned, so that a run from elsewhere trains
 * on the same images.
 */
export function withFolders(sweep: string, trials: readonly Trial[], { cwd }: CommandIo): readonly Trial[] {
  const first = new Map(knownTrials(sweep).map((trial) => [trial.id, trial.cwd]));
  return trials.map((trial) => {
    const at = first.has(trial.id) ? first.get(trial.id) : namesRelative(trial) ? cwd : undefined;
    return at === undefined ? trial : { ...trial, cwd: at };
  });
}

function namesRelative({ options, evaluate }: Trial): boolean {
  const paths = [options, evaluate ?? {}].flatMap(({ data, labels }) => [data, labels]);
  return paths.some((path) => path !== undefined && !isName(String(path)) && !isAbsolute(String(path)));
}

const NAMES = ['data', ...DATA_OPTION_NAMES.map(flagOf)];

function pathAndOptions(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => NAMES.includes(name)));
}

async function checkSet({ data, ...how }: Options, io: CommandIo): Promise<void> {
  checkThere(String(data), io);
  if (isName(String(data))) return;
  const command = addDataOptions(new Command());
  command.parseOptions(argumentsOf(how));
  const flags = command.opts<DataFlags>();
  if (flags.labels !== undefined && !existsSync(resolve(io.cwd, flags.labels)))
    throw new UsageError(`--labels: there is no ${resolve(io.cwd, flags.labels)}`);
  const { checkFormat } = await import('../../data/load.js');
  await checkFormat(resolve(io.cwd, String(data)), loadOptionsOf(flags));
}
