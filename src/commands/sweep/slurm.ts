import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../errors';
import { makeFolderSync, writeAtomicallySync } from '../../files';
import type { Trial } from '../../sweep/folder';
import type { Options } from '../../sweep/spec';
import type { CommandIo } from '../io';

/** Milliseconds between two questions to the queue. */
const POLL = 1000;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** A job script that an administrator can read. `listed` holds an id a line; the task's index counts them from 0. */
export function jobScript(sweep: string, listed: string, count: number, { limit, ...slurm }: Options): string {
  const options: Options = {
    'job-name': jobName(sweep),
    array: `0-${count - 1}${limit === undefined ? '' : `%${limit}`}`,
    output: join(sweep, 'logs', '%A_%a.log'),
    'open-mode': 'append',
    signal: 'B:USR1@60',
    dependency: 'singleton',
    ...slurm,
  };
  return [
    '#!/bin/sh',
    ...Object.entries(options).map(([name, value]) => `#SBATCH --${name}=${value}`),
    '#SBATCH --requeue',
    `id=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quoted(listed)})`,
    `exec ${quoted(process.execPath)} ${quoted(process.argv[1] as string)} sweep task ${quoted(sweep)} "$id"`,
    '',
  ].join('\n');
}

const jobName = (sweep: string): string => `gmm-vae-${short(sweep)}`;

/** Submits the trials as one array, or as several where the site takes none that long. */
export function submit(sweep: string, trials: readonly Trial[], slurm: Options, io: CommandIo): void {
  const most = Number(/MaxArraySize\s*=\s*(\d+)/.exec(slurmCommand('scontrol', ['show', 'config']))?.[1] ?? 1001);
  for (let first = 0; first < trials.length; first += most) {
    const ids = `${trials
      .slice(first, first + most)
      .map(({ id }) => id)
      .join('\n')}\n`;
    for (const name of ['lists', 'logs']) makeFolderSync(join(sweep, name));
    const path = join(sweep, 'lists', short(ids));
    writeAtomicallySync(`${path}.txt`, ids);
    writeAtomicallySync(`${path}.sh`, jobScript(sweep, `${path}.txt`, Math.min(most, trials.length - first), slurm));
    io.stderr.write(`submitted job ${slurmCommand('sbatch', ['--parsable', `${path}.sh`]).trim()}\n`);
  }
}

/** Until none of the sweep's jobs is in the queue, or the signal comes. The jobs go on without the waiting process. */
export async function waitForQueue(sweep: string, io: CommandIo): Promise<void> {
  while (!io.signal.aborted) {
    // A controller that is being started again is no reason to stop waiting.
    const queue = await Promise.resolve()
      .then(() => slurmCommand('squeue', ['-h', '-n', jobName(sweep), '-o', '%i']))
      .catch(() => null);
    if (queue !== null && queue.trim() === '') return;
    await sleep(POLL);
  }
}

export function requeue(jobId: string): void {
  slurmCommand('scontrol', ['requeue', jobId]);
}

function slurmCommand(name: string, args: readonly string[]): string {
  try {
    return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    const why = code === 'ENOENT' ? 'no such command: Slurm is not installed here' : stderr?.trim().split('\n')[0];
    throw new UsageError(`${name}: ${why ?? (error as Error).message}`);
  }
}
