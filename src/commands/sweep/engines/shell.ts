import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Trial } from '../../../sweep/folder';

/** Eight hexadecimal digits that stand for a text. */
export const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** An id a line, of which a task's index counts: where it lies, without an extension. Named by what it holds, it is never changed. */
export function listOf(sweep: string, trials: readonly Trial[]): { hash: string; path: string; text: string } {
  const text = trials.map(({ id }) => `${id}\n`).join('');
  const hash = short(text);
  return { hash, path: join(sweep, 'lists', hash), text };
}

export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The call that runs one trial, for a shell; the trial's id is to follow. */
export function taskCommand(sweep: string): string {
  return `${quoted(process.execPath)} ${quoted(process.argv[1] as string)} sweep task ${quoted(sweep)}`;
}
