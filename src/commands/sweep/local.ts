import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readResult, type Trial, trialFolder } from '../../sweep/folder';
import type { CommandIo } from '../io';

/** Runs the trials as processes of this machine, so many at once, and says a line when one ends. */
export async function runLocally(
  sweep: string,
  trials: readonly Trial[],
  jobs: number | undefined,
  io: CommandIo,
): Promise<void> {
  const waiting = [...trials];
  const threads = Math.max(1, ...trials.map(({ options }) => Number(options.threads)));
  const atOnce = jobs ?? Math.max(1, Math.floor(availableParallelism() / threads));
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let trial = waiting.shift(); trial && !io.signal.aborted; trial = waiting.shift()) {
      const code = await runProcess(sweep, trial.id, io);
      done++;
      const outcome = readResult(trialFolder(sweep, trial.id))
        ? 'done'
        : (ENDS[code] ?? `ended with exit code ${code}`);
      const log = outcome === 'done' ? '' : `, see ${logOf(sweep, trial.id)}`;
      io.stderr.write(`${done} of ${trials.length}: ${trial.id}: ${outcome}${log}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, trials.length) }, worker));
}

const ENDS: { readonly [code: number]: string } = { 1: 'failed', 130: 'interrupted, saved' };

const logOf = (sweep: string, id: string): string => join(sweep, 'logs', `${id}.log`);

function runProcess(sweep: string, id: string, io: CommandIo): Promise<number> {
  mkdirSync(join(sweep, 'logs'), { recursive: true });
  const log = openSync(logOf(sweep, id), 'a');
  // In a group of its own: Ctrl-C reaches this process alone, which passes on one TERM.
  const child = spawn(process.execPath, [process.argv[1] as string, 'sweep', 'task', sweep, id], {
    cwd: io.cwd,
    env: { ...io.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const end = () => void child.kill('SIGTERM');
  io.signal.addEventListener('abort', end, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      io.signal.removeEventListener('abort', end);
      resolve(code ?? 137);
    });
  });
}
