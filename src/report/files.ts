import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { foreignFile, makeFolderSync, writeAtomicallySync } from '../files';
import { readText } from '../text-files';

/** Writes a file so that a reader sees the old one or the whole new one; makes its folder where there is none. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  makeFolderSync(dirname(path));
  writeAtomicallySync(path, content);
}

/** What every page of this project has, of any version. */
const OURS = 'class="toggle-theme"';

/** @throws UsageError where a page would be written over one that somebody else has made, or one that cannot be read */
export function checkPage(path: string): void {
  if (existsSync(path) && !readText(path).includes(OURS)) throw foreignFile(path, 'build');
}

/** The same for the page of a notebook and what is written beside it under its name: an earlier build has left a page, too. */
export function checkTargets(folder: string, name: string, extensions: readonly string[]): void {
  const page = join(folder, `${name}.html`);
  checkPage(page);
  if (existsSync(page)) return;
  const other = extensions.map((extension) => join(folder, `${name}.${extension}`)).find((path) => existsSync(path));
  if (other !== undefined) throw foreignFile(other, 'build');
}
