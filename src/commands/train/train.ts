import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError, UsageError } from '../../errors';
import type { TrainingHistory } from '../../vae/training/history';
import type { CommandIo } from '../io';
import { DATA_SETS, loadVaeData } from '../vae-data';
import {
  addDeviceOptions,
  choice,
  folderPath,
  integer,
  numberFrom,
  positiveInteger,
  positiveIntegers,
} from '../vae-options';
import {
  checkTogether,
  modelOptions,
  PRIOR_NAMES,
  sizesOf,
  storedFlags,
  type TrainFlags,
  title,
  trainOptions,
} from './flags';
import { trainingProgress } from './progress';

const HELP = `
Defaults are a short form of Tomczak and Welling's experiments on MNIST (2018): gated layers 300-300, 40 latent dimensions,
batches of 100, a step size of 5e-4, dynamic binarisation, 50,000 images to train on and 10,000 held out are theirs; Adam, 30
epochs and a KL term whose weight rises over 10 of them are ours. Their code takes up to 2,000 epochs, a weight that rises over 100,
early stopping after 50 without gain, and Adam on gradients that are normalised parameter by parameter.

With --checkpoint the training can be killed at any moment; --resume goes on with the options it was started with, and ends with
the same weights to the last bit. What is typed again, such as more --epochs, replaces what it was started with.

Example:
  gmm-vae train --data mnist --prior gmm --components 10 --epochs 30 --seed 1 --checkpoint runs/gmm-10 --json`;

/** `gmm-vae train`: trains a VAE with a prior to choose, and keeps it. */
export function registerTrain(program: Command, io: CommandIo): void {
  const command = program
    .command('train')
    .description('train a variational autoencoder with a standard normal, Gaussian-mixture or VampPrior')
    .addOption(choice('--data <name>', 'the images', DATA_SETS, 'mnist'))
    .option('--train-images <n>', 'images to train on', positiveInteger('--train-images'))
    .option(
      '--validation-images <n>',
      'images held out for "best" and --patience',
      positiveInteger('--validation-images'),
    )
    .addOption(choice('--prior <name>', 'p(z)', PRIOR_NAMES, 'gmm'))
    .option(
      '--components <K>',
      'components or pseudo-inputs (default: 10 for gmm, 500 for vamp)',
      positiveInteger('--components'),
    )
    .addOption(choice('--covariance <form>', 'of each component of a gmm', ['diagonal', 'full'], 'diagonal'))
    .option('--latent <d>', 'dimensions of z', positiveInteger('--latent'), 40)
    .option(
      '--hidden <sizes>',
      'units of the hidden layers, from the image on',
      positiveIntegers('--hidden'),
      [300, 300],
    )
    .option('--gated', 'gated hidden layers', true)
    .option('--no-gated', 'relu hidden layers')
    .addOption(choice('--initialiser <name>', 'of the hidden layers (default: what suits them)', ['he', 'glorot']))
    .addOption(choice('--likelihood <name>', 'p(x|z)', ['bernoulli', 'gaussian'], 'bernoulli'))
    .option('--epochs <n>', 'passes over the training images', positiveInteger('--epochs'), 30)
    .option('--batch-size <n>', 'images per step', positiveInteger('--batch-size'), 100)
    .option('--learning-rate <x>', 'of Adam', numberFrom('--learning-rate', 'above zero'), 5e-4)
    .option(
      '--warm-up <epochs>',
      'over which the weight of the KL term rises to 1',
      numberFrom('--warm-up', 'zero'),
      10,
    )
    .option('--samples <n>', 'draws of z per image and step', positiveInteger('--samples'), 1)
    .addOption(choice('--bound <name>', 'what is maximised', ['elbo', 'iwae'], 'elbo'))
    .option('--sticking-the-landing', 'drop the zero-mean part of the gradient of ln q(z|x)', false)
    .addOption(
      choice('--binarisation <how>', 'of the pixels (default: dynamic; none for gaussian)', [
        'dynamic',
        'fixed',
        'none',
      ]),
    )
    .option('--em-after <epoch>', 'then replace a gmm by an EM fit to the encodings', positiveInteger('--em-after'))
    .option(
      '--patience <epochs>',
      'stop after so many epochs without a better held-out loss',
      positiveInteger('--patience'),
    )
    .option('--seed <S>', 'initial weights, data order, noise', integer('--seed'), 1);
  addDeviceOptions(command)
    .option('--checkpoint <folder>', 'keep the last and the best epoch here', folderPath('--checkpoint'))
    .option('--checkpoint-every <steps>', 'and save between epochs, too', positiveInteger('--checkpoint-every'))
    .option('--resume', 'go on from the last checkpoint; from the start where there is none', false)
    .option('--json', 'print the result and every epoch as JSON', false)
    .addHelpText('after', HELP)
    .action((flags: TrainFlags) => run(command, flags, io));
}

async function run(command: Command, typed: TrainFlags, io: CommandIo): Promise<void> {
  if (typed.resume && typed.checkpoint === undefined) throw new UsageError('--resume needs --checkpoint <folder>');
  const folder = typed.checkpoint === undefined ? undefined : resolve(io.cwd, typed.checkpoint);
  const stored = await storedIn(folder, typed);
  const flags = stored ? { ...typed, ...stored, ...given(command, typed) } : typed;
  // What a resumed training was started with has been checked; where what is typed now differs, that is said instead.
  if (!stored) checkTogether(flags);
  const data = await loadVaeData(flags.data, sizesOf(flags), io);
  const { Vae, train, meanImage, pseudoInputs } = await libraries();
  const model = new Vae(modelOptions(flags, data, { meanImage, pseudoInputs }));
  const progress = await trainingProgress(
    {
      title: title(flags),
      epochs: flags.epochs,
      stepsPerEpoch: Math.floor(data.train.count / flags.batchSize),
      batchSize: flags.batchSize,
    },
    io,
  );
  const started = io.now();
  try {
    const history = await train(model, data.train, {
      ...trainOptions(flags, data, folder),
      ...progress,
      signal: io.signal,
    });
    progress.stop();
    report(history, flags, (io.now() - started) / 1000, folder, io);
  } catch (error) {
    throw error instanceof InvalidArgumentError && error.argument === 'fitPriorAfter'
      ? new UsageError(`--em-after: ${error.problem}`)
      : error;
  } finally {
    progress.stop();
    model.dispose();
  }
}

async function libraries() {
  const [{ Vae }, { train }, { meanImage }, { pseudoInputs }] = await Promise.all([
    import('../../vae/model.js'),
    import('../../vae/training/train.js'),
    import('../../data/intensities.js'),
    import('../../vae/priors/pseudo-inputs.js'),
  ]);
  return { Vae, train, meanImage, pseudoInputs };
}

/** When a training is resumed: what it was started with. Null when there is nothing to resume. */
async function storedIn(folder: string | undefined, { resume }: TrainFlags): Promise<Partial<TrainFlags> | null> {
  if (!resume || folder === undefined) return null;
  const { readManifest } = await import('../../vae/checkpoint/folder.js');
  const manifest = await readManifest(folder, 'last');
  return manifest && storedFlags(manifest);
}

/** What was typed, without defaults. */
function given(command: Command, typed: TrainFlags): Partial<TrainFlags> {
  return Object.fromEntries(Object.entries(typed).filter(([name]) => command.getOptionValueSource(name) === 'cli'));
}

/** Why it ended, and what it reached. Interrupted: exit code 130. */
function report(
  history: TrainingHistory,
  flags: TrainFlags,
  seconds: number,
  folder: string | undefined,
  io: CommandIo,
): void {
  const last = history.epochs.at(-1) ?? null;
  const { ended, best } = history;
  if (flags.json) {
    const result = {
      ended,
      seconds,
      steps: history.steps.length,
      best,
      last,
      epochs: history.epochs,
      checkpoint: folder ?? null,
    };
    io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } else if (last) {
    const heldOut = best ? `, best held-out loss ${best.loss.toFixed(2)} nats in epoch ${best.epoch}` : '';
    io.stdout.write(
      `${title(flags)}: ${last.epoch} epochs in ${Math.round(seconds)} s, loss ${last.loss.toFixed(2)}, KL ${last.kl.toFixed(2)} nats${heldOut}\n`,
    );
  }
  if (ended === 'early')
    io.stderr.write(`gmm-vae: stopped early: no better held-out loss for ${flags.patience} epochs\n`);
  if (ended === 'complete' && history.steps.length === 0)
    io.stderr.write(
      `gmm-vae: nothing left to do: ${history.epochs.length} of ${flags.epochs} epochs are done; say more --epochs to go on\n`,
    );
  if (ended !== 'interrupted') return;
  const kept = folder ? `saved in ${folder}: go on with --resume` : 'nothing was saved, for want of --checkpoint';
  io.stderr.write(`gmm-vae: interrupted after ${history.steps.length} steps; ${kept}\n`);
  io.exit(130);
}
