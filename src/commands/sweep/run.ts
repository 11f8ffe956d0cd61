import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../errors';
import { makeFolderSync } from '../../files';
import { collect } from '../../sweep/collect';
import { continuing } from '../../sweep/continuing';
import { asPlannedEarlier, knownTrials } from '../../sweep/earlier';
import { readSweep, type Trial, trialFolder, trialWords, writeSweep } from '../../sweep/folder';
import { readSpec, type SweepSpec } from '../../sweep/spec';
import { stateOf } from '../../sweep/state';
import type { CommandIo } from '../io';
import { checkFiles, withFolders } from './check-files';
import { jsonOf, surveyed } from './collect';
import type { Engine, EngineName, Work } from './engines/engine';
import { ENGINES } from './engines/table';
import { optionDefaults, trialsOf } from './options';
import { type Method, type Plan, type Planner, plannerOf } from './plan';
import { argumentsOf } from './resolved';
import { markdownOf } from './tables';

export interface RunFlags {
  readonly output: string;
  readonly engine: EngineName;
  readonly method?: Method;
  readonly wait: boolean;
  readonly jobs?: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export async function run(file: string, flags: RunFlags, io: CommandIo): Promise<void> {
  const spec = readSpec(resolve(io.cwd, file));
  const engine = ENGINES[flags.engine];
  if (flags.jobs !== undefined && flags.engine !== 'local')
    throw new UsageError(
      `--jobs: trials at a time on this machine; with --engine ${flags.engine}, ${flags.engine}.limit in the file`,
    );
  const options = flags.engine === 'local' ? {} : (spec[flags.engine] ?? {});
  const work: Omit<Work, 'sweep' | 'trials'> = { options, jobs: flags.jobs, wait: flags.wait };
  const folder = resolve(io.cwd, flags.output);
  const plan = plannerIn(folder, spec, flags, io);
  const first = plan(folder);
  if (flags.engine !== 'kubernetes') await checkFiles(first.trials, io);
  // Lets the engine refuse its options before anything is written.
  const script = engine.script({ ...work, sweep: folder, trials: first.trials });
  if (flags.dryRun) {
    io.stdout.write(flags.json ? `${JSON.stringify({ ...first, script }, null, 2)}\n` : dryRunText(first, script));
    return;
  }
  makeFolderSync(folder);
  // Resolves links, since Slurm knows the sweep by one path.
  const sweep = realpathSync(folder);
  tellWhatChanged(sweep, first.trials, io);
  const left = await climb(sweep, plan, engine, work, io);
  finish(sweep, left, flags, Object.keys(spec.ranges).length > 0 ? spec.search.metric : null, io);
}

/** Plans with what the folder knows of trials: under which ids, and where their paths start from. */
function plannerIn(folder: string, spec: SweepSpec, { engine, method }: RunFlags, io: CommandIo): Planner {
  const asThere = asPlannedEarlier(knownTrials(folder), optionDefaults(io));
  const planned = plannerOf(spec, method, io, (of, stage) => asThere(trialsOf(of, io, stage)));
  // A pod's paths are not ours.
  if (engine === 'kubernetes') return planned;
  return (sweep) => {
    const made = planned(sweep);
    return { ...made, trials: withFolders(sweep, made.trials, io) };
  };
}

function dryRunText({ stage, trials }: Plan, script: string): string {
  const lines = trials.map(({ id, options }) => `${id}: gmm-vae train ${argumentsOf(options).join(' ')}\n`);
  return `${stage === undefined ? '' : `${stage}\n`}${lines.join('')}${script === '' ? '' : `\n${script}`}`;
}

/** Runs one stage after the other until one is not finished. Returns the last plan. */
async function climb(
  sweep: string,
  plan: Planner,
  engine: Engine,
  work: Omit<Work, 'sweep' | 'trials'>,
  io: CommandIo,
): Promise<Plan> {
  const states = engine === ENGINES.local ? ['waiting'] : ['waiting', 'running'];
  for (let now = plan(sweep); ; ) {
    writeSweep(sweep, continuing(sweep, now.trials));
    if (now.stage !== undefined) io.stderr.write(`${now.stage}\n`);
    const open = now.trials.filter(({ id }) => states.includes(stateOf(trialFolder(sweep, id), io.now())));
    if (open.length > 0) await engine.run({ ...work, sweep, trials: open }, io);
    const next = plan(sweep);
    // An unfinished stage, for example one in a queue, is left to the next call.
    if (next.stage === undefined) writeSweep(sweep, next.trials);
    if (now.stage === undefined || next.stage === now.stage || io.signal.aborted) return next;
    now = next;
  }
}

/** @param metric what a search ranks its settings by; null where nothing is searched */
function finish(sweep: string, plan: Plan, flags: RunFlags, metric: string | null, io: CommandIo): void {
  const stays = flags.engine === 'local' || flags.wait;
  const collected = collect(sweep, readSweep(sweep), io.now());
  const done = collected.trials.filter(({ state }) => state === 'done').length;
  const result = surveyed(sweep, collected, metric !== null && done > 0 ? { rank: metric } : {});
  if (flags.json) io.stdout.write(`${JSON.stringify(jsonOf(result), null, 2)}\n`);
  else if (stays) io.stdout.write(markdownOf(result));
  else if (plan.stage === undefined && done === collected.trials.length) io.stderr.write('nothing left to run\n');
  if (!stays) return;
  // In a search, settings may fail.
  const isOver = flags.method === 'halving' ? plan.stage === undefined && done > 0 : done === collected.trials.length;
  if (io.signal.aborted) {
    const others = flags.engine === 'local' ? '' : ': what is queued goes on without it';
    io.stderr.write(`gmm-vae: interrupted${others}; run the command again to go on\n`);
    io.exit(130);
  } else if (!isOver) io.exit(1);
}

/** Names the trials that an edited file does not contain any more, which are kept, and what replaced them. */
function tellWhatChanged(sweep: string, asked: readonly Trial[], io: CommandIo): void {
  const earlier = knownTrials(sweep);
  const named = new Set(asked.map(({ id }) => id));
  const known = new Set(earlier.map(({ id }) => id));
  const added = asked.filter(({ id }) => !known.has(id));
  for (const trial of earlier.filter(({ id }) => !named.has(id))) {
    const [nearest] = added
      .filter(({ options }) => trialWords(options) === trialWords(trial.options))
      .map((other) => ({ id: other.id, changes: changesBetween(trial, other) }))
      .sort((a, b) => a.changes.length - b.changes.length);
    const instead = nearest ? `; replaced by ${nearest.id} (${nearest.changes.join(', ')})` : '';
    io.stderr.write(`gmm-vae: ${trial.id} is not in the file any more: kept, not run${instead}\n`);
  }
}

function changesBetween(before: Trial, after: Trial): string[] {
  const [a, b] = [before, after].map(({ options, evaluate }) => ({
    ...options,
    ...Object.fromEntries(Object.entries(evaluate ?? {}).map(([name, value]) => [`evaluate.${name}`, value])),
  })) as [Trial['options'], Trial['options']];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => String(a[name]) !== String(b[name]))
    .map((name) => `${name}: ${a[name] ?? 'unset'} → ${b[name] ?? 'unset'}`);
}
