import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { UsageError } from '../../errors';
import { writeAtomically } from '../../files';
import { beginAttempt, showAlive } from '../../sweep/attempt';
import { readResult, readSweep, type Trial, trialFolder } from '../../sweep/folder';
import { readManifest } from '../../vae/checkpoint/folder';
import { registerEvaluate } from '../evaluate';
import type { CommandIo } from '../io';
import { registerTrain } from '../train/train';
import { argumentsOf } from './options';
import { requeue } from './slurm';

/** One attempt at one trial. Exit code 130 where it was interrupted, 1 where the trial would fail again. */
export async function runTask(sweep: string, id: string, io: CommandIo): Promise<void> {
  const trial = readSweep(sweep).find((one) => one.id === id);
  if (!trial) throw new UsageError(`${id}: no trial of ${sweep}`);
  const folder = trialFolder(sweep, id);
  if (readResult(folder) || existsSync(join(folder, 'cancelled.json'))) return;
  const { SLURM_JOB_ID: job, SLURM_RESTART_COUNT: restart = '0' } = io.env;
  const attempt = await beginAttempt(folder, job === undefined ? `local.${process.pid}` : `${job}.${restart}`);
  const abort = new AbortController();
  const onAbort = () => abort.abort(io.signal.reason);
  io.signal.addEventListener('abort', onAbort, { once: true });
  let timeIsUp = false;
  const onTimeLimit = () => {
    timeIsUp = true;
    abort.abort('time limit');
  };
  if (job !== undefined) process.on('SIGUSR1', onTimeLimit);
  const end = await showAlive(attempt, () => {
    if (existsSync(join(folder, 'cancelled.json'))) abort.abort('cancelled');
  });
  try {
    await trainAndScore(trial, attempt, folder, { ...io, signal: abort.signal });
  } catch (error) {
    if ((error as Error).name !== 'DivergenceError') throw error;
    // The same bits would diverge again; what the machine did, such as a full disk, would not.
    const text = `${JSON.stringify({ error: (error as Error).message })}\n`;
    await writeAtomically(join(folder, 'failed.json'), text);
    io.stderr.write(`gmm-vae: ${(error as Error).message}\n`);
    io.exit(1);
  } finally {
    await end();
    process.off('SIGUSR1', onTimeLimit);
    io.signal.removeEventListener('abort', onAbort);
  }
  // Slurm puts a job back by itself when a node fails, and not when its time is up.
  if (timeIsUp && job !== undefined) requeue(job);
}

async function trainAndScore(trial: Trial, attempt: string, folder: string, io: CommandIo): Promise<void> {
  const args = [...argumentsOf(trial.options), `--checkpoint=${attempt}`, '--resume'];
  if ((await output(registerTrain, ['train', ...args, '--json'], io)) === null) return;
  const manifest = await readManifest(attempt, 'last');
  const last = manifest?.progress.epochs.at(-1);
  if (!manifest || !last) throw new UsageError(`${attempt}: the training ended without a checkpoint`);
  const { loss, reconstruction, kl, validation } = last;
  let metrics: Record<string, number | null> = { loss, reconstruction, kl, validation };
  if (trial.evaluate) {
    const scored = [...argumentsOf(trial.evaluate), `--checkpoint=${attempt}`, '--json'];
    const report = await output(registerEvaluate, ['evaluate', ...scored], io);
    if (report === null) return;
    // The test images' terms beside those of training.
    const test = Object.entries(JSON.parse(report) as Record<string, number | null>);
    metrics = { ...metrics, ...Object.fromEntries(test.map(([name, value]) => [`test/${name}`, value])) };
  }
  const result = { metrics, weights: manifest.files.weights.sha256, attempt };
  await writeAtomically(join(folder, 'result.json'), `${JSON.stringify(result, null, 1)}\n`);
}

/** What a command prints; null where it was interrupted. */
async function output(
  register: (program: Command, io: CommandIo) => void,
  args: readonly string[],
  io: CommandIo,
): Promise<string | null> {
  let text = '';
  let code = 0;
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    text += chunk.toString();
    done();
  };
  const program = new Command().exitOverride();
  const exit = (value: number) => {
    code = value;
    io.exit(value);
  };
  register(program, { ...io, stdout: new Writable({ write }), exit });
  await program.parseAsync(args, { from: 'user' });
  return code === 0 ? text : null;
}
