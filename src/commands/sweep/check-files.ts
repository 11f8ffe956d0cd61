import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../errors';
import type { Trial } from '../../sweep/folder';
import type { Options } from '../../sweep/spec';
import { addDataOptions, DATA_OPTION_NAMES, type DataFlags, flagOf, loadOptionsOf } from '../data-options';
import type { CommandIo } from '../io';
import { checkThere, isName } from '../vae-data';
import { argumentsOf } from './options';

/**
 * Refuses before the first training files that are not there or cannot be read in the way that is asked for: those to score on would be
 * opened when all epochs are done.
 */
export async function checkFiles(trials: readonly Trial[], io: CommandIo): Promise<void> {
  const sets = trials.flatMap(({ options, evaluate }) => [
    pathAndOptions(options),
    { ...(options.data !== undefined && { data: options.data }), ...pathAndOptions(evaluate ?? {}) },
  ]);
  const different = new Map(sets.map((options) => [JSON.stringify(options), options]));
  for (const options of different.values()) await checkSet(options, io);
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
