import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { makeFolderSync, writeAtomicallySync } from '../../files';
import { collect } from '../../sweep/collect';
import { readSweep, stateOf, sweepText, type Trial, trialFolder } from '../../sweep/folder';
import { readSpec } from '../../sweep/spec';
import type { CommandIo } from '../io';
import { choice, folderPath, positiveInteger } from '../vae-options';
import { runLocally } from './local';
import { argumentsOf, trialsOf } from './options';
import { jobScript, submit, waitForQueue } from './slurm';
import { runTask } from './task';

interface RunFlags {
  readonly output: string;
  readonly engine: 'local' | 'slurm';
  readonly wait: boolean;
  readonly jobs?: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const HELP = `
The file, with any options of "gmm-vae train" and, under evaluate, of "gmm-vae evaluate":
  train: {data: mnist, train-images: 5000, epochs: 2}
  grid: {prior: [normal, gmm], seed: [1, 2]}
  evaluate: {samples: 200, limit: 1000}

Every combination is a trial. Run the same command again to go on: what is done stays done.`;

/** `gmm-vae sweep`: many trainings from one file. */
export function registerSweep(program: Command, io: CommandIo): void {
  const sweep = program.command('sweep').description('train and score every combination of lists of options');
  sweep
    .command('run <file>')
    .description('run what is not done yet, on this machine or as an array job of Slurm')
    .requiredOption('--output <folder>', 'keep the trials here', folderPath('--output'))
    .addOption(choice('--engine <name>', 'what runs the trials', ['local', 'slurm'], 'local'))
    .option('--jobs <n>', 'trials at a time (default: cores by threads)', positiveInteger('--jobs'))
    .option('--wait', 'for Slurm to end all of them; the local engine always does', false)
    .option('--dry-run', 'print the trials and do nothing', false)
    .option('--json', 'print at the end what collect --json prints', false)
    .addHelpText('after', HELP)
    .action((file: string, flags: RunFlags) => run(file, flags, io));
  sweep
    .command('status <folder>')
    .description('one line a trial: done, running, waiting, failed or cancelled')
    .option('--json', 'print what collect --json prints', false)
    .action((folder: string, { json }: { json: boolean }) => report(resolve(io.cwd, folder), json, status, io));
  sweep
    .command('collect <folder>')
    .description('results: mean and standard error over the seeds of each setting')
    .option('--json', 'print {"trials": [{"id", "options", "state", "metrics"}], "groups": [...]}', false)
    .action((folder: string, { json }: { json: boolean }) => report(resolve(io.cwd, folder), json, table, io));
  sweep
    .command('cancel <folder>')
    .description('save and end what runs, and begin nothing more until retry')
    .action((folder: string) => cancel(resolve(io.cwd, folder), io));
  sweep
    .command('retry <folder>')
    .description('let the next run try again what failed or was cancelled')
    .action((folder: string) => retry(resolve(io.cwd, folder), io));
  sweep
    .command('task <folder> <id>', { hidden: true })
    .action((folder: string, id: string) => runTask(resolve(io.cwd, folder), id, io));
}

async function run(file: string, flags: RunFlags, io: CommandIo): Promise<void> {
  const folder = resolve(io.cwd, flags.output);
  const spec = readSpec(resolve(io.cwd, file));
  const asked = trialsOf(spec, io);
  if (flags.dryRun) {
    for (const { id, options } of asked) io.stdout.write(`${id}: gmm-vae train ${argumentsOf(options).join(' ')}\n`);
    if (flags.engine === 'slurm') {
      io.stdout.write(`\n${jobScript(folder, join(folder, 'lists', 'IDS.txt'), asked.length, spec.slurm ?? {})}`);
    }
    return;
  }
  const trials = withEarlier(folder, asked, io);
  const begun = asked.filter(({ id }) => stateOf(trialFolder(folder, id), io.now()) === 'waiting');
  if (flags.engine === 'slurm') {
    submit(folder, begun, spec.slurm ?? {}, io);
    if (!flags.wait) return;
    await waitForQueue(folder, io);
  } else await runLocally(folder, begun, flags.jobs, io);
  const result = collect(folder, trials, io.now());
  io.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table(result));
  if (io.signal.aborted) {
    io.stderr.write('gmm-vae: interrupted; run the command again to go on\n');
    io.exit(130);
  } else if (result.trials.some(({ state }) => state !== 'done')) io.exit(1);
}

/** Trials that an edited file no longer names are kept, and said. */
function withEarlier(folder: string, asked: readonly Trial[], io: CommandIo): readonly Trial[] {
  makeFolderSync(folder);
  const earlier = existsSync(join(folder, 'sweep.json')) ? readSweep(folder) : [];
  const named = new Set(asked.map(({ id }) => id));
  const kept = earlier.filter(({ id }) => !named.has(id));
  for (const { id } of kept) io.stderr.write(`gmm-vae: ${id} is no longer in the file: kept, not run\n`);
  const trials = [...asked, ...kept];
  writeAtomicallySync(join(folder, 'sweep.json'), sweepText(trials));
  return trials;
}

type Collected = ReturnType<typeof collect>;

function report(folder: string, json: boolean, text: (collected: Collected) => string, io: CommandIo): void {
  const collected = collect(folder, readSweep(folder), io.now());
  io.stdout.write(json ? `${JSON.stringify(collected, null, 2)}\n` : text(collected));
}

function status({ trials }: Collected): string {
  return trials.map(({ id, state }) => `${state.padEnd(9)} ${id}\n`).join('');
}

/** Markdown: a row a setting, ± one standard error over its seeds. */
function table({ trials, groups }: Collected): string {
  const metrics = [...new Set(groups.flatMap(({ mean }) => Object.keys(mean)))];
  const varied = [...new Set(groups.flatMap(({ options }) => Object.keys(options)))].filter(
    (name) => new Set(groups.map(({ options }) => String(options[name]))).size > 1,
  );
  const cell = (group: Collected['groups'][number], metric: string) => {
    const [mean, error] = [group.mean[metric], group.standardError[metric]];
    if (mean === undefined) return '–';
    return error == null ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${error.toFixed(2)}`;
  };
  const columns = [...varied, 'seeds', ...metrics];
  const rows = groups.map((group) => [
    ...varied.map((name) => String(group.options[name] ?? '–')),
    String(group.n),
    ...metrics.map((metric) => cell(group, metric)),
  ]);
  const lines = [columns, columns.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |\n`);
  const open = trials.filter(({ state }) => state !== 'done').map(({ id, state }) => `${id}: ${state}\n`);
  return [...lines, ...(open.length > 0 ? ['\n', ...open] : [])].join('');
}

function cancel(folder: string, io: CommandIo): void {
  const trials = readSweep(folder).map(({ id }) => trialFolder(folder, id));
  const open = trials.filter((trial) => ['waiting', 'running'].includes(stateOf(trial, io.now())));
  for (const trial of open) {
    makeFolderSync(trial);
    writeAtomicallySync(join(trial, 'cancelled.json'), '{}\n');
  }
  io.stdout.write(`${open.length} of ${trials.length} trials cancelled\n`);
}

function retry(folder: string, io: CommandIo): void {
  const trials = readSweep(folder).map(({ id }) => trialFolder(folder, id));
  const again = trials.filter((trial) => ['failed', 'cancelled'].includes(stateOf(trial, io.now())));
  for (const trial of again) {
    for (const name of ['failed.json', 'cancelled.json']) rmSync(join(trial, name), { force: true });
  }
  io.stdout.write(`${again.length} of ${trials.length} trials will be tried again by the next run\n`);
}
