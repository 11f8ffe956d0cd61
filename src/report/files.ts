import { dirname } from 'node:path';
import { makeFolderSync, writeAtomicallySync } from '../files';

/** Writes a file so that a reader sees the old one or the whole new one; makes its folder where there is none. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  makeFolderSync(dirname(path));
  writeAtomicallySync(path, content);
}
