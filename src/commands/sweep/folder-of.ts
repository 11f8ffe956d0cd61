import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandIo } from '../io';

/** What the argument of `status`, `collect`, `cancel` and `retry` is. */
export const FOLDER = 'the folder of a sweep, as run --output named it';

/** Resolves links, since Slurm knows the sweep by one path. */
export function folderOf(typed: string, io: CommandIo): string {
  const folder = resolve(io.cwd, typed);
  return existsSync(folder) ? realpathSync(folder) : folder;
}
