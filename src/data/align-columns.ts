import { UsageError } from '../errors';
import { nth } from '../nth';
import { type Column, type ImageSet, sizeOf } from './dataset';
import { forEachRow, hasBytes } from './rows';

/** Where a number of a row goes in the rows that a model takes. */
type Places = readonly { readonly from: number; readonly to: number }[];

/**
 * The rows of a table with every number in the place where other rows, those that a model was trained on, have it: columns by their names,
 * categories by theirs, so that neither the order of columns nor the categories that a file happens to have change what a number means. By their
 * place where either table has no names.
 *
 * @throws UsageError on a column that is missing or too many, that holds categories in one table and numbers in the other, or has a category that the
 *   other rows did not have
 *
 * @example
 * ```ts
 * import { alignColumns, imagesFromFrame } from 'gmm-vae';
 *
 * const options = { categorical: ['colour'] };
 * const train = imagesFromFrame({ columns: ['age', 'colour'], values: [[30, 'red'], [41, 'blue']] }, options);
 * const test = imagesFromFrame({ columns: ['colour', 'age'], values: [['red', 25]] }, options);
 * test.images; // [1, 25]
 * alignColumns(test, train.columns ?? []).images; // [25, 0, 1]
 * ```
 */
export function alignColumns(set: ImageSet, wanted: readonly Column[]): ImageSet {
  const { columns: given } = set;
  if (!given) return set;
  const partners = partnersOf(set.name, given, wanted);
  const size = wanted.reduce((sum, { levels }) => sum + (levels?.length ?? 1), 0);
  const places = wanted.flatMap((column, i) => placesOf(set.name, nth(partners, i), column));
  if (size === sizeOf(set) && places.length === size && places.every(({ from, to }) => from === to)) return set;
  const images = new (hasBytes(set) ? Uint8Array : Float32Array)(set.count * size);
  forEachRow(set, (row, image) => {
    for (const { from, to } of places) images[image * size + to] = nth(row, from);
  });
  return { ...set, height: 1, width: size, images, columns: wanted };
}

/** Finds the column that is given for each that is wanted. */
function partnersOf(name: string, given: readonly Column[], wanted: readonly Column[]): readonly Column[] {
  if (isNameless(given) || isNameless(wanted)) {
    if (given.length === wanted.length) return given;
    throw new UsageError(
      `${name}: expected ${wanted.length} columns, as the model was trained on, got ${given.length}`,
    );
  }
  const named = new Map(given.map((column) => [column.name, column]));
  const missing = wanted.find((column) => !named.has(column.name));
  if (missing) throw new UsageError(`${name}: no column ${shown(missing.name)}, which the model was trained on`);
  const known = new Set(wanted.map((column) => column.name));
  const idle = given.find((column) => !known.has(column.name));
  if (idle)
    throw new UsageError(`${name}: column ${shown(idle.name)} is none that the model was trained on: leave it out`);
  return wanted.map((column) => named.get(column.name) as Column);
}

/** Columns of a file without a header are called by their numbers, from 1. */
function isNameless(columns: readonly Column[]): boolean {
  const first = Number(columns[0]?.name);
  return first >= 1 && columns.every(({ name }) => /^[1-9]\d*$/.test(name));
}

function placesOf(name: string, given: Column, wanted: Column): Places {
  const { levels } = wanted;
  if (!levels && !given.levels) return [{ from: given.start, to: wanted.start }];
  if (!levels || !given.levels) {
    const kinds = levels ? 'categories (--categorical)' : 'numbers';
    throw new UsageError(`${name}: column ${shown(wanted.name)}: expected ${kinds}, as the model was trained on`);
  }
  return given.levels.map((level, i) => {
    const at = levels.indexOf(level);
    if (at >= 0) return { from: given.start + i, to: wanted.start + at };
    throw new UsageError(
      `${name}: column ${shown(wanted.name)}: ${shown(level)} is no category that the model was trained on (${listed(levels)})`,
    );
  });
}

/** The most categories that one line lists. */
const LISTED = 8;

function listed(levels: readonly string[]): string {
  return levels.slice(0, LISTED).map(shown).join(', ') + (levels.length > LISTED ? ', …' : '');
}

const shown = (text: string): string => JSON.stringify(text);
