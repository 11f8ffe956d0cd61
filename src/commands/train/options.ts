import type { Command } from 'commander';
import { MODEL_OPTION_NAMES, MODEL_OPTIONS } from '../../vae/model-table';
import { OPTIONS } from '../../vae/training/option-table';
import { OPTION_NAMES } from '../../vae/training/options';
import { addDataOptions } from '../data-options';
import { addDeviceFlags, addFlags } from '../table-flags';
import { addTrainingImages } from '../vae-data';
import { choice, folderPath } from '../vae-options';
import { networkArgument } from './network';
import { PRESET_NAMES } from './presets';

/** The others stand with what they go with: the machine, and the checkpoint. */
const SHOWN_FIRST = OPTION_NAMES.filter((name) => !['device', 'threads', 'everySteps'].includes(name));

/** The options of `gmm-vae train`; {@link TrainFlags} is what they are parsed to. */
export function addTrainOptions(command: Command): Command {
  command.addOption(choice('--protocol <name>', 'the defaults of published code, see below', PRESET_NAMES));
  addTrainingImages(command, 'images held out for "best" and --patience');
  addFlags(command, MODEL_OPTIONS, MODEL_OPTION_NAMES, {
    network: { help: `${MODEL_OPTIONS.network.help}; or a module's file (.mjs) that makes encoder and decoder` },
  });
  // Beside its choices, a file is one.
  command.options.find(({ long }) => long === '--network')?.argParser(networkArgument);
  addFlags(command, OPTIONS, SHOWN_FIRST);
  addDeviceFlags(addDataOptions(command)).option(
    '--checkpoint <folder>',
    'keep the last and the best epoch here',
    folderPath('--checkpoint'),
  );
  return addFlags(command, OPTIONS, ['everySteps'])
    .option('--resume', 'go on from the last checkpoint; from the start where there is none', false)
    .option('--json', 'print the result and every epoch as JSON', false);
}
