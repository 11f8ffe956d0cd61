import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { nth } from '../../../nth';
import type { Trial } from '../../../sweep/folder';

/** Returns eight hexadecimal digits of the SHA-256 of a text. */
export const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Lists ids, one per line, which a task's index counts. The file is named after its contents, so that it never changes. */
export function listOf(sweep: string, trials: readonly Trial[]): { hash: string; path: string; text: string } {
  const text = trials.map(({ id }) => `${id}\n`).join('');
  const hash = short(text);
  return { hash, path: join(sweep, 'lists', hash), text };
}

export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Returns the shell command that runs one trial, without the trial's id. */
export function taskCommand(sweep: string): string {
  return `${quoted(process.execPath)} ${quoted(nth(process.argv, 1))} sweep task ${quoted(sweep)}`;
}
