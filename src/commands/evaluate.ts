import { resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../errors';
import type { Evaluation } from '../vae/evaluation/evaluate';
import type { TrainingDevice } from '../vae/training/runner';
import type { CommandIo } from './io';
import { DATA_SETS, type DataName, DEFAULT_SIZES, dataNameOf, loadVaeData } from './vae-data';
import { addDeviceOptions, choice, folderPath, integer, positiveInteger } from './vae-options';

interface Flags {
  readonly checkpoint: string;
  readonly which: 'last' | 'best';
  readonly data?: DataName;
  readonly samples: number;
  readonly limit?: number;
  readonly seed: number;
  readonly device: TrainingDevice;
  readonly threads?: number;
  readonly json: boolean;
}

const HELP = `
All values are in nats per image. The log-likelihood is importance-weighted with exactly --samples samples per image; the same
seed gives every model the same binary pixels and the same noise.

Example:
  gmm-vae evaluate --checkpoint runs/gmm-10 --data mnist --samples 5000 --limit 1000 --json`;

/** `gmm-vae evaluate`: the test log-likelihood of a kept model, and what its latent space is used for. */
export function registerEvaluate(program: Command, io: CommandIo): void {
  const command = program
    .command('evaluate')
    .description('estimate the test log-likelihood of a trained VAE by importance weighting')
    .requiredOption('--checkpoint <folder>', 'what "gmm-vae train --checkpoint" has kept', folderPath('--checkpoint'))
    .addOption(choice('--which <name>', 'the last epoch or the best', ['last', 'best'], 'last'))
    .addOption(choice('--data <name>', 'whose test images (default: those of its training)', DATA_SETS))
    .option('--samples <S>', 'samples per image', positiveInteger('--samples'), 5000)
    .option('--limit <N>', 'the first N test images only', positiveInteger('--limit'))
    .option('--seed <S>', 'binarisation and noise', integer('--seed'), 1);
  addDeviceOptions(command)
    .option(
      '--json',
      'print {"nll", "standardError", "elbo", "kl", "reconstruction", "activeUnits", "effectiveComponents", "clusterAccuracy", "nmi"}',
      false,
    )
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, io));
}

async function run(flags: Flags, io: CommandIo): Promise<void> {
  const { loadCheckpoint } = await import('../vae/load.js');
  const { evaluate } = await import('../vae/evaluation/evaluate.js');
  const { takeImages } = await import('../data/dataset.js');
  const { unchanging } = await import('../data/batches.js');
  const { model, manifest } = await loadCheckpoint(resolve(io.cwd, flags.checkpoint), flags.which);
  try {
    const name = flags.data ?? dataNameOf(manifest.data.train);
    if (!name) throw new UsageError(`--data: trained on ${manifest.data.train.name}; say whose test images to take`);
    const { test } = await loadVaeData(name, DEFAULT_SIZES[name], io);
    const images = flags.limit === undefined ? test : takeImages(test, Math.min(flags.limit, test.count));
    const { samples, seed, device, threads } = flags;
    const result = await evaluate(model, images, {
      samples,
      seed,
      device,
      binarisation: unchanging(manifest.training.binarisation),
      signal: io.signal,
      onProgress: progress(images.count, io),
      ...(threads !== undefined && { threads }),
    });
    for (const warning of result.warnings) io.stderr.write(`gmm-vae: warning: ${warning}\n`);
    const answer = flags.json ? JSON.stringify(result.report, null, 2) : describe(result, images.count, samples);
    io.stdout.write(`${answer}\n`);
  } catch (error) {
    if (!io.signal.aborted) throw error;
    io.stderr.write('gmm-vae: interrupted\n');
    io.exit(130);
  } finally {
    model.dispose();
  }
}

/** Shows progress: on a terminal as a line that is drawn over, elsewhere as a line every ten seconds. */
export function progress(images: number, io: CommandIo): (done: number) => void {
  const started = io.now();
  let said = started;
  return (done) => {
    const now = io.now();
    if (done < images && now - said < (io.stderr.isTTY ? 200 : 10_000)) return;
    said = now;
    const left = Math.round(((now - started) / 1000 / done) * (images - done));
    const text = `${done} of ${images} images, ${left} s left`;
    if (io.stderr.isTTY) io.stderr.write(done < images ? `\r\u001b[K${text}` : '\r\u001b[K');
    else if (done < images) io.stderr.write(`${text}\n`);
  };
}

function describe({ report }: Evaluation, images: number, samples: number): string {
  const { nll, standardError, elbo, kl, reconstruction, activeUnits, effectiveComponents } = report;
  const error = standardError === null ? '' : ` ± ${standardError.toFixed(2)}`;
  return [
    `−ln p(x) = ${nll.toFixed(2)}${error} nats per image (${images} test images, ${samples} samples each)`,
    `ELBO ${elbo.toFixed(2)} = −(reconstruction ${reconstruction.toFixed(2)} + KL ${kl.toFixed(2)})`,
    `${activeUnits} active units, ${effectiveComponents.toFixed(1)} effective components`,
    `clusters against labels: accuracy ${(100 * report.clusterAccuracy).toFixed(1)} %, NMI ${report.nmi.toFixed(3)}`,
  ].join('\n');
}
