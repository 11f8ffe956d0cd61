import { toDotPath } from 'zod/v4/core';
import { UsageError } from '../../errors';
import { writeAtomicallySync } from '../../files';
import { readText } from '../../text-files';
import { type CodeCell, type MultilineText, type Notebook, notebookSchema } from './schema';
import { upgraded } from './upgrade';

export type { Cell, CodeCell, MultilineText, Notebook, Output } from './schema';

export function joinText(text: MultilineText): string {
  return typeof text === 'string' ? text : text.join('');
}

/** Whether an error is what the author of the cell meant to show. */
export function mayRaise({ metadata }: CodeCell): boolean {
  return metadata.tags?.includes('raises-exception') ?? false;
}

/**
 * Reads and checks a notebook; one of format 2 or 3 is brought to format 4.
 * @throws UsageError in one line: no such file, not UTF-8, not JSON, not a notebook (and what is wrong with it).
 */
export function readNotebook(path: string): Notebook {
  const text = readText(path);
  let value: unknown;
  try {
    value = upgraded(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`${path}: not a notebook: not JSON (${(error as Error).message})`);
  }
  const [issue] = notebookSchema.safeParse(value).error?.issues ?? [];
  if (!issue) return value as Notebook;
  const where = toDotPath(issue.path);
  throw new UsageError(`${path}: not a notebook: ${where === '' ? '' : `${where}: `}${issue.message}`);
}

/** Writes the notebook so that a reader sees the old file or the whole new one. */
export function writeNotebook(path: string, notebook: Notebook): void {
  writeAtomicallySync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}
