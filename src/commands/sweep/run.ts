import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolderSync } from '../../files';
import { collect } from '../../sweep/collect';
import { readSweep, type Trial, trialFolder, trialWords, writeSweep } from '../../sweep/folder';
import { readSpec } from '../../sweep/spec';
import { stateOf } from '../../sweep/state';
import type { CommandIo } from '../io';
import { jsonOf, surveyed } from './collect';
import type { EngineName, Work } from './engines/engine';
import { ENGINES } from './engines/table';
import { argumentsOf, trialsOf } from './options';
import { markdownOf } from './tables';

export interface RunFlags {
  readonly output: string;
  readonly engine: EngineName;
  readonly wait: boolean;
  readonly jobs?: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export async function run(file: string, flags: RunFlags, io: CommandIo): Promise<void> {
  const spec = readSpec(resolve(io.cwd, file));
  const asked = trialsOf(spec, io);
  const engine = ENGINES[flags.engine];
  const options = flags.engine === 'local' ? {} : (spec[flags.engine] ?? {});
  const work: Omit<Work, 'sweep' | 'trials'> = { options, jobs: flags.jobs, wait: flags.wait };
  if (flags.dryRun) {
    for (const { id, options } of asked) io.stdout.write(`${id}: gmm-vae train ${argumentsOf(options).join(' ')}\n`);
    const script = engine.script({ ...work, sweep: resolve(io.cwd, flags.output), trials: asked });
    if (script !== '') io.stdout.write(`\n${script}`);
    return;
  }
  makeFolderSync(resolve(io.cwd, flags.output));
  // By one name, whatever link leads there: the queue knows the sweep by it.
  const sweep = realpathSync(resolve(io.cwd, flags.output));
  // Refused before anything is written.
  engine.script({ ...work, sweep, trials: asked });
  tellWhatChanged(sweep, asked, io);
  writeSweep(sweep, asked);
  const open = flags.engine === 'local' ? ['waiting'] : ['waiting', 'running'];
  const trials = asked.filter(({ id }) => open.includes(stateOf(trialFolder(sweep, id), io.now())));
  if (trials.length > 0) await engine.run({ ...work, sweep, trials }, io);
  const stays = flags.engine === 'local' || flags.wait;
  const result = surveyed(sweep, collect(sweep, readSweep(sweep), io.now()), {});
  if (flags.json) io.stdout.write(`${JSON.stringify(jsonOf(result), null, 2)}\n`);
  else if (stays) io.stdout.write(markdownOf(result));
  else if (trials.length === 0) io.stderr.write('nothing left to run\n');
  if (!stays) return;
  if (io.signal.aborted) {
    const others = flags.engine === 'local' ? '' : ': what is queued goes on without it';
    io.stderr.write(`gmm-vae: interrupted${others}; run the command again to go on\n`);
    io.exit(130);
  } else if (result.trials.some(({ state }) => state !== 'done')) io.exit(1);
}

/** Trials that an edited file no longer names are kept, and named; where another stands in the place of one, so is what differs. */
function tellWhatChanged(sweep: string, asked: readonly Trial[], io: CommandIo): void {
  const earlier = existsSync(join(sweep, 'sweep.json')) ? readSweep(sweep) : [];
  const named = new Set(asked.map(({ id }) => id));
  const known = new Set(earlier.map(({ id }) => id));
  const added = asked.filter(({ id }) => !known.has(id));
  for (const trial of earlier.filter(({ id }) => !named.has(id))) {
    const [nearest] = added
      .filter(({ options }) => trialWords(options) === trialWords(trial.options))
      .map((other) => ({ id: other.id, changes: changesBetween(trial, other) }))
      .sort((a, b) => a.changes.length - b.changes.length);
    const instead = nearest ? `; in its place is ${nearest.id} (${nearest.changes.join(', ')})` : '';
    io.stderr.write(`gmm-vae: ${trial.id} is no longer in the file: kept, not run${instead}\n`);
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
