import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { takeImages } from '../../data/dataset';
import { makeFolderSync } from '../../files';
import { collect } from '../../sweep/collect';
import { continuing } from '../../sweep/continuing';
import { trialFolder, writeSweep } from '../../sweep/folder';
import { stateOf } from '../../sweep/state';
import { checkData } from '../../vae/comparison/compare-priors';
import { comparedRows } from '../../vae/comparison/rows';
import type { CompareFlags } from '../compare';
import type { CommandIo } from '../io';
import { openLines } from '../sweep/tables';
import { loadVaeData } from '../vae-data';
import { HERE } from './here';
import { scoredIn, seedRows } from './seed-rows';
import { rowsTable, type Subject, seedsTable } from './table';
import { comparisonTrials, SURROUNDINGS } from './trials';

/** Trains and scores what is not done, as trials of a sweep, and prints the comparison. */
export async function runComparison(flags: CompareFlags, io: CommandIo): Promise<void> {
  const data = await loadVaeData(flags.data, flags, io);
  const test = takeImages(data.test, Math.min(flags.limit ?? data.test.count, data.test.count));
  checkData({ ...data, test });
  const folder = resolve(io.cwd, flags.output);
  const planned = await comparisonTrials(flags, data, folder, io);
  makeFolderSync(folder);
  const sweep = realpathSync(folder);
  const trials = continuing(
    sweep,
    planned.map(({ trial }) => trial),
    SURROUNDINGS,
  );
  writeSweep(sweep, trials);
  const open = trials.filter(({ id }) => ['waiting', 'running'].includes(stateOf(trialFolder(sweep, id), io.now())));
  await HERE.run({ sweep, trials: open, options: {}, wait: true }, io);
  if (io.signal.aborted) {
    io.stderr.write(`gmm-vae: interrupted; run the command again to go on from ${flags.output}\n`);
    io.exit(130);
    return;
  }
  const collected = collect(sweep, trials, io.now());
  const left = openLines(collected);
  for (const line of left) io.stderr.write(`gmm-vae: ${line}\n`);
  if (left.length > 0) io.stderr.write(`gmm-vae: "gmm-vae sweep retry ${flags.output}" lets the next call try again\n`);
  if (left.length > 0) return io.exit(1);
  const subject: Subject = { flags, train: data.train, images: test.count };
  const settings = { ...data, ...flags };
  const scored = planned.map((one) => scoredIn(sweep, one));
  for (const { contender, scores } of scored) {
    for (const warning of scores.warnings) io.stderr.write(`${contender.name}: warning: ${warning}\n`);
  }
  const { epochs, samples, seed, seeds } = flags;
  const said = { data: data.train.name, epochs, samples, images: test.count };
  if (seeds) {
    const rows = seedRows(sweep, collected, settings);
    io.stdout.write(`${flags.json ? JSON.stringify({ ...said, seeds, rows }, null, 2) : seedsTable(rows, subject)}\n`);
  } else {
    const rows = comparedRows(scored, settings);
    io.stdout.write(`${flags.json ? JSON.stringify({ ...said, seed, rows }, null, 2) : rowsTable(rows, subject)}\n`);
  }
}
