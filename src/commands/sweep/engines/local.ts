import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nth } from '../../../nth';
import { trialFolder } from '../../../sweep/folder';
import { readFailure, readResult, stateOf } from '../../../sweep/state';
import type { CommandIo } from '../../io';
import type { Engine, Work } from './engine';

/** Runs trials as processes on this machine and prints a line when one ends. A running trial looks for `cancelled.json` by itself. */
export const LOCAL: Engine = {
  run: runLocally,
  script: () => '',
  queue: () => null,
  cancel: () => {},
};

async function runLocally({ sweep, trials, jobs }: Work, io: CommandIo): Promise<void> {
  const waiting = [...trials];
  const threads = Math.max(1, ...trials.map(({ options }) => Number(options.threads)));
  const atOnce = jobs ?? Math.max(1, Math.floor(availableParallelism() / threads));
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let trial = waiting.shift(); trial && !io.signal.aborted; trial = waiting.shift()) {
      // Another run of the same sweep may have begun it meanwhile. One that begins now is found by the trial's process.
      if (stateOf(trialFolder(sweep, trial.id), io.now()) === 'running') {
        io.stderr.write(`${trial.id}: ${ELSEWHERE}\n`);
        continue;
      }
      const code = await runProcess(sweep, trial.id, io);
      done++;
      io.stderr.write(`${done} of ${trials.length}: ${trial.id}: ${outcome(sweep, trial.id, code, io)}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, trials.length) }, worker));
}

const ELSEWHERE = 'already running elsewhere, left alone';

function outcome(sweep: string, id: string, code: number, io: CommandIo): string {
  const folder = trialFolder(sweep, id);
  if (readResult(folder)) return 'done';
  const failure = readFailure(folder);
  if (failure !== null) return `failed: ${failure}`;
  if (code === 0 && stateOf(folder, io.now()) === 'running') return ELSEWHERE;
  if (code === 130) return `interrupted, saved, see ${logOf(sweep, id)}`;
  return `ended with exit code ${code}: ${lastLineOf(logOf(sweep, id))}, see ${logOf(sweep, id)}`;
}

/** What the process said at its end, without the command's name. */
function lastLineOf(log: string): string {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  return (lines.at(-1) ?? '').replace(/^gmm-vae: /, '').slice(0, 300);
}

const logOf = (sweep: string, id: string): string => join(sweep, 'logs', `${id}.log`);

function runProcess(sweep: string, id: string, io: CommandIo): Promise<number> {
  mkdirSync(join(sweep, 'logs'), { recursive: true });
  const log = openSync(logOf(sweep, id), 'a');
  // A process group of its own, so that Ctrl-C reaches only this process, which passes on one TERM.
  const child = spawn(process.execPath, [nth(process.argv, 1), 'sweep', 'task', sweep, id], {
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
