import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../../errors';
import { makeFolderSync, writeAtomicallySync } from '../../../files';
import type { Options } from '../../../sweep/spec';
import type { CommandIo } from '../../io';
import type { Engine, Queued, Work } from './engine';
import { listOf, quoted, short, taskCommand } from './shell';
import { slurmCommand } from './slurm-command';

/** Milliseconds between two calls of squeue. */
const POLL = 1000;

/** Submits array jobs, several if the site's limit requires it. Slurm does all the scheduling and is asked only for the queue. */
export const SLURM: Engine = {
  async run(work, io) {
    submit(work, io);
    if (work.wait) await waitForQueue(work.sweep, io);
  },
  script: ({ sweep, trials, options }) => jobScript(sweep, join(sweep, 'lists', 'IDS.txt'), trials.length, options),
  queue: (sweep) => (existsSync(join(sweep, 'lists')) ? queueOf(sweep) : null),
  cancel(sweep, io) {
    if (!existsSync(join(sweep, 'lists'))) return;
    try {
      slurmCommand('scancel', ['--name', jobName(sweep)]);
    } catch (error) {
      io.stderr.write(`gmm-vae: ${(error as Error).message}; queued trials end as they begin\n`);
    }
  },
};

const jobName = (sweep: string): string => `gmm-vae-${short(sweep)}`;

/** Options that the sweep needs to find its tasks again. */
const OURS = ['array', 'job-name', 'dependency', 'output', 'wrap'];

/** Writes a plain job script. `listed` is a file with one id per line; the task's index counts them from 0. */
function jobScript(sweep: string, listed: string, count: number, { limit, ...slurm }: Options): string {
  const isCount = limit === undefined || (Number.isInteger(limit) && Number(limit) > 0);
  if (!isCount) throw new UsageError(`slurm.limit: expected a positive whole number, got ${JSON.stringify(limit)}`);
  const ours = OURS.find((name) => name in slurm);
  if (ours !== undefined) throw new UsageError(`slurm.${ours}: a sweep says that itself: leave it out`);
  const options: Options = {
    'job-name': jobName(sweep),
    array: `0-${count - 1}${limit === undefined ? '' : `%${limit}`}`,
    output: logsOf(sweep),
    'open-mode': 'append',
    requeue: true,
    signal: 'B:USR1@60',
    dependency: 'singleton',
    ...slurm,
  };
  return [
    '#!/bin/sh',
    ...Object.entries(options).flatMap(([name, value]) => directive(name, value)),
    `id=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quoted(listed)})`,
    `exec ${taskCommand(sweep)} "$id"`,
    '',
  ].join('\n');
}

/** A percent sign begins one of sbatch's symbols, unless there are two. A backslash in a path turns all symbols off. */
function logsOf(sweep: string): string {
  if (/[\\\n\r]/.test(sweep)) {
    const problem = `expected a path without backslashes and line breaks, with which Slurm writes no logs`;
    throw new UsageError(`--output: ${problem}, got ${JSON.stringify(sweep)}`);
  }
  return join(sweep.replaceAll('%', '%%'), 'logs', '%A_%a.log');
}

function directive(name: string, value: Options[string]): string[] {
  if (value === false) return [];
  if (value === true) return [`#SBATCH --${name}`];
  const text = String(value);
  if (/[\n\r]/.test(text)) throw new UsageError(`slurm.${name}: expected one line, got ${JSON.stringify(text)}`);
  // sbatch ends a line at an unescaped #, and takes quotation marks away.
  const escaped = text.replace(/[\\"'#]/g, '\\$&');
  return [`#SBATCH --${name}=${/\s/.test(text) ? `"${escaped}"` : escaped}`];
}

/** Submits the parts of a long sweep so that they run one after the other: `limit` holds for all of it. */
function submit({ sweep, trials, options }: Work, io: CommandIo): void {
  const most = Number(/MaxArraySize\s*=\s*(\d+)/.exec(slurmCommand('scontrol', ['show', 'config']))?.[1] ?? 1001);
  for (const name of ['lists', 'logs']) makeFolderSync(join(sweep, name));
  for (let first = 0; first < trials.length; first += most) {
    const part = trials.slice(first, first + most);
    const { path, text } = listOf(sweep, part);
    writeAtomicallySync(`${path}.txt`, text);
    writeAtomicallySync(`${path}.sh`, jobScript(sweep, `${path}.txt`, part.length, options));
    const job = submitted(path, first);
    io.stderr.write(`submitted job ${job}: ${part.length} of ${trials.length} trials\n`);
  }
}

function submitted(path: string, before: number): string {
  try {
    return slurmCommand('sbatch', ['--parsable', `${path}.sh`]).trim();
  } catch (error) {
    const kept = before === 0 ? '' : `; ${before} trials are in the queue: run the command again when they are done`;
    throw new UsageError(`${(error as Error).message}${kept}`);
  }
}

/** Returns null if the controller does not answer. A task's script tells which list its index counts in. */
function queueOf(sweep: string): readonly Queued[] | null {
  let text: string;
  try {
    text = slurmCommand('squeue', ['-h', '-r', '-n', jobName(sweep), '-o', '%F|%K|%T|%r|%o']);
  } catch {
    return null;
  }
  const lists = new Map<string, readonly string[]>();
  return text.split('\n').flatMap((line): Queued[] => {
    const [job = '', index = '', state = '', reason = '', ...script] = line.trim().split('|');
    const path = script.join('|');
    const listed = lists.get(path) ?? listedIds(path);
    lists.set(path, listed);
    const id = listed[Number(index)];
    return id === undefined ? [] : [{ id, job: `${job}_${index}`, state, reason }];
  });
}

function listedIds(script: string): readonly string[] {
  try {
    return readFileSync(script.replace(/\.sh$/, '.txt'), 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** Returns what the user has to do about a held job; null if nothing. */
export function remedyOf({ job, reason }: Queued): string | null {
  return /held/i.test(reason) ? `"scontrol release ${job}" lets it begin` : null;
}

/** Waits until none of the sweep's jobs is in the queue, or the signal comes. The jobs go on without the waiting process. */
async function waitForQueue(sweep: string, io: CommandIo): Promise<void> {
  const said = new Set<string>();
  while (!io.signal.aborted) {
    // Keeps waiting while a controller restarts.
    const queue = queueOf(sweep);
    if (queue?.length === 0) return;
    for (const task of queue ?? []) {
      const remedy = remedyOf(task);
      const line = `${task.id}: job ${task.job} waits: ${task.reason}: ${remedy}\n`;
      if (remedy !== null && !said.has(line)) io.stderr.write(line);
      said.add(line);
    }
    await sleep(POLL, undefined, { signal: io.signal }).catch(() => {});
  }
}
