import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readManifest } from '../vae/checkpoint/folder';
import type { LoadedCheckpoint } from '../vae/load';
import type { CommandIo } from './io';
import { changedModule, keptNetworks, type ModuleFile, moduleArgument } from './network-module';
import { dataArgument } from './vae-data';
import { choice, folderPath } from './vae-options';

/** Which kept model a command works with, as parsed. */
export interface KeptModelFlags {
  readonly checkpoint: string;
  readonly which: 'last' | 'best';
  readonly network?: ModuleFile;
}

/** The options of every command that reads a checkpoint. */
export function addKeptModel(command: Command): Command {
  return command
    .requiredOption('--checkpoint <folder>', 'what "gmm-vae train --checkpoint" has kept', folderPath('--checkpoint'))
    .addOption(choice('--which <name>', 'the last epoch or the best', ['last', 'best'], 'last'))
    .option('--network <file>', 'the module that made its networks, if one did', moduleArgument);
}

/** Loads the model. @throws UsageError where there is none, or the module of its networks is not named, or makes other ones */
export async function loadKept(flags: KeptModelFlags, io: CommandIo): Promise<LoadedCheckpoint> {
  const { loadCheckpoint } = await import('../vae/load.js');
  const folder = resolve(io.cwd, flags.checkpoint);
  const manifest = await readManifest(folder, flags.which);
  const network = manifest && (await keptNetworks(folder, manifest, flags.network, io));
  if (!network) return loadCheckpoint(folder, flags.which);
  const loaded = await loadCheckpoint(folder, flags.which, { network });
  const warning = changedModule(flags.checkpoint, loaded.manifest, network);
  if (warning !== null) io.stderr.write(`gmm-vae: warning: ${warning}\n`);
  return loaded;
}

/** The option of every command that works on a kept model's test images. */
export function addTestData(command: Command): Command {
  return command.option('--data <name|path>', 'whose test images (default: those of its training)', dataArgument);
}
