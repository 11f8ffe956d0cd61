import { type Command, Option } from 'commander';
import { UsageError } from '../errors';
import { NO_FLOW, PROTOCOL } from '../vae/comparison/protocol';
import { SCORING_OPTIONS } from '../vae/evaluation/option-table';
import { MODEL_OPTIONS } from '../vae/model-table';
import { OPTIONS } from '../vae/training/option-table';
import { addDataOptions, DATA_HELP, type DataFlags } from './data-options';
import type { CommandIo } from './io';
import { integers } from './numbers';
import { addDeviceFlags, addFlags, type FlagsOf } from './table-flags';
import type { ModelFlags } from './train/model-flags';
import { addTrainingImages, type Sizes } from './vae-data';
import { folderPath } from './vae-options';

const TRAINING = ['epochs', 'learningRate', 'warmUpEpochs'] as const;
const SCORING = ['samples', 'limit', 'seed'] as const;

/** The options of `gmm-vae compare`, as parsed. */
export interface CompareFlags
  extends DataFlags,
    Sizes,
    Required<Pick<ModelFlags, 'latent' | 'hidden'>>,
    Pick<ModelFlags, 'flow' | 'hierarchy'>,
    Pick<FlagsOf<typeof OPTIONS>, (typeof TRAINING)[number] | 'device' | 'threads'>,
    FlagsOf<typeof SCORING_OPTIONS> {
  readonly data: string;
  readonly seeds?: readonly number[];
  readonly output: string;
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
export function registerCompare(command: Command, io: CommandIo): void {
  command.requiredOption('--output <folder>', 'keep the models here', folderPath('--output'));
  addTrainingImages(command, 'images held out');
  addFlags(command, MODEL_OPTIONS, ['latent', 'hidden'], {
    hidden: { help: 'units of the gated layers', typed: PROTOCOL.hidden },
  });
  addFlags(command, OPTIONS, TRAINING, { learningRate: { help: 'learning rate of Adam' } });
  addFlags(command, SCORING_OPTIONS, SCORING, {
    samples: { help: 'samples per test image' },
    seed: { help: 'seed of everything; with --seeds, of the scoring alone' },
  });
  addFlags(command, MODEL_OPTIONS, ['hierarchy']).addOption(new Option('--flow <kind>').hideHelp());
  command.option('--seeds <list>', 'train with each of these, as 1,2,3: means with intervals', integers('--seeds'));
  addDeviceFlags(addDataOptions(command))
    .option('--json', 'print one JSON object instead of a Markdown table', false)
    .addHelpText('after', HELP)
    .action(async (flags: CompareFlags) => {
      if (flags.flow !== undefined)
        throw new UsageError(`--flow: ${NO_FLOW}; "gmm-vae sweep" trains other priors with one`);
      const { runComparison } = await import('./comparison/run.js');
      await runComparison(flags, io);
    });
}
