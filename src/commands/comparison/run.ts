import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { takeImages } from '../../data/dataset';
import { makeFolderSync } from '../../files';
import { type Collection, collect } from '../../sweep/collect';
import { continuing } from '../../sweep/continuing';
import { trialFolder, writeSweep } from '../../sweep/folder';
import { stateOf } from '../../sweep/state';
import { checkData } from '../../vae/comparison/compare-priors';
import { comparedRows } from '../../vae/comparison/rows';
import type { CompareFlags } from '../compare';
import type { CommandIo } from '../io';
import { openLines } from '../sweep/tables';
import { loadVaeData, tellNotes, type VaeData } from '../vae-data';
import { HERE } from './here';
import { scoredIn, seedRows } from './seed-rows';
import { rowsTable, type Subject, seedsTable } from './table';
import { type ContenderTrial, comparisonTrials, SURROUNDINGS } from './trials';

/** Trains and scores what is not done, as trials of a sweep, and prints the comparison. */
export async function runComparison(flags: CompareFlags, io: CommandIo): Promise<void> {
  const data = await loadVaeData(flags.data, flags, io);
  const test = takeImages(data.test, Math.min(flags.limit ?? data.test.count, data.test.count));
  checkData({ ...data, test });
  tellNotes(data, io);
  const folder = resolve(io.cwd, flags.output);
  const planned = await comparisonTrials(flags, data, folder, io);
  makeFolderSync(folder);
  const sweep = realpathSync(folder);
  await runHere(sweep, planned, io);
  if (io.signal.aborted) {
    io.stderr.write(`gmm-vae: interrupted; run the command again to go on from ${flags.output}\n`);
    return io.exit(130);
  }
  const collected = collect(
    sweep,
    planned.map(({ trial }) => trial),
    io.now(),
  );
  const left = openLines(collected);
  if (left.length > 0) {
    const isOver = collected.trials.some(({ state }) => state === 'failed' || state === 'cancelled');
    const advice = isOver
      ? `"gmm-vae sweep retry ${flags.output}" lets the next call try again`
      : 'run the command again to go on';
    io.stderr.write([...left, advice].map((line) => `gmm-vae: ${line}\n`).join(''));
    return io.exit(1);
  }
  print({ sweep, planned, collected, data, subject: { flags, train: data.train, images: test.count } }, io);
}

async function runHere(sweep: string, planned: readonly ContenderTrial[], io: CommandIo): Promise<void> {
  const named = planned.map(({ trial }) => trial);
  const trials = continuing(sweep, named, SURROUNDINGS);
  writeSweep(sweep, trials);
  const open = trials.filter(({ id }) => ['waiting', 'running'].includes(stateOf(trialFolder(sweep, id), io.now())));
  await HERE.run({ sweep, trials: open, options: {}, wait: true }, io);
}

interface Compared {
  readonly sweep: string;
  readonly planned: readonly ContenderTrial[];
  readonly collected: Collection;
  readonly data: VaeData;
  readonly subject: Subject;
}

function print({ sweep, planned, collected, data, subject }: Compared, io: CommandIo): void {
  const { flags, images } = subject;
  const { epochs, samples, seed, seeds, json } = flags;
  const scored = planned.map((one) => scoredIn(sweep, one));
  for (const [i, { contender, scores }] of scored.entries()) {
    const of = seeds ? `, seed ${planned[i]?.trial.options.seed}` : '';
    for (const warning of scores.warnings) io.stderr.write(`${contender.name}${of}: warning: ${warning}\n`);
  }
  const settings = { ...data, ...flags };
  const said = { data: data.train.name, epochs, samples, images };
  const [answer, table] = seeds
    ? both({ seeds, rows: seedRows(sweep, collected, settings) }, ({ rows }) => seedsTable(rows, subject))
    : both({ seed, rows: comparedRows(scored, settings) }, ({ rows }) => rowsTable(rows, subject));
  io.stdout.write(`${json ? JSON.stringify({ ...said, ...answer }, null, 2) : table}\n`);
}

/** An answer as an object and as a table. */
function both<T extends object>(answer: T, table: (answer: T) => string): [T, string] {
  return [answer, table(answer)];
}
