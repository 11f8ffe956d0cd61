import { basename, join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { UsageError } from '../../errors';
import { writeAtomically } from '../../files';
import { beginAttempt, progressOf, showAlive } from '../../sweep/attempt';
import { readTrial, type Trial, trialFolder } from '../../sweep/folder';
import { imagesPath, isCancelled, readResult } from '../../sweep/state';
import { readManifest } from '../../vae/checkpoint/folder';
import { keptLogLikelihood } from '../../vae/evaluation/score-blocks';
import { registerEvaluate } from '../evaluate';
import type { CommandIo } from '../io';
import { registerTrain } from '../train/train';
import { requeue } from './engines/slurm-command';
import { argumentsOf } from './options';

/** Makes one attempt at one trial. Exit code 130 if it was interrupted, 1 if the trial would fail again. */
export async function runTask(sweep: string, id: string, io: CommandIo): Promise<void> {
  const { SLURM_JOB_ID: job, SLURM_RESTART_COUNT: restart = '0' } = io.env;
  const abort = new AbortController();
  const onAbort = () => abort.abort(io.signal.reason);
  io.signal.addEventListener('abort', onAbort, { once: true });
  let timeIsUp = false;
  const onTimeLimit = () => {
    timeIsUp = true;
    abort.abort('time limit');
  };
  // Before anything else: without a listener, Node starts its debugger on this signal.
  if (job !== undefined) process.on('SIGUSR1', onTimeLimit);
  try {
    const name = job === undefined ? `local.${process.pid}` : `${job}.${restart}`;
    const moved = await attemptAt(sweep, readTrial(sweep, id), name, abort, io);
    // Slurm requeues a job by itself when a node fails, but not at the time limit.
    if (timeIsUp && job !== undefined && moved) requeue(job);
  } finally {
    process.off('SIGUSR1', onTimeLimit);
    io.signal.removeEventListener('abort', onAbort);
  }
}

/** Returns false if trying again would not help. */
async function attemptAt(
  sweep: string,
  trial: Trial,
  name: string,
  abort: AbortController,
  io: CommandIo,
): Promise<boolean> {
  const folder = trialFolder(sweep, trial.id);
  if (readResult(folder) || isCancelled(folder)) return false;
  const attempt = await beginAttempt(folder, name, trial.resumes && trialFolder(sweep, trial.resumes));
  const before = await progressOf(attempt);
  const end = await showAlive(attempt, () => {
    if (isCancelled(folder)) abort.abort('cancelled');
  });
  try {
    await trainAndScore(trial, attempt, folder, { ...io, signal: abort.signal });
    if (readResult(folder)) return false;
    if (abort.signal.reason !== 'time limit' || (await progressOf(attempt)) !== before) return true;
    await fail(
      folder,
      'one time limit is too short for any progress: raise slurm.time, or save more often (checkpoint-every)',
      io,
    );
    return false;
  } catch (error) {
    if ((error as Error).name !== 'DivergenceError') throw error;
    // The same bits would diverge again. A fault of the machine, such as a full disk, may not recur.
    await fail(folder, (error as Error).message, io);
    return false;
  } finally {
    await end();
  }
}

async function fail(folder: string, error: string, io: CommandIo): Promise<void> {
  await writeAtomically(join(folder, 'failed.json'), `${JSON.stringify({ error })}\n`);
  io.stderr.write(`gmm-vae: ${error}\n`);
  io.exit(1);
}

async function trainAndScore(trial: Trial, attempt: string, folder: string, io: CommandIo): Promise<void> {
  const args = [...argumentsOf(trial.options), `--checkpoint=${attempt}`, '--resume'];
  if ((await output(registerTrain, ['train', ...args, '--json'], io)) === null) return;
  const manifest = await readManifest(attempt, 'last');
  const last = manifest?.progress.epochs.at(-1);
  if (!manifest || !last) throw new UsageError(`${attempt}: the training ended without a checkpoint`);
  const { loss, reconstruction, kl, validation } = last;
  const best = manifest.progress.best;
  let metrics: Record<string, number | null> = {
    loss,
    reconstruction,
    kl,
    validation,
    best: best?.loss ?? null,
    epochs: last.epoch,
  };
  if (trial.evaluate) {
    const scored = [...argumentsOf(trial.evaluate), `--checkpoint=${attempt}`, '--json'];
    const report = await output(registerEvaluate, ['evaluate', ...scored], io);
    if (report === null) return;
    // Keeps the test images' terms apart from those of training.
    const test = Object.entries(JSON.parse(report) as Record<string, number | null>);
    metrics = { ...metrics, ...Object.fromEntries(test.map(([name, value]) => [`test/${name}`, value])) };
  }
  const logLikelihood = trial.evaluate && (await keptLogLikelihood(attempt));
  if (logLikelihood) await writeAtomically(imagesPath(folder), `${JSON.stringify({ logLikelihood })}\n`);
  const result = { metrics, weights: manifest.files.weights.sha256, attempt: basename(attempt) };
  await writeAtomically(join(folder, 'result.json'), `${JSON.stringify(result, null, 1)}\n`);
}

/** Returns what a command prints; null if it was interrupted. */
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
