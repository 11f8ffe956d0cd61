import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Evaluation } from '../vae/evaluation/evaluate';
import { SCORING_OPTIONS } from '../vae/evaluation/option-table';
import type { OPTIONS } from '../vae/training/option-table';
import { counted, fixed } from '../words';
import { addDataOptions, DATA_HELP, type DataFlags } from './data-options';
import type { CommandIo } from './io';
import { addKeptModel, addTestData, type KeptModelFlags, loadKept } from './kept-model';
import { addDeviceFlags, addFlags, type FlagsOf } from './table-flags';
import { testImagesOf } from './test-images';

interface Flags
  extends DataFlags,
    KeptModelFlags,
    FlagsOf<typeof SCORING_OPTIONS>,
    Pick<FlagsOf<typeof OPTIONS>, 'device' | 'threads'> {
  readonly data?: string;
  readonly json: boolean;
}

const HELP = `
All values are in nats per image. The log-likelihood is importance-weighted with exactly --samples samples per image; the same
seed gives every model the same binary pixels and the same noise. What has been scored is kept in the checkpoint's folder, block by
block: run the command again to go on where it was interrupted, to the same bits; once more, and it is read. Images without labels
give no cluster measures.

Of another path than that of the training, all images are test images, unless its files name them; how they are read is as in the
training, unless said otherwise.
${DATA_HELP}

Example:
  gmm-vae evaluate --checkpoint runs/gmm-10 --data mnist --samples 5000 --limit 1000 --json`;

/**
 * `gmm-vae evaluate`: the test log-likelihood of a kept model, and what its latent space is used for.
 *
 * @param receive takes the result in place of printing it; is not called where the scoring was interrupted
 */
export function registerEvaluate(command: Command, io: CommandIo, receive?: (result: Scored) => void): void {
  addFlags(addTestData(addKeptModel(command)), SCORING_OPTIONS, ['samples', 'limit', 'seed']);
  addDeviceFlags(addDataOptions(command))
    .option(
      '--json',
      'print {"nll", "standardError", "bitsPerDimension", "elbo", "kl", "reconstruction", "activeUnits", "effectiveComponents", "clusterAccuracy", "nmi"}',
      false,
    )
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, io, receive));
}

/** A result, and the SHA-256 of the images that it is of. */
interface Scored extends Evaluation {
  readonly images: string;
}

async function run(flags: Flags, io: CommandIo, receive?: (result: Scored) => void): Promise<void> {
  const { evaluate } = await import('../vae/evaluation/evaluate.js');
  const { takeImages } = await import('../data/dataset.js');
  const { unchanging } = await import('../data/batches.js');
  const { digestOf } = await import('../data/rows.js');
  const folder = resolve(io.cwd, flags.checkpoint);
  const { model, manifest } = await loadKept(flags, io);
  try {
    const test = await testImagesOf(manifest, flags, io);
    const images = flags.limit === undefined ? test : takeImages(test, Math.min(flags.limit, test.count));
    const { samples, seed, device, threads } = flags;
    const result = await evaluate(model, images, {
      samples,
      seed,
      device,
      binarisation: unchanging(manifest.training.binarisation),
      signal: io.signal,
      ...(isWritable(folder) && { keep: { folder, weights: manifest.files.weights.sha256 } }),
      onProgress: progress(images.count, io),
      ...(threads !== undefined && { threads }),
    });
    if (receive) return receive({ ...result, images: digestOf(images) });
    for (const warning of result.warnings) io.stderr.write(`gmm-vae: warning: ${warning}\n`);
    const answer = flags.json ? JSON.stringify(result.report, null, 2) : describe(result, images.count, samples);
    io.stdout.write(`${answer}\n`);
  } catch (error) {
    if (!io.signal.aborted) throw error;
    if (receive) return;
    io.stderr.write('gmm-vae: interrupted; what is scored is kept: run the command again to go on\n');
    io.exit(130);
  } finally {
    model.dispose();
  }
}

/** Somebody else's model is scored without keeping anything. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
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
    `−ln p(x) = ${fixed(nll)}${error} nats per image (${counted(images, 'test image')}, ${counted(samples, 'sample')} each)`,
    `ELBO ${fixed(elbo)} = −(reconstruction ${fixed(reconstruction)} + KL ${fixed(kl)})`,
    `${counted(activeUnits, 'active unit')}, ${effectiveComponents.toFixed(1)} effective components`,
    clusters(report),
  ].join('\n');
}

function clusters({ clusterAccuracy, nmi }: Evaluation['report']): string {
  if (clusterAccuracy === null || nmi === null) return 'clusters: the images have no labels to compare them with';
  return `clusters against labels: accuracy ${(100 * clusterAccuracy).toFixed(1)} %, NMI ${nmi.toFixed(3)}`;
}
