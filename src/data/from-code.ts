import { InvalidArgumentError } from '../errors';
import type { ImageSet } from './dataset';
import { checkCount } from './formats/arrays';
import { imageShape } from './formats/npy';
import { type ReadOptions, toWhite, withLabels } from './formats/part';
import { TableBuilder } from './formats/table';
import { checkFinite } from './numbers';

/** How arrays made in code are read as images: their shape, labels and what is white. */
export interface ArrayOptions {
  /** `[n, height, width]`, `[n, height, width, channels]`, or `[n, columns]`. */
  readonly shape: readonly number[];
  /** One for each image: numbers or names. Default: none. */
  readonly labels?: ArrayLike<number | string>;
  /** The number that stands for white. Default: 255 for bytes, 1 for all others. */
  readonly white?: number;
  /** The name shown in titles. Default: `array`. */
  readonly name?: string;
}

/**
 * Images, or rows of numbers, that a program has made or read: bytes 0…255 as intensities, other numbers as they are.
 *
 * @param values row-major, as many as the shape has; a `Uint8Array` and a `Float32Array` are shared, not copied
 * @throws InvalidArgumentError on numbers that are not finite, and on sizes that do not fit
 */
export function imagesFromArray(
  values: ArrayLike<number>,
  { shape, labels, white, name = 'array' }: ArrayOptions,
): ImageSet {
  const { count, height, width, channels } = imageShape(shape, undefined, name);
  const size = height * width * channels;
  if (values.length !== count * size) {
    throw new InvalidArgumentError('values', `expected ${shape.join('·')} numbers, got ${values.length}`);
  }
  const kept = values instanceof Uint8Array || values instanceof Float32Array ? values : Float32Array.from(values);
  checkFinite(kept, 'values', size);
  const images = toWhite(kept, white, 'values');
  const part = { part: null, name, count, height, width, channels, images };
  const [made] = withLabels([{ ...part, labels: labels ? checkCount(labels, count, 'labels') : null }]);
  return (made as { set: ImageSet }).set;
}

/** What is read of a table: danfojs's `DataFrame` has it. */
export interface Frame {
  readonly columns: readonly string[];
  /** Row by row. */
  readonly values: unknown;
}

/**
 * The rows of a danfojs data frame.
 *
 * @throws UsageError naming row and column on what is no finite number; on columns that are not there
 */
export function imagesFromFrame(
  { columns, values }: Frame,
  options: Pick<ReadOptions, 'labelColumn' | 'categorical' | 'shape' | 'white'> & { readonly name?: string } = {},
): ImageSet {
  const { name = 'frame', ...how } = options;
  if (!Array.isArray(values)) throw new InvalidArgumentError('frame.values', 'expected an array of rows');
  const table = new TableBuilder(columns, name, how);
  values.forEach((row: unknown, i) => {
    table.add(null, name, Array.isArray(row) ? row : [row], `${name}: row ${i}`);
  });
  const [made] = withLabels(table.build());
  return (made as { set: ImageSet }).set;
}
