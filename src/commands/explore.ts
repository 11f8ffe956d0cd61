import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { makeFolderSync } from '../files';
import type { CommandIo } from './io';
import { openInBrowser } from './open';
import { folderPath } from './vae-options';

/** `gmm-vae explore`: a page to play with q and p. */
export function registerExplore(command: Command, io: CommandIo): void {
  command
    .option('--output-dir <folder>', 'where the page goes, as explore.html', folderPath('--output-dir'), 'reports')
    .option('--no-open', 'only write the page')
    .action((options: { readonly outputDir: string; readonly open: boolean }) => explore(options, io));
}

async function explore(
  { outputDir, open }: { readonly outputDir: string; readonly open: boolean },
  io: CommandIo,
): Promise<void> {
  const path = await writeExplorePage(resolve(io.cwd, outputDir));
  io.stdout.write(`${relative(io.cwd, path)}\n`);
  if (open) openInBrowser(path);
}

/** Writes explore.html into a folder, and returns its path. */
export async function writeExplorePage(folder: string): Promise<string> {
  const { renderExplorePage } = await import('../report/explore/page.js');
  const { checkPage, writeWhole } = await import('../report/files.js');
  makeFolderSync(folder);
  const path = join(folder, 'explore.html');
  checkPage(path);
  writeWhole(path, renderExplorePage());
  return path;
}
