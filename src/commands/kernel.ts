import type { Command } from 'commander';
import { packageFile } from '../package';
import type { CommandIo } from './io';
import { folderPath } from './vae-options';

interface Options {
  readonly prefix?: string;
  readonly name?: string;
  readonly force?: boolean;
}

export function registerKernel(command: Command, io: CommandIo): void {
  command
    .option('--prefix <folder>', 'under FOLDER/share/jupyter instead of for this user', folderPath('--prefix'))
    .option('--name <name>', 'name of the kernelspec', 'tslab')
    .option('--force', 'replace a kernelspec of that name that gmm-vae did not write')
    .action(async (options: Options) => {
      const { installKernelSpec } = await import('../notebook/kernel/kernelspec.js');
      const folder = installKernelSpec({ ...options, projectRoot: packageFile(), env: io.env });
      io.stdout.write(`registered: ${folder}\n`);
      const { remakeSnapshot } = await import('../notebook/snapshot/remake.js');
      const problem = await remakeSnapshot();
      if (problem !== null) io.stderr.write(`kernels will start slowly, for want of a snapshot: ${problem}\n`);
      io.stdout.write('JupyterLab and Notebook 7 draw its figures from their next start on\n');
    });
}
