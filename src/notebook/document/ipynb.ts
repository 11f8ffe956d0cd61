import type { MimeBundle } from '../../display';
import { UsageError } from '../../errors';
import { writeAtomicallySync } from '../../files';
import { readText } from '../../text-files';
import { upgraded } from './upgrade';

/** nbformat writes long text as a list of lines; reading accepts both. */
export type MultilineText = string | readonly string[];

export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: MultilineText }
  | { output_type: 'display_data'; data: MimeBundle; metadata: Record<string, unknown> }
  | {
      output_type: 'execute_result';
      execution_count: number | null;
      data: MimeBundle;
      metadata: Record<string, unknown>;
    }
  | { output_type: 'error'; ename: string; evalue: string; traceback: readonly string[] };

interface CellBase {
  id?: string;
  metadata: Record<string, unknown> & { tags?: string[] };
  source: MultilineText;
  attachments?: Record<string, MimeBundle>;
}

export interface CodeCell extends CellBase {
  cell_type: 'code';
  execution_count: number | null;
  outputs: Output[];
}

export interface MarkdownCell extends CellBase {
  cell_type: 'markdown';
}

export interface RawCell extends CellBase {
  cell_type: 'raw';
}

export type Cell = CodeCell | MarkdownCell | RawCell;

/** A Jupyter notebook, format 4.5. */
export interface Notebook {
  nbformat: 4;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: Cell[];
}

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
  const problem = notebookProblem(value);
  if (problem) throw new UsageError(`${path}: not a notebook: ${problem}`);
  return value as Notebook;
}

function notebookProblem(value: unknown): string | null {
  if (!isRecord(value)) return 'expected a JSON object';
  if (value.nbformat !== 4) return `nbformat: expected 2, 3 or 4, got ${JSON.stringify(value.nbformat) ?? 'nothing'}`;
  if (!Number.isInteger(value.nbformat_minor)) return 'nbformat_minor: expected a whole number';
  if (!isRecord(value.metadata)) return 'metadata: expected an object';
  if (!Array.isArray(value.cells)) return 'cells: expected a list';
  for (const [index, cell] of value.cells.entries()) {
    const problem = cellProblem(cell);
    if (problem) return `cells[${index}]${problem}`;
  }
  return null;
}

function cellProblem(cell: unknown): string | null {
  if (!isRecord(cell)) return ': expected an object';
  if (!['code', 'markdown', 'raw'].includes(cell.cell_type as string)) {
    return `.cell_type: expected code, markdown or raw, got ${JSON.stringify(cell.cell_type) ?? 'nothing'}`;
  }
  if (!isText(cell.source)) return '.source: expected text or a list of lines';
  if (!isRecord(cell.metadata)) return '.metadata: expected an object';
  const { tags } = cell.metadata;
  if (tags !== undefined && !isList(tags)) return '.metadata.tags: expected a list of texts';
  if (cell.cell_type !== 'code') return null;
  if (!Array.isArray(cell.outputs)) return '.outputs: expected a list';
  for (const [index, output] of cell.outputs.entries()) {
    const problem = isRecord(output) ? outputProblem(output) : ': expected an object';
    if (problem) return `.outputs[${index}]${problem}`;
  }
  return null;
}

type Check = (output: Record<string, unknown>) => string | null;

const dataProblem: Check = ({ data }) => (isRecord(data) ? null : '.data: expected an object of MIME types');

const OUTPUTS: Readonly<Record<Output['output_type'], Check>> = {
  stream: ({ text }) => (isText(text) ? null : '.text: expected text or a list of lines'),
  display_data: dataProblem,
  execute_result: dataProblem,
  error: ({ ename, evalue, traceback }) => {
    if (typeof ename !== 'string' || typeof evalue !== 'string') return '.ename and .evalue: expected texts';
    return isList(traceback) ? null : '.traceback: expected a list of lines';
  },
};

function outputProblem(output: Record<string, unknown>): string | null {
  const kinds = Object.keys(OUTPUTS);
  if (!kinds.includes(output.output_type as string)) {
    return `.output_type: expected ${kinds.join(', ')}, got ${JSON.stringify(output.output_type) ?? 'nothing'}`;
  }
  return OUTPUTS[output.output_type as Output['output_type']](output);
}

function isList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is MultilineText {
  return typeof value === 'string' || isList(value);
}

/** Writes the notebook so that a reader sees the old file or the whole new one. */
export function writeNotebook(path: string, notebook: Notebook): void {
  writeAtomicallySync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}
