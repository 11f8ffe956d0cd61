import { InvalidArgumentError, shown } from '../errors';
import type { ImageSet } from './dataset';
import { checkCount } from './formats/arrays';
import { labelOf } from './formats/cells';
import { imageShape } from './formats/npy';
import { type ReadOptions, toWhite, withLabels } from './formats/part';
import { TableBuilder } from './formats/table';
import { checkFinite } from './numbers';

/**
 * How arrays made in code are read as images: their shape, labels and what is white.
 *
 * @example
 * ```ts
 * import { type ArrayOptions, imagesFromArray } from 'gmm-vae';
 *
 * const options: ArrayOptions = { shape: [2, 1, 2], labels: ['left', 'right'], white: 1 };
 * imagesFromArray([1, 0, 0, 1], options).classes; // ['left', 'right']
 * ```
 */
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
 *
 * @example
 * ```ts
 * import { imagesFromArray } from 'gmm-vae';
 *
 * const set = imagesFromArray(Float32Array.of(0, 0.5, 1, 0.25), { shape: [1, 2, 2] });
 * [set.count, set.height, set.width]; // [1, 2, 2]
 * ```
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
  checkNumbers(values);
  const kept = values instanceof Uint8Array || values instanceof Float32Array ? values : Float32Array.from(values);
  checkFinite(kept, 'values', size);
  const images = toWhite(kept, white, 'values');
  const part = { part: null, name, count, height, width, channels, images };
  const named = labels && Array.from(checkCount(labels, count, 'labels'), (label, i) => labelOf(label, `labels[${i}]`));
  const [made] = withLabels([{ ...part, labels: named ?? null }]);
  return (made as { set: ImageSet }).set;
}

/** Typed arrays hold nothing else. @throws InvalidArgumentError on text, which an empty one or a `true` among them would make a number of */
function checkNumbers(values: ArrayLike<number>): void {
  if (ArrayBuffer.isView(values)) return;
  const at = Array.from(values).findIndex((value) => typeof value !== 'number');
  if (at >= 0) throw new InvalidArgumentError(`values[${at}]`, `expected a finite number, got ${shown(values[at])}`);
}

/**
 * What is read of a table: danfojs's `DataFrame` has it.
 *
 * @example
 * ```ts
 * import { type Frame, imagesFromFrame } from 'gmm-vae';
 *
 * const frame: Frame = { columns: ['height', 'weight'], values: [[1.8, 80], [1.6, 60]] };
 * imagesFromFrame(frame).width; // 2
 * ```
 */
export interface Frame {
  readonly columns: readonly string[];
  /** Row by row. */
  readonly values: unknown;
}

/**
 * The rows of a danfojs data frame.
 *
 * @throws UsageError naming row and column on what is no finite number; on columns that are not there
 *
 * @example
 * ```ts
 * import { imagesFromFrame } from 'gmm-vae';
 *
 * const frame = { columns: ['x', 'y', 'kind'], values: [[1, 2, 'a'], [3, 4, 'b'], [5, 6, 'a']] };
 * const set = imagesFromFrame(frame, { labelColumn: 'kind' });
 * set.labels; // [0, 1, 0]
 * set.classes; // ['a', 'b']
 * ```
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
