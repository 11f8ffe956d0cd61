import { InvalidArgumentError, shown } from '../../errors';
import { nth } from '../../nth';
import type { Column, ImageSet, Labels, Pixels } from '../dataset';

/** What a set of images is for, where their files say so. */
export type Part = 'train' | 'validation' | 'test';

/** How readers are to take what they find; each reader looks at what concerns it. */
export interface ReadOptions {
  /** Pictures: cut to this size from the middle, before `resize`. */
  readonly crop?: Size;
  /** Pictures: brought to this size; what is wider or higher than its shape is cut off evenly. */
  readonly resize?: Size;
  /** Pictures: one channel, by the luminance of sRGB. */
  readonly grey?: boolean;
  /** Tables: the column that holds the class; by name, or by number from 1 where the columns have none. */
  readonly labelColumn?: string;
  /** Tables: columns of categories, each of which becomes one number per category. */
  readonly categorical?: readonly string[];
  /** Arrays and tables: a row is a picture of height, width and channels. */
  readonly shape?: readonly number[];
  /** The number that stands for white. Default: 255 for bytes, 1 for all others. */
  readonly white?: number;
  /** An array without labels of its own: the file of its labels. */
  readonly labels?: string;
  /** `.npy` arrays of more bytes stay on the disk and are read as needed. Default: 256 MiB. */
  readonly largestInMemory?: number;
  /** Milliseconds for which the decoder of a Parquet file may be silent, before it is held to be stuck. Default: five minutes. */
  readonly patience?: number;
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** One set as its files have it. */
export interface ReadPart {
  readonly part: Part | null;
  readonly name: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly images: Pixels;
  readonly labels: ArrayLike<string | number> | null;
  readonly columns?: readonly Column[];
  /** What was seen and left alone, in sentences. */
  readonly notes?: readonly string[];
}

const PART_WORDS: readonly (readonly [RegExp, Part])[] = [
  [/(^|[^a-z])(train|training)([^a-z]|$)/i, 'train'],
  [/(^|[^a-z])(val|valid|validation|dev)([^a-z]|$)/i, 'validation'],
  [/(^|[^a-z])(test|testing|t10k)([^a-z]|$)/i, 'test'],
];

/** The part that a name speaks of: `x_train`, `t10k-images-idx3-ubyte`, `val`. */
export function partOf(name: string): Part | null {
  return PART_WORDS.find(([word]) => word.test(name))?.[1] ?? null;
}

/** Numbers that are held in memory at most, in bytes: what is not an array on the disk is read whole. */
export const MOST_BYTES: number = 2 ** 31;

/** Labels of all parts counted from 0 in the order of their names, or of their numbers. */
export function withLabels(
  parts: readonly ReadPart[],
): { part: Part | null; set: ImageSet; notes: readonly string[] }[] {
  const known = new Set<string | number>();
  for (const { labels } of parts) if (labels) for (const label of Array.from<string | number>(labels)) known.add(label);
  const classes = [...known].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b)),
  );
  const themselves = classes.every((label, i) => label === i);
  const index = new Map(classes.map((label, i) => [label, i]));
  return parts.map(({ part, labels, notes = [], columns, images, ...rest }) => {
    const set: ImageSet = {
      ...rest,
      images: images instanceof Uint8Array ? new Uint8Array(images.buffer, images.byteOffset, images.length) : images,
      ...(columns && { columns }),
      labels: labels && indexed(labels, index),
      ...(labels && !themselves && { classes: classes.map(String) }),
    };
    return { part, set, notes };
  });
}

/** Sorts by code point, the same on every machine, but whole numbers in names by their size: `class 2` before `class 10`. */
function compare(a: string, b: string): number {
  const [left, right] = [a.split(/(\d+)/), b.split(/(\d+)/)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [one, other] = [nth(left, i), nth(right, i)];
    const difference = i % 2 === 1 ? Number(one) - Number(other) : 0;
    if (difference !== 0) return difference;
    if (one !== other) return one < other ? -1 : 1;
  }
  return left.length - right.length;
}

function indexed(labels: ArrayLike<string | number>, index: ReadonlyMap<string | number, number>): Labels {
  const values = index.size <= 256 ? new Uint8Array(labels.length) : new Uint32Array(labels.length);
  for (let i = 0; i < labels.length; i++) values[i] = index.get(labels[i] as string | number) as number;
  return values;
}

/** @throws InvalidArgumentError on what no number can be divided by, or not without turning black into white */
export function checkWhite(white: number | undefined): void {
  if (white === undefined || (white > 0 && Number.isFinite(white))) return;
  throw new InvalidArgumentError('white', `expected a finite number > 0, got ${shown(white)}`);
}

/**
 * Numbers with the one that stands for white brought to where images have it: 255 as a byte, where all numbers then are bytes, else 1.
 *
 * @throws InvalidArgumentError where a byte would not fit
 */
export function toWhite(
  values: Uint8Array | Float32Array,
  white: number | undefined,
  name: string,
): Uint8Array | Float32Array {
  if (white === undefined) return values;
  checkWhite(white);
  const scale = 255 / white;
  const isByte = (value: number): boolean =>
    Number.isInteger(value * scale) && value * scale >= 0 && value * scale <= 255;
  if (values.every(isByte)) {
    // Not `Uint8Array.from`, which gathers all numbers in a list before it begins.
    const bytes = new Uint8Array(values.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (values[i] as number) * scale;
    return bytes;
  }
  if (values instanceof Uint8Array) {
    const at = values.findIndex((value) => !isByte(value));
    throw new InvalidArgumentError(
      name,
      `number ${at} is ${values[at]}, which is not an intensity where ${white} is white`,
    );
  }
  const scaled = values.map((value) => value / white);
  const lost = scaled.findIndex((value) => !Number.isFinite(value));
  if (lost < 0) return scaled;
  throw new InvalidArgumentError(
    name,
    `number ${lost} is ${values[lost]}, which divided by a white of ${white} is beyond 3.4e38`,
  );
}
