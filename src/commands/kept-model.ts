import type { Command } from 'commander';
import { dataArgument } from './vae-data';
import { choice, folderPath } from './vae-options';

/** Which kept model a command works with, as parsed. */
export interface KeptModelFlags {
  readonly checkpoint: string;
  readonly which: 'last' | 'best';
}

/** The options of every command that reads a checkpoint. */
export function addKeptModel(command: Command): Command {
  return command
    .requiredOption('--checkpoint <folder>', 'what "gmm-vae train --checkpoint" has kept', folderPath('--checkpoint'))
    .addOption(choice('--which <name>', 'the last epoch or the best', ['last', 'best'], 'last'));
}

/** The option of every command that works on a kept model's test images. */
export function addTestData(command: Command): Command {
  return command.option('--data <name|path>', 'whose test images (default: those of its training)', dataArgument);
}
