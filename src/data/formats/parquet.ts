import { basename } from 'node:path';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { UsageError } from '../../errors';
import { checkMemory } from './npy';
import { partOf, type ReadOptions, type ReadPart } from './part';
import { TableBuilder } from './table';

/** Rows decoded at a time. */
const ROWS = 8192;

/** Apache Parquet: flat columns of numbers, booleans and text. */
export async function readParquet(
  paths: readonly string[],
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<ReadPart[]> {
  let table: TableBuilder | null = null;
  for (const path of paths) {
    const file = await opened(path);
    const columns = columnsOf(file.metadata, path);
    if (table && String(table.columns) !== String(columns))
      throw new UsageError(`${path}: other columns than ${basename(paths[0] as string)}`);
    table ??= new TableBuilder(columns, path, options);
    const part = paths.length > 1 ? partOf(basename(path)) : null;
    const rows = Number(file.metadata.num_rows);
    if (rows === 0) throw new UsageError(`${path}: 0 rows`);
    for (let start = 0; start < rows; start += ROWS) {
      signal?.throwIfAborted();
      await addRows(table, file, { path, part, columns, start, end: Math.min(start + ROWS, rows) });
    }
  }
  return (table as TableBuilder).build();
}

interface Opened {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
}

async function opened(path: string): Promise<Opened> {
  const { asyncBufferFromFile, parquetMetadataAsync } = await import('hyparquet');
  return explained(path, async () => {
    const buffer = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(buffer);
    checkPromises(metadata, path);
    return { buffer, metadata };
  });
}

/** What the footer claims, before memory is asked for. */
function checkPromises({ num_rows: rows, row_groups: groups }: FileMetaData, path: string): void {
  const there = groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (there !== Number(rows)) throw new UsageError(`${path}: promises ${rows} rows, its groups have ${there}`);
  for (const { columns } of groups) {
    for (const { meta_data: data } of columns) checkMemory(Number(data?.total_uncompressed_size ?? 0), path);
    checkMemory(4 * there * columns.length, path);
  }
}

function columnsOf({ schema }: FileMetaData, path: string): string[] {
  const [root, ...fields] = schema;
  const nested = fields.find(({ num_children: children }) => children);
  if (nested)
    throw new UsageError(`${path}: column ${nested.name}: nested; expected flat columns of numbers, booleans or text`);
  if (fields.length !== root?.num_children) throw new UsageError(`${path}: damaged: its schema does not add up`);
  return fields.map(({ name }) => name);
}

async function addRows(
  table: TableBuilder,
  { buffer: file, metadata }: Opened,
  {
    path,
    part,
    columns,
    start,
    end,
  }: { path: string; part: ReadPart['part']; columns: readonly string[]; start: number; end: number },
): Promise<void> {
  const { parquetReadObjects } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const rows = await explained(path, () =>
    parquetReadObjects({ file, metadata, compressors, rowStart: start, rowEnd: end }),
  );
  if (rows.length !== end - start)
    throw new UsageError(`${path}: truncated: ${start + rows.length} rows, promised more`);
  rows.forEach((row, i) => {
    table.add(
      part,
      basename(path),
      columns.map((name) => row[name]),
      `${path}: row ${start + i}`,
    );
  });
}

/** The reader's own words in one line that names the file. */
async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path}: not a Parquet file, or truncated: ${(error as Error).message.split('\n')[0]}`);
  }
}
