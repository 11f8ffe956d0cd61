import { InvalidArgumentError, isArrayLike, shown } from '../errors';
import type { TableOptions, TableValue } from './table';

type Columns = Readonly<Record<string, readonly TableValue[]>>;

export function toColumn(name: string, values: ArrayLike<TableValue>): TableValue[] {
  // A word is as long as its letters are many.
  if (typeof values === 'string' || !isArrayLike(values))
    throw new InvalidArgumentError(`data.${name}`, `expected a list of values, got ${shown(values)}`);
  return Array.from(values);
}

export function checkValues(columns: Columns): void {
  for (const [name, values] of Object.entries(columns)) {
    const at = values.findIndex((value: unknown) => value !== null && !VALUES.has(typeof value));
    if (at < 0) continue;
    const given = (values as unknown[])[at];
    throw new InvalidArgumentError(
      `data.${name}[${at}]`,
      `expected a number, a string, a boolean or null, got ${given instanceof Date ? 'a date: write it as words' : shown(given)}`,
    );
  }
}

const VALUES: ReadonlySet<string> = new Set(['number', 'bigint', 'string', 'boolean', 'undefined']);

/** `toPrecision` takes no more. */
const MOST_DIGITS = 100;

export function checkDigits(columns: Columns, digits: TableOptions['digits'] = {}): void {
  const given = typeof digits === 'number' ? { digits } : digits;
  for (const [name, count] of Object.entries(given)) {
    const argument = typeof digits === 'number' ? 'digits' : `digits.${name}`;
    if (typeof digits !== 'number' && !(name in columns))
      throw new InvalidArgumentError(argument, `expected one of the columns ${Object.keys(columns).join(', ')}`);
    if (!Number.isInteger(count) || count < 1 || count > MOST_DIGITS)
      throw new InvalidArgumentError(argument, `expected an integer from 1 to ${MOST_DIGITS}, got ${count}`);
  }
}

export function checkLengths(columns: Columns, index: TableOptions['index']): void {
  const [first] = Object.values(columns);
  if (!first?.length) throw new InvalidArgumentError('data', 'expected at least one row and one column, got none');
  const { length } = first;
  for (const [name, { length: given }] of Object.entries(columns)) {
    if (given !== length)
      throw new InvalidArgumentError(`data.${name}`, `expected ${length} values as in the first column, got ${given}`);
  }
  if (index && index.length !== length)
    throw new InvalidArgumentError('index', `expected ${length} labels, one per row, got ${index.length}`);
}
