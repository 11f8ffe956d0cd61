import { type Displayable, display, escapeHtml } from '../display';
import { UsageError } from '../errors';
import { nth } from '../nth';
import { checkDigits, checkLengths, checkValues, toColumn } from './table-checks';

/** One value of a table. */
export type TableValue = number | bigint | string | boolean | null | undefined;
/** Rows as objects (keys are the columns), or columns by name. */
export type TableData =
  | readonly Readonly<Record<string, TableValue>>[]
  | Readonly<Record<string, ArrayLike<TableValue>>>;

export interface TableOptions {
  readonly caption?: string;
  /** Significant digits of numbers that are not integers; default 4. One number for all columns, or one per column. */
  readonly digits?: number | Readonly<Record<string, number>>;
  /** Row labels, shown as a first column of headers. */
  readonly index?: readonly (string | number)[];
}

/** What a notebook may use of the danfojs DataFrame behind a table; danfojs has more. */
export interface DataFrame {
  readonly columns: string[];
  readonly index: (string | number)[];
  readonly values: unknown;
  readonly shape: number[];
}

/**
 * A table that shows itself in a notebook; `frame` is its danfojs DataFrame.
 *
 * @example
 * ```ts
 * import { type Table, table } from 'gmm-vae';
 *
 * const shown: Table = table([{ prior: 'N(0, I)', 'ln p(x)': -91.5 }]);
 * // Its last line in a cell shows it; shown.frame is a danfojs DataFrame.
 * typeof shown; // 'object'
 * ```
 */
export interface Table extends Displayable {
  /**
   * The same values as a danfojs DataFrame, for further computation; made when first asked for, since danfojs takes most of a second to load.
   * @throws UsageError where danfojs-node is not installed
   */
  readonly frame: DataFrame;
}

/**
 * A table of numbers and words, shown with its caption as HTML, and as a danfojs DataFrame for further computation.
 *
 * @example
 * ```ts
 * import { table } from 'gmm-vae';
 *
 * table({ prior: ['N(0, I)', 'K = 10'], 'ln p(x)': [-91.53, -90.39] }, { caption: 'Two priors', digits: 4 });
 * ```
 */
export function table(data: TableData, options: TableOptions = {}): Table {
  const columns = toColumns(data);
  checkLengths(columns, options.index);
  checkValues(columns);
  checkDigits(columns, options.digits);
  const grid = toGrid(columns);
  let frame: DataFrame | undefined;
  return {
    get frame() {
      frame ??= createFrame(columns, options.index);
      return frame;
    },
    [display]: () => ({ 'text/html': toHtml(grid, options), 'text/plain': toText(grid, options) }),
  };
}

type Columns = Record<string, TableValue[]>;

function toColumns(data: TableData): Columns {
  if (!Array.isArray(data)) {
    const given = data as Readonly<Record<string, ArrayLike<TableValue>>>;
    return Object.fromEntries(Object.entries(given).map(([name, values]) => [name, toColumn(name, values)]));
  }
  const rows = data as readonly Readonly<Record<string, TableValue>>[];
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)]));
}

function createFrame(columns: Columns, index: TableOptions['index']): DataFrame {
  const danfo = loadDanfo();
  return new danfo.DataFrame(columns, index ? { index: index.map(String) } : {});
}

interface Danfo {
  readonly DataFrame: new (data: Columns, options: object) => DataFrame;
}

/** An optional peer: as published it asks for TensorFlow's native addon and a package outside the registry (CONTRIBUTING.md, Dependencies). */
function loadDanfo(): Danfo {
  try {
    // By a name that bundlers leave alone: it asks for packages that nothing here installs.
    const name: string = 'danfojs-node';
    return require(name) as Danfo;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new UsageError(
      "the frame of a table is a danfojs DataFrame, and danfojs-node is not installed here: add it to the project with the overrides of gmm-vae's package.json",
    );
  }
}

interface Grid {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableValue[])[];
}

function toGrid(columns: Columns): Grid {
  const values = Object.values(columns);
  return { columns: Object.keys(columns), rows: (values[0] ?? []).map((_, r) => values.map((column) => column[r])) };
}

function cells({ columns, rows }: Grid, options: TableOptions): string[][] {
  const { digits = 4 } = options;
  const of = (name: string): number => (typeof digits === 'number' ? digits : (digits[name] ?? 4));
  return rows.map((row) => row.map((value, c) => formatValue(value, of(nth(columns, c)))));
}

/** `0.0001235`, `1.235×10⁻⁹`, `1,234`, `∞`, `—`: as a table in print would have it. */
export function formatValue(value: TableValue, digits = 4): string {
  if (value === null || value === undefined) return '—';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toLocaleString('en-US').replace('-', '−');
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return formatNumber(value, digits).replace('-', '−');
}

function formatNumber(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (Number.isSafeInteger(value) && size < 1e9) return value.toLocaleString('en-US');
  if (size < 1e-4 || size >= 1e9) {
    const [mantissa, exponent = ''] = value.toExponential(digits - 1).split('e');
    return `${mantissa}×10${exponent.replace('+', '').replace(/./g, (sign) => SUPERSCRIPTS[sign] ?? sign)}`;
  }
  const text = value.toPrecision(digits);
  return text.includes('e') ? Math.round(value).toLocaleString('en-US') : text;
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = Object.fromEntries(
  [...'-0123456789'].map((sign, i) => [sign, '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'[i] ?? sign]),
);

/** A number that the caller has written: `−0.16`, `−151.2 ± 1.6`, `+0.18 to +0.86`. */
const WRITTEN_NUMBER = /^[+−-]?\d[\d.,]*(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?: ?%)?$/;

function isNumeric({ rows }: Grid, column: number): boolean {
  const isNumber = (value: TableValue): boolean =>
    typeof value === 'string'
      ? value.split(/ (?:±|to) /).every((part) => WRITTEN_NUMBER.test(part))
      : value == null || typeof value === 'number' || typeof value === 'bigint';
  return rows.every((row) => isNumber(row[column]));
}

function toHtml(grid: Grid, options: TableOptions): string {
  const numeric = grid.columns.map((_, c) => isNumeric(grid, c));
  const align = (c: number): string =>
    numeric[c] ? ' class="number" style="text-align:right"' : ' style="text-align:left"';
  const head = grid.columns.map((name, c) => `<th scope="col"${align(c)}>${escapeHtml(name)}</th>`).join('');
  const body = cells(grid, options).map((row, r) => {
    const label = options.index
      ? `<th scope="row" style="text-align:left">${escapeHtml(String(options.index[r]))}</th>`
      : '';
    return `<tr>${label}${row.map((text, c) => `<td${align(c)}>${escapeHtml(text)}</td>`).join('')}</tr>`;
  });
  const caption = options.caption ? `<caption>${escapeHtml(options.caption)}</caption>` : '';
  const corner = options.index ? '<td></td>' : '';
  return `<table class="gmm-vae-table">${caption}<thead><tr>${corner}${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

function toText(grid: Grid, options: TableOptions): string {
  const rows = [grid.columns, ...cells(grid, options)];
  const labels = ['', ...(options.index ?? [])].map(String);
  const lines = options.index ? rows.map((row, r) => [labels[r] ?? '', ...row]) : rows;
  const widths = nth(lines, 0).map((_, c) => Math.max(...lines.map((line) => nth(line, c).length)));
  const first = options.index ? 1 : 0;
  const pad = (text: string, c: number): string =>
    c >= first && isNumeric(grid, c - first) ? text.padStart(nth(widths, c)) : text.padEnd(nth(widths, c));
  const text = lines.map((line) => line.map(pad).join('  ').trimEnd());
  return [...(options.caption ? [options.caption] : []), ...text].join('\n');
}
