import { InvalidArgumentError } from '../errors';
import type { RowFile } from './row-file';

/** A class for each image, counted from 0. */
export type Labels = Uint8Array | Uint32Array;

/**
 * The numbers of all images, image after image, row after row, the channels of a pixel side by side: intensities 0…255 as bytes;
 * numbers of any size as floats, of which intensities lie in [0, 1]; or, where they are too many, a file that is read as needed.
 */
export type Pixels = Uint8Array | Float32Array | RowFile;

/**
 * A column of a table and where its numbers lie in each row.
 *
 * @example
 * ```ts
 * import { type Column, imagesFromFrame } from 'gmm-vae';
 *
 * const people = { columns: ['age', 'colour'], values: [[30, 'red'], [41, 'blue'], [25, 'red']] };
 * const columns: readonly Column[] = imagesFromFrame(people, { categorical: ['colour'] }).columns ?? [];
 * columns; // [{ name: 'age', start: 0, levels: null }, { name: 'colour', start: 1, levels: ['blue', 'red'] }]
 * ```
 */
export interface Column {
  readonly name: string;
  /** The first of its numbers. */
  readonly start: number;
  /** The categories, each of which has a number of its own: 1 for the one that holds and 0 for the others. Null for a number. */
  readonly levels: readonly string[] | null;
}

/** Where a set was read from, in plain JSON. */
export interface DataSource {
  readonly path: string;
  /** The options of `loadImages` that change what is read. */
  readonly options: Readonly<Record<string, string | number | boolean | readonly (string | number)[] | SizeOption>>;
}

interface SizeOption {
  readonly height: number;
  readonly width: number;
}

/**
 * Images, or the rows of a table as images one pixel high, with or without a class label each.
 *
 * @example
 * ```ts
 * import { type ImageSet, intensities } from 'gmm-vae';
 *
 * const set: ImageSet = {
 *   name: 'two pixels',
 *   count: 2,
 *   height: 1,
 *   width: 2,
 *   images: Uint8Array.of(0, 255, 255, 0),
 *   labels: Uint8Array.of(0, 1),
 * };
 * intensities(set); // [0, 1, 1, 0]
 * ```
 */
export interface ImageSet {
  /** What it is and where it came from, for titles and logs: `MNIST train`, `synthetic digits test`. */
  readonly name: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** Default: 1, grey. */
  readonly channels?: number;
  /** `count · height · width · channels` numbers. */
  readonly images: Pixels;
  /** `count` class labels, counted from 0; null where they are not known. */
  readonly labels: Labels | null;
  /** What the labels stand for; default: themselves. */
  readonly classes?: readonly string[];
  /** Where the rows are those of a table. */
  readonly columns?: readonly Column[];
  /** The file or folder that it was read from, and how: what is needed to read it again. */
  readonly source?: DataSource;
}

/**
 * Grey images in memory, each with a label: what MNIST and drawn digits are.
 *
 * @example
 * ```ts
 * import { type LabelledImages, syntheticDigits } from 'gmm-vae';
 *
 * const digits: LabelledImages = syntheticDigits({ train: 20, test: 10, seed: 1 }).train;
 * digits.labels.length; // 20
 * ```
 */
export interface LabelledImages extends ImageSet {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/**
 * Images for training and images for testing.
 *
 * @example
 * ```ts
 * import { type DataSplit, syntheticDigits } from 'gmm-vae';
 *
 * const { train, test }: DataSplit = syntheticDigits({ train: 20, test: 10, seed: 1 });
 * [train.count, test.count]; // [20, 10]
 * ```
 */
export interface DataSplit<Set extends ImageSet = LabelledImages> {
  readonly train: Set;
  readonly test: Set;
}

/** Numbers in one image. */
export function sizeOf({ height, width, channels = 1 }: Pick<ImageSet, 'height' | 'width' | 'channels'>): number {
  return height * width * channels;
}

/** `28×28`, `32×32×3`. */
export function shapeOf({ height, width, channels = 1 }: Pick<ImageSet, 'height' | 'width' | 'channels'>): string {
  return channels === 1 ? `${height}×${width}` : `${height}×${width}×${channels}`;
}

/** Whether a set is of rows of numbers, one grey pixel high: what shape they were of is not known. */
export const isOfRows = ({ height, channels = 1 }: Pick<ImageSet, 'height' | 'channels'>): boolean =>
  height === 1 && channels === 1;

/**
 * The first `count` images of a set, or those from `start` on; the bytes are shared, not copied.
 *
 * @throws InvalidArgumentError when the range does not lie inside the set.
 *
 * @example
 * ```ts
 * import { syntheticDigits, takeImages } from 'gmm-vae';
 *
 * const { train } = syntheticDigits({ train: 100, test: 10, seed: 1 });
 * takeImages(train, 10).count; // 10
 * takeImages(train, 10, 50).images.length; // 7840
 * ```
 */
export function takeImages<Set extends ImageSet>(set: Set, count: number, start = 0): Set {
  if (!Number.isInteger(start) || start < 0 || start > set.count) {
    throw new InvalidArgumentError('start', `expected an integer from 0 to ${set.count}, got ${start}`);
  }
  if (!Number.isInteger(count) || count < 1 || start + count > set.count) {
    throw new InvalidArgumentError(
      'count',
      `expected an integer from 1 to ${set.count - start} (${set.name} from ${start} on), got ${count}`,
    );
  }
  const size = sizeOf(set);
  return {
    ...set,
    count,
    images: set.images.subarray(start * size, (start + count) * size),
    labels: set.labels?.subarray(start, start + count) ?? null,
  };
}
