import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { CsvErrorCode } from 'csv-parse';
import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { decimal } from './cells';
import { partOf, type ReadOptions, type ReadPart } from './part';
import { TableBuilder } from './table';

/** Characters of one line. */
const LONGEST_LINE = 2 ** 24;

/** Comma-, semicolon- or tab-separated text, line by line. A first line of numbers alone is a row, and columns are then numbered from 1. */
export async function readCsv(
  paths: readonly string[],
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<ReadPart[]> {
  let table: TableBuilder | null = null;
  for (const path of paths) {
    const part = paths.length > 1 ? partOf(basename(path)) : null;
    let first = true;
    for await (const { cells, line } of records(path, signal)) {
      const header = first && !cells.every(isNumber);
      if (first) {
        const columns = header ? cells.map((name) => name.trim()) : cells.map((_, i) => String(i + 1));
        if (table && !table.has(columns))
          throw new UsageError(`${path}: line 1: other columns than ${basename(nth(paths, 0))}`);
        table ??= new TableBuilder(columns, path, options, `${path}: line 1`);
        const doubt = doubtOf(cells, header);
        if (doubt !== null) table.note(`${basename(path)}: line 1: ${doubt}`);
        first = false;
      }
      if (!header) (table as TableBuilder).add(part, basename(path), cells, `${path}: line ${line}`);
    }
    if (first) throw new UsageError(`${path}: 0 rows`);
  }
  return (table as unknown as TableBuilder).build();
}

function isNumber(cell: string): boolean {
  return !Number.isNaN(decimal(cell));
}

/** What stands for a number that is missing. */
const MISSING = /^\s*(na|n\/a|nan|null|none|\?|-)\s*$/i;

/** What a first line may be instead of what it is read as; null where there is no doubt. */
function doubtOf(cells: readonly string[], isHeader: boolean): string | null {
  const counts = cells.length > 2 && cells.every((cell, i) => cell.trim() === String(i));
  if (counts) return `read as a row, since every cell is a number: if these are column names, start each with a letter`;
  // The first has no name where a data frame is saved with its index.
  const missing = cells.some(isNumber) ? MISSING : null;
  const odd = cells.find(
    (cell, i) => (i > 0 && cell.trim() === '') || !Number.isInteger(decimal(cell) || 0) || missing?.test(cell),
  );
  if (!isHeader || odd === undefined) return null;
  const what = odd.trim() === '' ? 'an empty one' : odd;
  return `read as names of columns, ${what} among them: if it is a row, write a line of names above`;
}

interface CsvRecord {
  readonly cells: string[];
  readonly line: number;
}

async function* records(path: string, signal: AbortSignal | undefined): AsyncGenerator<CsvRecord> {
  const { parse } = await import('csv-parse');
  const delimiter = await delimiterOf(path);
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    max_record_size: LONGEST_LINE,
    // Compared below: the parser reads ahead, and its error comes before the lines that are right.
    relax_column_count: true,
  });
  const file = createReadStream(path, { ...(signal && { signal }) });
  file.on('error', (error) => parser.destroy(error));
  let columns = 0;
  let empty: number | null = null;
  try {
    for await (const { record, info } of file.pipe(parser) as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (record.length === 1 && record[0] === '') {
        if (columns === 1) empty ??= info.lines;
        continue;
      }
      // Between lines of several cells one without any is a pause; in a single column it may be a number that is missing.
      if (empty !== null)
        throw new UsageError(
          `${path}: line ${empty}: an empty line, in a single column: write its number, or take it out`,
        );
      columns ||= record.length;
      if (record.length !== columns)
        throw new UsageError(
          `${path}: line ${info.lines}: expected ${columns} cells, as in the first line, got ${record.length}`,
        );
      yield { cells: record, line: info.lines };
    }
  } catch (error) {
    if (error instanceof UsageError || signal?.aborted) throw error;
    throw new UsageError(`${path}: ${explained(error as Error & MalformedLine)}`);
  } finally {
    file.destroy();
  }
}

/** What csv-parse adds to an error. */
interface MalformedLine {
  readonly code?: CsvErrorCode;
  readonly lines?: number;
}

/** What is wrong with a line, in the words of the other messages; what is not foreseen, in those of csv-parse. */
function explained({ code, lines, message }: Error & MalformedLine): string {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quoted cell has no closing quote: write a quote inside a cell twice, and a quote around the cell';
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return `line ${lines}: a quote inside a cell: write it twice, and a quote around the cell`;
    case 'CSV_MAX_RECORD_SIZE':
      return `line ${lines}: longer than ${LONGEST_LINE} bytes`;
    default:
      return message.split('\n')[0] ?? message;
  }
}

/** Finds the separator by the first line: a tab or semicolon where it has one and no comma. */
async function delimiterOf(path: string): Promise<string> {
  for await (const chunk of createReadStream(path, { end: 65_535, encoding: 'utf8' }) as AsyncIterable<string>) {
    const [line = ''] = chunk.split('\n');
    if (!line.includes(',')) return line.includes('\t') ? '\t' : line.includes(';') ? ';' : ',';
    return line.split('\t').length > line.split(',').length ? '\t' : ',';
  }
  throw new UsageError(`${path}: 0 rows: an empty file`);
}
