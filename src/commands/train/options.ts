import type { Command } from 'commander';
import type { Initialiser } from '../../vae/networks';
import type { OptimizerName } from '../../vae/training/adam';
import { addDataOptions } from '../data-options';
import { dataArgument } from '../vae-data';
import { addDeviceOptions, choice, folderPath, integer, numberFrom, positiveInteger } from '../vae-options';
import { PRIOR_NAMES } from './flags';
import { addLikelihoodOptions } from './likelihood';
import { addNetworkOptions } from './network';
import { PRESET_NAMES } from './presets';

const INITIALISERS: readonly Initialiser[] = ['he', 'glorot', 'he-everywhere'];
const OPTIMIZER_NAMES: readonly OptimizerName[] = ['adam', 'adam-norm-grad'];

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
  addLikelihoodOptions(command)
    .option('--epochs <n>', 'passes over the training images', positiveInteger('--epochs'), 30)
    .option('--batch-size <n>', 'images per step', positiveInteger('--batch-size'), 100)
    .addOption(choice('--optimizer <name>', 'Adam, or on normalised gradients', OPTIMIZER_NAMES, 'adam'))
    .option('--learning-rate <x>', 'of Adam', numberFrom('--learning-rate', 'above zero'), 5e-4)
    .option(
      '--warm-up <epochs>',
      'over which the weight of the KL term rises to 1',
      numberFrom('--warm-up', 'zero'),
      10,
    )
    .option('--beta <x>', 'the weight that the KL term reaches (β-VAE)', numberFrom('--beta', 'zero'), 1)
    .option(
      '--kl-cycle <epochs>',
      'in place of a warm-up, cycles over whose first half the weight rises from 0',
      numberFrom('--kl-cycle', 'zero'),
      0,
    )
    .option('--free-bits <nats>', 'of the KL term that cost nothing', numberFrom('--free-bits', 'zero'), 0)
    .option('--samples <n>', 'draws of z per image and step', positiveInteger('--samples'), 1)
    .addOption(choice('--bound <name>', 'what is maximised', ['elbo', 'iwae'], 'elbo'))
    .option('--sticking-the-landing', 'drop the zero-mean part of the gradient of ln q(z|x)', false)
    .addOption(
      choice('--binarisation <how>', 'of the pixels (default: dynamic; none but for bernoulli)', [
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
  return addDeviceOptions(addDataOptions(command))
    .option('--checkpoint <folder>', 'keep the last and the best epoch here', folderPath('--checkpoint'))
    .option('--checkpoint-every <steps>', 'and save between epochs, too', positiveInteger('--checkpoint-every'))
    .option('--resume', 'go on from the last checkpoint; from the start where there is none', false)
    .option('--json', 'print the result and every epoch as JSON', false);
}
