import type { Command } from 'commander';
import type { Initialiser } from '../../vae/networks';
import { OPTION_NAMES } from '../../vae/training/options';
import { addDataOptions } from '../data-options';
import { dataArgument } from '../vae-data';
import { addDeviceOptions, choice, folderPath, positiveInteger } from '../vae-options';
import { PRIOR_NAMES } from './flags';
import { addLikelihoodOptions } from './likelihood';
import { addNetworkOptions } from './network';
import { addPosteriorOptions } from './posterior';
import { PRESET_NAMES } from './presets';
import { addTrainingFlags } from './training-flags';

const INITIALISERS: readonly Initialiser[] = ['he', 'glorot', 'he-everywhere'];
/** The others stand with what they go with: the machine, and the checkpoint. */
const SHOWN_FIRST = OPTION_NAMES.filter((name) => !['device', 'threads', 'everySteps'].includes(name));

/** The options of `gmm-vae train`; {@link TrainFlags} is what they are parsed to. */
export function addTrainOptions(command: Command): Command {
  command
    .addOption(choice('--protocol <name>', 'the defaults of published code, see below', PRESET_NAMES))
    .option('--data <name|path>', 'the images: mnist, synthetic or files of your own', dataArgument, 'mnist')
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
    .option('--latent <d>', 'dimensions of z', positiveInteger('--latent'), 40);
  addNetworkOptions(command)
    .addOption(choice('--initialiser <name>', 'of the hidden layers (default: what suits them)', INITIALISERS))
    .addOption(choice('--pseudo-inputs <what>', 'where those of vamp start', ['images', 'noise'], 'images'));
  addPosteriorOptions(command);
  addLikelihoodOptions(command);
  addTrainingFlags(command, SHOWN_FIRST);
  addDeviceOptions(addDataOptions(command)).option(
    '--checkpoint <folder>',
    'keep the last and the best epoch here',
    folderPath('--checkpoint'),
  );
  return addTrainingFlags(command, ['everySteps'])
    .option('--resume', 'go on from the last checkpoint; from the start where there is none', false)
    .option('--json', 'print the result and every epoch as JSON', false);
}
