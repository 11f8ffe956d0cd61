import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { TestReport } from '../vae/evaluation/test-report';
import type { TrainingDevice } from '../vae/runner';
import { progress } from './evaluate';
import type { CommandIo } from './io';
import { modelOptions, sizesOf, type TrainFlags, title, trainOptions } from './train-flags';
import { trainingProgress } from './training-progress';
import { DATA_SETS, type DataName, loadVaeData, type VaeData } from './vae-data';
import { addDeviceOptions, choice, integer, numberFrom, positiveInteger, positiveIntegers } from './vae-options';

interface Flags {
  readonly data: DataName;
  readonly trainImages?: number;
  readonly validationImages?: number;
  readonly latent: number;
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly learningRate: number;
  readonly warmUp: number;
  readonly samples: number;
  readonly limit?: number;
  readonly seed: number;
  readonly output: string;
  readonly device: TrainingDevice;
  readonly threads?: number;
  readonly json: boolean;
}

/** One prior of the comparison; the first is what the others are compared with. */
interface Contender {
  readonly name: string;
  readonly label: string;
  readonly flags: Pick<TrainFlags, 'prior' | 'components'>;
  /** Test log-likelihood in nats at convergence, where it is published for this protocol. */
  readonly published: string | null;
}

/** Dynamic MNIST, 5,000 samples, trained until early stopping: Norouzi, Fleet and Norouzi, Exemplar VAE (2020). */
const CONTENDERS: readonly Contender[] = [
  { name: 'normal', label: 'N(0, I)', flags: { prior: 'normal' }, published: '−84.45 ± 0.12' },
  { name: 'gmm-10', label: 'mixture, K = 10', flags: { prior: 'gmm', components: 10 }, published: null },
  { name: 'gmm-100', label: 'mixture, K = 100', flags: { prior: 'gmm', components: 100 }, published: null },
  {
    name: 'vamp-500',
    label: 'VampPrior, K = 500',
    flags: { prior: 'vamp', components: 500 },
    published: '−82.43 ± 0.06',
  },
];
const PUBLISHED_SOURCE =
  'Published: dynamic MNIST, 5,000 samples, trained until early stopping (Norouzi, Fleet and Norouzi, Exemplar VAE, 2020).';

interface Row extends TestReport {
  readonly prior: string;
  /** ln p(x) less that of the first prior, on the same images with the same noise. */
  readonly gain: { readonly mean: number; readonly standardError: number | null };
  readonly published: string | null;
}

const HELP = `
Trains each prior with the same seed, data order and number of steps by the published protocol (gated layers 300-300, 40 latent
dimensions, batches of 100, dynamic binarisation, 50,000 images to train on, 10,000 held out), then scores all on the same test
images. Every model is kept in a folder of its own in --output: run the command again to go on, or to score anew.

Example:
  gmm-vae compare --epochs 30 --samples 200 --limit 1000 --output runs/compare`;

/** `gmm-vae compare`: four priors, equal in all else, beside the published numbers. */
export function registerCompare(program: Command, io: CommandIo): void {
  const command = program
    .command('compare')
    .description('compare a standard normal, two Gaussian-mixture and a VampPrior, equal in all else')
    .requiredOption('--output <folder>', 'keep the models here')
    .addOption(choice('--data <name>', 'the images', DATA_SETS, 'mnist'))
    .option('--train-images <n>', 'images to train on', positiveInteger('--train-images'))
    .option('--validation-images <n>', 'images held out', positiveInteger('--validation-images'))
    .option('--latent <d>', 'dimensions of z', positiveInteger('--latent'), 40)
    .option('--hidden <sizes>', 'units of the gated layers', positiveIntegers('--hidden'), [300, 300])
    .option('--epochs <n>', 'passes over the training images', positiveInteger('--epochs'), 30)
    .option('--learning-rate <x>', 'of Adam', numberFrom('--learning-rate', 'above zero'), 5e-4)
    .option(
      '--warm-up <epochs>',
      'over which the weight of the KL term rises to 1',
      numberFrom('--warm-up', 'zero'),
      10,
    )
    .option('--samples <S>', 'samples per test image', positiveInteger('--samples'), 5000)
    .option('--limit <N>', 'the first N test images only', positiveInteger('--limit'))
    .option('--seed <S>', 'of everything', integer('--seed'), 1);
  addDeviceOptions(command)
    .option('--json', 'print one JSON object instead of a Markdown table', false)
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, io));
}

async function run(flags: Flags, io: CommandIo): Promise<void> {
  const data = await loadVaeData(flags.data, sizesOf(flags), io);
  try {
    const rows: Row[] = [];
    let first: Float64Array | null = null;
    for (const contender of CONTENDERS) {
      const { report, logLikelihood } = await trainAndScore(contender, flags, data, io);
      const { pairedDifference } = await import('../vae/evaluation/paired.js');
      first ??= logLikelihood;
      rows.push({
        prior: contender.label,
        published: contender.published,
        ...report,
        gain: pairedDifference(first, logLikelihood),
      });
    }
    const images = flags.limit ?? data.test.count;
    const { epochs, samples, seed } = flags;
    const answer = flags.json
      ? JSON.stringify({ epochs, samples, images, seed, rows }, null, 2)
      : table(rows, flags, images);
    io.stdout.write(`${answer}\n`);
  } catch (error) {
    if (!io.signal.aborted) throw error;
    io.stderr.write(`gmm-vae: interrupted; run the command again to go on from ${flags.output}\n`);
    io.exit(130);
  }
}

async function trainAndScore(
  { name, flags: own }: Contender,
  flags: Flags,
  data: VaeData,
  io: CommandIo,
): Promise<{ report: TestReport; logLikelihood: Float64Array }> {
  const [{ Vae }, { train }, { meanImage }, { pseudoInputs }, { testReport }, { takeImages }] = await Promise.all([
    import('../vae/model.js'),
    import('../vae/train.js'),
    import('../data/intensities.js'),
    import('../vae/pseudo-inputs.js'),
    import('../vae/evaluation/test-report.js'),
    import('../data/dataset.js'),
  ]);
  const all: TrainFlags = { ...flags, ...PROTOCOL, ...own };
  const model = new Vae(modelOptions(all, data, { meanImage, pseudoInputs }));
  const stepsPerEpoch = Math.floor(data.train.count / all.batchSize);
  const shown = await trainingProgress(
    { title: title(all), epochs: all.epochs, stepsPerEpoch, batchSize: all.batchSize },
    io,
  );
  try {
    const folder = join(resolve(io.cwd, flags.output), name);
    await train(model, data.train, { ...trainOptions(all, data, folder), ...shown, signal: io.signal });
    shown.stop();
    io.signal.throwIfAborted();
    const { samples, limit = data.test.count, seed, device, threads } = flags;
    const images = takeImages(data.test, Math.min(limit, data.test.count));
    const { report, warnings, scores } = await testReport(model, images, {
      samples,
      seed,
      device,
      signal: io.signal,
      onProgress: progress(images.count, io),
      ...(threads !== undefined && { threads }),
    });
    for (const warning of warnings) io.stderr.write(`${title(all)}: warning: ${warning}\n`);
    return { report, logLikelihood: scores.logLikelihood };
  } finally {
    shown.stop();
    model.dispose();
  }
}

/** What is not asked for: the same for every prior. `samples` are the training's here. */
const PROTOCOL: Omit<TrainFlags, keyof Flags | 'prior' | 'components'> & { samples: number } = {
  covariance: 'diagonal',
  gated: true,
  likelihood: 'bernoulli',
  batchSize: 100,
  samples: 1,
  bound: 'elbo',
  stickingTheLanding: false,
  binarisation: 'dynamic',
  resume: true,
};

function table(rows: readonly Row[], { epochs, samples, seed }: Flags, images: number): string {
  const withError = (value: number, error: number | null) =>
    error === null ? value.toFixed(2) : `${value.toFixed(2)} ± ${error.toFixed(2)}`;
  const cells = rows.map((row, i) => [
    row.prior,
    withError(-row.nll, row.standardError),
    i === 0 ? '–' : withError(row.gain.mean, row.gain.standardError),
    row.elbo.toFixed(2),
    row.kl.toFixed(2),
    row.activeUnits.toFixed(0),
    row.effectiveComponents.toFixed(1),
    row.clusterAccuracy.toFixed(3),
    row.nmi.toFixed(3),
    row.published ?? '–',
  ]);
  const head = ['prior', 'ln p(x)', 'gain over N(0, I), paired', 'ELBO', 'KL', 'active units', 'effective components'];
  const columns = [...head, 'cluster accuracy', 'NMI', 'published ln p(x)'];
  const lines = [columns, columns.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`);
  const caption = `${epochs} epochs, seed ${seed}, ${samples} samples for each of ${images} test images; nats per image, ± one standard error.`;
  return [...lines, '', caption, PUBLISHED_SOURCE].join('\n');
}
