import { UsageError } from '../../errors';
import { nth } from '../../nth';
import type { Column } from '../dataset';
import { checkText, decimal, labelOf, numeric, sameLetters, shownCell } from './cells';
import { checkMemory, imageShape } from './npy';
import { type Part, type ReadOptions, type ReadPart, toWhite } from './part';

/** Categories of one column, and one number for each in every row. */
const MOST_LEVELS = 1000;

/** Numbers for which a table first takes memory, unless its rows have more. */
const FIRST_NUMBERS = 2 ** 20;

/** What a column holds. */
type Kind = 'number' | 'label' | 'category';

interface Rows {
  readonly name: string;
  /** Row by row: a number, or the index of a category. */
  values: Float32Array;
  count: number;
  readonly labels: (string | number)[];
}

/** @throws UsageError where two columns have one name, or a name is not UTF-8 */
function checkColumns(columns: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const name of columns) {
    if (seen.has(name)) throw new UsageError(`${where}: two columns are called ${shownCell(name)}`);
    seen.add(checkText(name, where));
  }
}

/** Rows of a table with named columns, gathered one by one, in one or more parts with the same columns. */
export class TableBuilder {
  readonly columns: readonly string[];
  private readonly options: Pick<ReadOptions, 'shape' | 'white'>;
  private readonly kinds: readonly Kind[];
  private readonly kept: number;
  /** The categories of each column, in the order of their first row. */
  private readonly levels: Map<string, number>[];
  private readonly parts = new Map<Part | null, Rows>();
  private readonly seen: string[] = [];

  /** @throws UsageError when a column that was named is not there, is there twice or is named for two uses */
  constructor(
    columns: readonly string[],
    private readonly source: string,
    options: ReadOptions,
    /** The place of the names, for errors. */
    where: string = source,
  ) {
    this.columns = columns.map(sameLetters);
    checkColumns(this.columns, where);
    this.options = options;
    const labelColumn = options.labelColumn && sameLetters(options.labelColumn);
    const categorical = (options.categorical ?? []).map(sameLetters);
    if (labelColumn !== undefined && categorical.includes(labelColumn))
      throw new UsageError(`${source}: column ${shownCell(labelColumn)}: expected the labels or a category, got both`);
    for (const name of [...(labelColumn === undefined ? [] : [labelColumn]), ...categorical]) this.require(name);
    this.kinds = this.columns.map((name) =>
      name === labelColumn ? 'label' : categorical.includes(name) ? 'category' : 'number',
    );
    this.kept = this.kinds.filter((kind) => kind !== 'label').length;
    if (this.kept === 0) throw new UsageError(`${source}: no columns of numbers`);
    this.levels = this.columns.map(() => new Map());
  }

  /** Whether another file of the same set has these columns. */
  has(columns: readonly string[]): boolean {
    return String(columns.map(sameLetters)) === String(this.columns);
  }

  private require(name: string): void {
    if (this.columns.includes(name)) return;
    const shown = this.columns.slice(0, 12).join(', ') + (this.columns.length > 12 ? ', …' : '');
    throw new UsageError(`${this.source}: no column ${JSON.stringify(name)}; there are ${shown}`);
  }

  /** @param where the file and place, for errors: `rows.csv: line 3` */
  add(part: Part | null, name: string, cells: readonly unknown[], where: string): void {
    if (cells.length !== this.columns.length)
      throw new UsageError(`${where}: expected ${this.columns.length} cells, got ${cells.length}`);
    const rows = this.rowsOf(part, name);
    if ((rows.count + 1) * this.kept > rows.values.length) this.grow(rows, where);
    let at = rows.count * this.kept;
    for (let i = 0; i < this.kinds.length; i++) {
      const kind = nth(this.kinds, i);
      if (kind === 'label') rows.labels.push(labelOf(cells[i], `${where}, column ${this.called(i)}`));
      else rows.values[at++] = kind === 'number' ? this.number(cells[i], i, where) : this.level(cells[i], i, where);
    }
    rows.count++;
  }

  /** What its reader has seen and left alone, in a sentence. */
  note(sentence: string): void {
    this.seen.push(sentence);
  }

  /** The name of a column in errors: its number, from 1, where it has none. */
  private called(column: number): string {
    return this.columns[column] || String(column + 1);
  }

  /** What a data frame is saved with unless told otherwise looks like a column of numbers. */
  private notes(): string[] {
    const index =
      'column 1 has no name and is read as numbers: leave it out where it is an index (to_csv(index=False))';
    return [...this.seen, ...(this.columns[0] === '' && this.kinds[0] === 'number' ? [index] : [])];
  }

  private rowsOf(part: Part | null, name: string): Rows {
    const known = this.parts.get(part);
    if (known) return known;
    const made = { name, values: new Float32Array(0), count: 0, labels: [] };
    this.parts.set(part, made);
    return made;
  }

  private grow(rows: Rows, where: string): void {
    const first = Math.min(1024, Math.ceil(FIRST_NUMBERS / this.kept));
    const length = Math.max(first * this.kept, 2 * rows.values.length);
    checkMemory(4 * (rows.count + 1) * this.kept, where);
    const values = new Float32Array(length);
    values.set(rows.values);
    rows.values = values;
  }

  private number(cell: unknown, column: number, where: string): number {
    const value = typeof cell === 'string' ? decimal(cell) : numeric(cell);
    if (Number.isFinite(Math.fround(value))) return value;
    const place = `${where}, column ${this.called(column)}`;
    if (Number.isFinite(value))
      throw new UsageError(`${place}: expected a number within ±3.4e38, got ${shownCell(cell)}`);
    const isText = typeof cell === 'string' && cell.trim() !== '' && !/^[-+]?(nan|inf(inity)?)$/i.test(cell.trim());
    const hint = isText ? '; name the column with --label-column or --categorical if it holds classes' : '';
    throw new UsageError(`${place}: expected a finite number, got ${shownCell(cell)}${hint}`);
  }

  private level(cell: unknown, column: number, where: string): number {
    const levels = nth(this.levels, column);
    const text = String(labelOf(cell, `${where}, column ${this.called(column)}`));
    const known = levels.get(text);
    if (known !== undefined) return known;
    if (levels.size === MOST_LEVELS) {
      throw new UsageError(`${where}, column ${this.called(column)}: more than ${MOST_LEVELS} categories`);
    }
    levels.set(text, levels.size);
    return levels.size - 1;
  }

  /** @throws UsageError where a part has no rows */
  build(): ReadPart[] {
    if (this.parts.size === 0) throw new UsageError(`${this.source}: 0 rows`);
    const layout = this.layout();
    const size = layout.reduce((sum, { levels }) => sum + (levels?.length ?? 1), 0);
    return [...this.parts].map(([part, rows], i) => {
      checkMemory(4 * rows.count * size, this.source);
      const plain = rows.values.subarray(0, rows.count * this.kept);
      const values = layout.some(({ levels }) => levels)
        ? spread(plain, layout, this.sortedLevels(), size)
        : plain.slice();
      const { count, height, width, channels } = imageShape([rows.count, size], this.options.shape, this.source);
      const images = toWhite(values, this.options.white, this.source);
      const labels = this.kinds.includes('label') ? rows.labels : null;
      const columns = this.options.shape ? {} : { columns: layout };
      const notes = i === 0 ? this.notes() : [];
      return { part, name: rows.name, count, height, width, channels, images, labels, ...columns, notes };
    });
  }

  /** Columns but the label's, and where their numbers lie. Categories are sorted, so that the order of rows changes nothing. */
  private layout(): Column[] {
    let start = 0;
    return this.columns.flatMap((name, i) => {
      if (this.kinds[i] === 'label') return [];
      const levels = this.kinds[i] === 'category' ? [...nth(this.levels, i).keys()].sort() : null;
      const column = { name, start, levels };
      start += levels?.length ?? 1;
      return [column];
    });
  }

  /** Maps, for each column but the label's, the index of a category by first row to that among the sorted ones. */
  private sortedLevels(): (readonly number[] | null)[] {
    return this.columns.flatMap((_, i) => {
      if (this.kinds[i] === 'label') return [];
      if (this.kinds[i] === 'number') return [null];
      const names = [...nth(this.levels, i).keys()];
      const sorted = names.toSorted();
      return [names.map((name) => sorted.indexOf(name))];
    });
  }
}

/** Categories as one number each, 0 or 1. */
function spread(
  values: Float32Array,
  layout: readonly Column[],
  sorted: readonly (readonly number[] | null)[],
  size: number,
): Float32Array {
  const rows = values.length / layout.length;
  const all = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    layout.forEach(({ start, levels }, i) => {
      const value = values[row * layout.length + i] as number;
      if (levels) all[row * size + start + (sorted[i]?.[value] as number)] = 1;
      else all[row * size + start] = value;
    });
  }
  return all;
}
