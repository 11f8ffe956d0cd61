import { basename } from 'node:path';
import type { FileMetaData } from 'hyparquet';
import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { checkMemory } from './npy';
import { ParquetDecoder } from './parquet-decoder';
import { partOf, type ReadOptions, type ReadPart } from './part';
import { TableBuilder } from './table';

/** Cells decoded at a time. */
const CELLS = 2 ** 23;

/** Apache Parquet: flat columns of numbers, booleans and text. */
export async function readParquet(
  paths: readonly string[],
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<ReadPart[]> {
  let table: TableBuilder | null = null;
  for (const path of paths) {
    const metadata = await readMetadata(path);
    const columns = columnsOf(metadata, path);
    if (table && !table.has(columns)) {
      throw new UsageError(`${path}: other columns than ${basename(nth(paths, 0))}`);
    }
    table ??= new TableBuilder(columns, path, options);
    const rows = Number(metadata.num_rows);
    if (rows === 0) throw new UsageError(`${path}: 0 rows`);
    await addRows(table, path, {
      part: paths.length > 1 ? partOf(basename(path)) : null,
      rows,
      signal,
      patience: options.patience,
    });
  }
  return (table as TableBuilder).build();
}

async function readMetadata(path: string): Promise<FileMetaData> {
  const { asyncBufferFromFile, parquetMetadataAsync } = await import('hyparquet');
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  } catch (error) {
    throw new UsageError(`${path}: not a Parquet file, or truncated: ${(error as Error).message.split('\n')[0]}`);
  }
  checkPromises(metadata, path);
  return metadata;
}

async function addRows(
  table: TableBuilder,
  path: string,
  {
    part,
    rows,
    signal,
    patience,
  }: {
    part: ReadPart['part'];
    rows: number;
    signal: AbortSignal | undefined;
    patience: number | undefined;
  },
): Promise<void> {
  const each = Math.max(256, Math.floor(CELLS / table.columns.length));
  const decoder = new ParquetDecoder(path, patience);
  try {
    for (let start = 0; start < rows; start += each) {
      signal?.throwIfAborted();
      const end = Math.min(start + each, rows);
      const decoded = await decoder.rows({ start, end });
      if (decoded.length !== end - start) {
        throw new UsageError(`${path}: truncated: ${start + decoded.length} rows, promised ${rows}`);
      }
      decoded.forEach((cells, i) => {
        table.add(part, basename(path), cells, `${path}: row ${start + i}`);
      });
    }
  } finally {
    await decoder.close();
  }
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
