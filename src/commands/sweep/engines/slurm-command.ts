import { execFileSync } from 'node:child_process';
import { UsageError } from '../../../errors';

/** @throws UsageError, one line: what Slurm said, or that it is not installed */
export function slurmCommand(name: string, args: readonly string[]): string {
  try {
    // A queue of ten thousand tasks is longer than Node takes by itself.
    const maxBuffer = Number.POSITIVE_INFINITY;
    return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    const why = code === 'ENOENT' ? 'no such command: Slurm is not installed here' : stderr?.trim().split('\n')[0];
    throw new UsageError(`${name}: ${why ?? (error as Error).message}`);
  }
}

/** Puts the job that calls this back into the queue. */
export function requeue(jobId: string): void {
  slurmCommand('scontrol', ['requeue', jobId]);
}
