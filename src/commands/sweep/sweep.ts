import type { Command } from 'commander';
import { UsageError } from '../../errors';
import { collect } from '../../sweep/collect';
import { readSweep, trialFolder } from '../../sweep/folder';
import { forgetEnd, isCancelled, stateOf, writeCancelled } from '../../sweep/state';
import type { CommandIo } from '../io';
import { positiveInteger } from '../numbers';
import { choice, folderPath } from '../vae-options';
import { jsonOf, registerCollect, surveyed } from './collect';
import { ENGINE_NAMES } from './engines/engine';
import { ENGINES } from './engines/table';
import { FOLDER, folderOf } from './folder-of';
import { METHODS } from './plan';
import { statusText } from './print';
import { type RunFlags, run } from './run';
import { runTask } from './task';

const HELP = `
The file, with any options of "gmm-vae train" and, under evaluate, of "gmm-vae evaluate":
  train: {data: mnist, train-images: 5000, epochs: 2}
  grid: {prior: [normal, gmm], seed: [1, 2]}
  evaluate: {samples: 200, limit: 1000}

A search draws settings from ranges. --method random trains each to the end. --method halving trains all for a few epochs, then the best
third for three times as many, and so on (Li et al., 2018):
  ranges: {learning-rate: {from: 1.0e-4, to: 1.0e-2, log: true}, latent: {from: 10, to: 60, integer: true}}
  search: {draws: 9, seed: 1, metric: best, factor: 3}

Every combination is a trial. Run the same command again to continue; finished trials stay as they are.`;

/** `gmm-vae sweep`: many trainings from one file. */
export function registerSweep(sweep: Command, io: CommandIo): void {
  sweep
    .command('run')
    .argument('<file>', 'the sweep: a YAML file, see below')
    .description('run the trials that are not done, here or as an array job of Slurm, or write a Job for Kubernetes')
    .requiredOption('--output <folder>', 'keep the trials here', folderPath('--output'))
    .addOption(choice('--engine <name>', 'where to run the trials', ENGINE_NAMES, 'local'))
    .addOption(
      choice('--method <name>', 'how to choose settings (default: grid; random if the file has ranges)', METHODS),
    )
    .option('--jobs <n>', 'trials at a time (default: cores by threads)', positiveInteger('--jobs'))
    .option('--wait', 'wait until Slurm has finished; the local engine always waits', false)
    .option('--dry-run', 'print the trials and the job script, and do nothing', false)
    .option('--json', 'print at the end what collect --json prints; with --dry-run, the trials and the script', false)
    .addHelpText('after', HELP)
    .action((file: string, flags: RunFlags) => run(file, flags, io));
  sweep
    .command('status')
    .argument('<folder>', FOLDER)
    .description('print one line per trial: its state, and why it waits or failed')
    .option('--json', 'print what collect --json prints, and the queue', false)
    .action((folder: string, { json }: { json: boolean }) => status(folderOf(folder, io), json, io));
  registerCollect(sweep, io);
  sweep
    .command('cancel')
    .argument('<folder>', FOLDER)
    .description('save and stop running trials, and start no more until retry')
    .action((folder: string) => cancel(folderOf(folder, io), io));
  sweep
    .command('retry')
    .argument('<folder>', FOLDER)
    .description('let the next run try failed and cancelled trials again')
    .action((folder: string) => retry(folderOf(folder, io), io));
  sweep
    .command('task <folder> <id>', { hidden: true })
    .action((folder: string, id: string) => runTask(folderOf(folder, io), id, io));
  sweep.on('command:*', ([word = '']: readonly string[]) => {
    const hint = /\.ya?ml$/.test(word) ? `: "gmm-vae sweep run ${word} --output FOLDER" runs a file` : '';
    throw new UsageError(`sweep: expected run, status, collect, cancel or retry, got ${word}${hint}`);
  });
}

function status(sweep: string, json: boolean, io: CommandIo): void {
  const collected = collect(sweep, readSweep(sweep), io.now());
  const queue = Object.values(ENGINES).flatMap((engine) => engine.queue(sweep) ?? []);
  io.stdout.write(
    json
      ? `${JSON.stringify({ ...jsonOf(surveyed(sweep, collected, {})), queue }, null, 2)}\n`
      : statusText(collected, queue),
  );
}

function cancel(sweep: string, io: CommandIo): void {
  const trials = readSweep(sweep).map(({ id }) => trialFolder(sweep, id));
  const open = trials.filter((trial) => ['waiting', 'running'].includes(stateOf(trial, io.now())));
  // Marks the trials first, so that none begins meanwhile.
  for (const trial of open) writeCancelled(trial);
  for (const engine of Object.values(ENGINES)) engine.cancel(sweep, io);
  io.stdout.write(`${open.length} of ${trials.length} trials cancelled\n`);
}

function retry(sweep: string, io: CommandIo): void {
  const trials = readSweep(sweep).map(({ id }) => trialFolder(sweep, id));
  // One that has yet to notice that it was cancelled goes on.
  const again = trials.filter((trial) => {
    const state = stateOf(trial, io.now());
    return state === 'failed' || (state !== 'done' && isCancelled(trial));
  });
  for (const trial of again) forgetEnd(trial);
  io.stdout.write(`${again.length} of ${trials.length} trials will be tried again by the next run\n`);
}
