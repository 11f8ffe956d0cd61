import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandIo } from '../io';

/** By one name, whatever link leads there: the queue knows the sweep by it. */
export function folderOf(typed: string, io: CommandIo): string {
  const folder = resolve(io.cwd, typed);
  return existsSync(folder) ? realpathSync(folder) : folder;
}
