import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { staleness } from '../../build-record';
import { UsageError } from '../../errors';
import type { RunOptions } from '../../notebook/runner/run';
import { findPackage } from '../../package';
import type { CommandIo } from '../io';

/** What `run` and `report` both offer about running notebooks, as commander hands it over. */
export interface RunArguments {
  readonly parameter: readonly string[];
  readonly parametersFile?: string;
  readonly timeout?: string;
  readonly totalTimeout?: string;
  readonly resume?: boolean;
  readonly reproducible?: boolean;
  readonly jobs: string;
}

/** @param jobsAre what `--help` says of `jobs` where the machine decides it */
export function addRunOptions(command: Command, jobs: number, jobsAre?: string): Command {
  return command
    .option('-p, --parameter <name=value>', 'set a variable of the parameters cell (repeatable)', append, [])
    .option('-f, --parameters-file <file>', 'set variables from a YAML or JSON file; -p takes precedence')
    .option('--timeout <seconds>', 'longest time for each cell')
    .option('--total-timeout <seconds>', 'longest time for each notebook')
    .option('--resume', 'reuse the outputs of notebooks whose code, parameters, modules, kernel and data are unchanged')
    .option('--reproducible', 'no dates and no times: equal runs give equal bytes')
    .addOption(new Option('--jobs <count>', 'how many notebooks run at once').default(String(jobs), jobsAre));
}

export function append(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text];
}

/** @throws UsageError naming the option that cannot be used. */
export async function readRunOptions(given: RunArguments, io: CommandIo): Promise<RunOptions> {
  const { writtenParameter } = await import('../../notebook/document/parameters.js');
  const { readParameterFile } = await import('../../notebook/document/parameter-file.js');
  const root = findPackage();
  const stale = root && staleness(root);
  if (stale) io.stderr.write(`gmm-vae: warning: ${stale}\n`);
  const { parametersFile } = given;
  const timeoutMs = milliseconds('--timeout', given.timeout);
  const totalTimeoutMs = milliseconds('--total-timeout', given.totalTimeout);
  return {
    parameters: {
      ...(parametersFile === undefined ? {} : readParameterFile(resolve(io.cwd, parametersFile))),
      ...Object.fromEntries(given.parameter.map(writtenParameter)),
    },
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(totalTimeoutMs !== undefined && { totalTimeoutMs }),
    resume: given.resume ?? false,
    reproducible: given.reproducible ?? false,
    signal: io.signal,
    env: { ...io.env },
    now: io.now,
  };
}

export function readJobs({ jobs }: RunArguments): number {
  const count = Number(jobs);
  if (!Number.isInteger(count) || count < 1) throw new UsageError(`--jobs: expected a whole number ≥ 1, got ${jobs}`);
  return count;
}

function milliseconds(option: string, seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const value = Number(seconds);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new UsageError(`${option}: expected a number of seconds > 0, got ${seconds}`);
  }
  return value * 1000;
}
