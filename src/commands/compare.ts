import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ComparedPrior, ComparisonFollower } from '../vae/comparison/options';
import { type Contender, PROTOCOL, PUBLISHED_SOURCE } from '../vae/comparison/protocol';
import { SCORING_OPTIONS } from '../vae/evaluation/option-table';
import { MODEL_OPTIONS } from '../vae/model-table';
import { OPTIONS } from '../vae/training/option-table';
import { addDataOptions, DATA_HELP, type DataFlags } from './data-options';
import { progress } from './evaluate';
import type { CommandIo } from './io';
import { addDeviceFlags, addFlags, type FlagsOf } from './table-flags';
import { trainingProgress } from './train/progress';
import { addTrainingImages, loadVaeData, type Sizes, type VaeData } from './vae-data';
import { folderPath } from './vae-options';

const TRAINING = ['epochs', 'learningRate', 'warmUpEpochs'] as const;
const SCORING = ['samples', 'limit', 'seed'] as const;

interface Flags
  extends DataFlags,
    Sizes,
    Required<Pick<FlagsOf<typeof MODEL_OPTIONS>, 'latent' | 'hidden'>>,
    Pick<FlagsOf<typeof OPTIONS>, (typeof TRAINING)[number] | 'device' | 'threads'>,
    FlagsOf<typeof SCORING_OPTIONS> {
  readonly data: string;
  readonly output: string;
  readonly json: boolean;
}

const HELP = `
Trains each prior with the same seed, data order and number of steps (gated layers 300-300, 40 latent dimensions, batches of 100,
dynamic binarisation, 50,000 images to train on, 10,000 held out: as published, but for fewer epochs and a shorter warm-up; see
"gmm-vae train --help"), then scores all on the same test
images, beside the published figures where data and sizes are theirs. Every model is kept in a folder of its own in --output,
with its scores: run the command again to go on.
${DATA_HELP}

Example:
  gmm-vae compare --epochs 30 --samples 200 --limit 1000 --output runs/compare`;

/** `gmm-vae compare`: four priors, equal in all else, beside the published numbers. */
export function registerCompare(program: Command, io: CommandIo): void {
  const command = program
    .command('compare')
    .description('compare a standard normal, two Gaussian-mixture and a VampPrior, equal in all else')
    .requiredOption('--output <folder>', 'keep the models here', folderPath('--output'));
  addTrainingImages(command, 'images held out');
  addFlags(command, MODEL_OPTIONS, ['latent', 'hidden'], {
    hidden: { help: 'units of the gated layers', typed: PROTOCOL.hidden },
  });
  addFlags(command, OPTIONS, TRAINING, { learningRate: { help: 'of Adam' } });
  addFlags(command, SCORING_OPTIONS, SCORING, {
    samples: { help: 'samples per test image' },
    seed: { help: 'of everything' },
  });
  addDeviceFlags(addDataOptions(command))
    .option('--json', 'print one JSON object instead of a Markdown table', false)
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, io));
}

async function run(flags: Flags, io: CommandIo): Promise<void> {
  const [{ comparePriors }, { takeImages }, data] = await Promise.all([
    import('../vae/comparison/compare-priors.js'),
    import('../data/dataset.js'),
    loadVaeData(flags.data, flags, io),
  ]);
  const { epochs, samples, seed, latent, hidden, learningRate, warmUpEpochs, device, threads, limit } = flags;
  const test = takeImages(data.test, Math.min(limit ?? data.test.count, data.test.count));
  const stepsPerEpoch = Math.floor(data.train.count / PROTOCOL.batchSize);
  try {
    const rows = await comparePriors({
      ...data,
      test,
      folder: resolve(io.cwd, flags.output),
      epochs,
      samples,
      seed,
      latent,
      hidden,
      learningRate,
      warmUpEpochs,
      device,
      ...(threads !== undefined && { threads }),
      signal: io.signal,
      follow: (prior) => follower(prior, { epochs, stepsPerEpoch, images: test.count }, io),
    });
    for (const { name, warnings } of rows) {
      for (const warning of warnings) io.stderr.write(`${name}: warning: ${warning}\n`);
    }
    const answer = flags.json
      ? JSON.stringify({ data: data.train.name, epochs, samples, images: test.count, seed, rows }, null, 2)
      : table(rows, flags, { train: data.train, test });
    io.stdout.write(`${answer}\n`);
  } catch (error) {
    if (!io.signal.aborted) throw error;
    io.stderr.write(`gmm-vae: interrupted; run the command again to go on from ${flags.output}\n`);
    io.exit(130);
  }
}

async function follower(
  { name }: Contender,
  { epochs, stepsPerEpoch, images }: { epochs: number; stepsPerEpoch: number; images: number },
  io: CommandIo,
): Promise<ComparisonFollower> {
  const { batchSize } = PROTOCOL;
  const { onStep, onEpoch, stop } = await trainingProgress({ title: name, epochs, stepsPerEpoch, batchSize }, io);
  let scored: ((imagesDone: number) => void) | null = null;
  const onScored = (done: number) => {
    scored ??= progress(images, io);
    scored(done);
  };
  return { onStep, onEpoch, onTrained: stop, onScored };
}

function table(
  rows: readonly ComparedPrior[],
  { epochs, samples, seed }: Flags,
  { train, test }: Pick<VaeData, 'train' | 'test'>,
): string {
  const number = (value: number, digits = 2) => value.toFixed(digits).replace('-', '−');
  const withError = (value: number, error: number | null) =>
    error === null ? number(value) : `${number(value)} ± ${number(error)}`;
  const anyPublished = rows.some(({ published }) => published !== null);
  const cells = rows.map((row, i) => [
    row.prior,
    withError(-row.nll, row.standardError),
    i === 0 ? '–' : withError(row.gain.mean, row.gain.standardError),
    number(row.elbo),
    number(row.kl),
    number(row.activeUnits, 0),
    number(row.effectiveComponents, 1),
    row.clusterAccuracy === null ? '–' : number(row.clusterAccuracy, 3),
    row.nmi === null ? '–' : number(row.nmi, 3),
    ...(anyPublished ? [row.published ? withError(row.published.mean, row.published.standardError) : '–'] : []),
  ]);
  const head = ['prior', 'ln p(x)', 'gain over N(0, I), paired', 'ELBO', 'KL', 'active units', 'effective components'];
  const columns = [...head, 'cluster accuracy', 'NMI', ...(anyPublished ? ['published ln p(x)'] : [])];
  const lines = [columns, columns.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`);
  const caption = [
    `${epochs} epochs on ${train.count} images of ${train.name}, seed ${seed},`,
    `${samples} samples for each of ${test.count} test images; nats per image, ± one standard error.`,
  ].join(' ');
  return [...lines, '', caption, ...(anyPublished ? [PUBLISHED_SOURCE] : [])].join('\n');
}
