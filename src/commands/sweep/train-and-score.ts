import { basename, join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../errors';
import { writeAtomically } from '../../files';
import type { Trial } from '../../sweep/folder';
import { imagesPath, type ScoredImages } from '../../sweep/state';
import { readManifest } from '../../vae/checkpoint/folder';
import type { Manifest } from '../../vae/checkpoint/manifest';
import { registerEvaluate } from '../evaluate';
import type { CommandIo } from '../io';
import { registerTrain } from '../train/train';
import { argumentsOf } from './resolved';

type Metrics = Readonly<Record<string, number | null>>;

/** Trains and scores by the commands themselves, and writes the result. Returns false if it was interrupted. */
export async function trainAndScore(trial: Trial, attempt: string, folder: string, io: CommandIo): Promise<boolean> {
  const args = [...argumentsOf(trial.options), `--checkpoint=${attempt}`, '--resume'];
  const history = await received(registerTrain, args, io);
  if (!history || history.interrupted) return false;
  const manifest = await readManifest(attempt, 'last');
  if (!manifest) throw new UsageError(`${attempt}: the training ended without a checkpoint`);
  let metrics = trainingMetrics(manifest, attempt);
  let warnings: readonly string[] = [];
  if (trial.evaluate) {
    const scored = [...argumentsOf(trial.evaluate), `--checkpoint=${attempt}`];
    const result = await received(registerEvaluate, scored, io);
    if (!result) return false;
    // Keeps the test images' terms apart from those of training.
    const test = Object.entries(result.report).map(([name, value]) => [`test/${name}`, value] as const);
    metrics = { ...metrics, ...Object.fromEntries(test) };
    warnings = result.warnings;
    for (const warning of warnings) io.stderr.write(`gmm-vae: warning: ${warning}\n`);
    const images: ScoredImages = { logLikelihood: Array.from(result.scores.logLikelihood), images: result.images };
    await writeAtomically(imagesPath(folder), `${JSON.stringify(images)}\n`);
  }
  const result = { metrics, weights: manifest.files.weights.sha256, warnings, attempt: basename(attempt) };
  await writeAtomically(join(folder, 'result.json'), `${JSON.stringify(result, null, 1)}\n`);
  return true;
}

function trainingMetrics({ progress }: Manifest, attempt: string): Metrics {
  const last = progress.epochs.at(-1);
  if (!last) throw new UsageError(`${attempt}: the training ended before its first epoch did`);
  const { epoch, loss, reconstruction, kl, validation } = last;
  return { loss, reconstruction, kl, validation, best: progress.best?.loss ?? null, epochs: epoch };
}

/** Writes why the trial would fail again. */
export async function recordFailure(folder: string, error: string, io: CommandIo): Promise<void> {
  await writeAtomically(join(folder, 'failed.json'), `${JSON.stringify({ error })}\n`);
  io.stderr.write(`gmm-vae: ${error}\n`);
  io.exit(1);
}

type Register<T> = (command: Command, io: CommandIo, receive: (result: T) => void) => void;

/** Runs a command and returns its result; null if it handed over none, as where it was interrupted. */
async function received<T>(register: Register<T>, args: readonly string[], io: CommandIo): Promise<T | null> {
  const results: T[] = [];
  const command = new Command().exitOverride();
  register(command, io, (result) => results.push(result));
  await command.parseAsync(args, { from: 'user' });
  return results[0] ?? null;
}
