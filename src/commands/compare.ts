import type { Command } from 'commander';
import { PROTOCOL } from '../vae/comparison/protocol';
import type { TrainingDevice } from '../vae/training/runner';
import { addDataOptions, DATA_HELP, type DataFlags } from './data-options';
import type { CommandIo } from './io';
import { dataArgument } from './vae-data';
import {
  addDeviceOptions,
  folderPath,
  integer,
  integers,
  numberFrom,
  positiveInteger,
  positiveIntegers,
} from './vae-options';

/** The options of `gmm-vae compare`, as parsed. */
export interface CompareFlags extends DataFlags {
  readonly data: string;
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
  readonly seeds?: readonly number[];
  readonly output: string;
  readonly device: TrainingDevice;
  readonly threads?: number;
  readonly json: boolean;
}

const HELP = `
Trains each prior with the same seed, data order and number of steps (gated layers 300-300, 40 latent dimensions, batches of 100,
dynamic binarisation, 50,000 images to train on, 10,000 held out: as published, but for fewer epochs and a shorter warm-up; see
"gmm-vae train --help"), then scores all on the same test
images, beside the published figures where data and sizes are theirs. --output is a sweep of four priors, which "gmm-vae sweep status"
and "collect" read, too: run the command again to go on, with more --seeds or --epochs to add to it. Models that comparePriors has
kept there are taken over.
${DATA_HELP}

Example:
  gmm-vae compare --epochs 30 --samples 200 --limit 1000 --output runs/compare`;

/** `gmm-vae compare`: four priors, equal in all else, beside the published numbers. */
export function registerCompare(program: Command, io: CommandIo): void {
  const command = program
    .command('compare')
    .description('compare a standard normal, two Gaussian-mixture and a VampPrior, equal in all else')
    .requiredOption('--output <folder>', 'keep the models here', folderPath('--output'))
    .option('--data <name|path>', 'the images: mnist, synthetic or files of your own', dataArgument, 'mnist')
    .option('--train-images <n>', 'images to train on', positiveInteger('--train-images'))
    .option('--validation-images <n>', 'images held out', positiveInteger('--validation-images'))
    .option('--latent <d>', 'dimensions of z', positiveInteger('--latent'), PROTOCOL.latent)
    .option('--hidden <sizes>', 'units of the gated layers', positiveIntegers('--hidden'), [...PROTOCOL.hidden])
    .option('--epochs <n>', 'passes over the training images', positiveInteger('--epochs'), PROTOCOL.epochs)
    .option('--learning-rate <x>', 'of Adam', numberFrom('--learning-rate', 'above zero'), PROTOCOL.learningRate)
    .option(
      '--warm-up <epochs>',
      'over which the weight of the KL term rises to 1',
      numberFrom('--warm-up', 'zero'),
      PROTOCOL.warmUpEpochs,
    )
    .option('--samples <S>', 'samples per test image', positiveInteger('--samples'), PROTOCOL.samples)
    .option('--limit <N>', 'the first N test images only', positiveInteger('--limit'))
    .option('--seed <S>', 'of everything; with --seeds, of the scoring alone', integer('--seed'), PROTOCOL.seed)
    .option('--seeds <list>', 'train with each of these, as 1,2,3: means with intervals', integers('--seeds'));
  addDeviceOptions(addDataOptions(command))
    .option('--json', 'print one JSON object instead of a Markdown table', false)
    .addHelpText('after', HELP)
    .action(async (flags: CompareFlags) => {
      const { runComparison } = await import('./comparison/run.js');
      await runComparison(flags, io);
    });
}
