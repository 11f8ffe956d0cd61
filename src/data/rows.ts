import { createHash } from 'node:crypto';
import { nth } from '../nth';
import { type ImageSet, type Labels, sizeOf } from './dataset';
import { RowFile } from './row-file';

/** The numbers of one image as they are kept, to be read before the next call. */
export function rowOf(set: ImageSet, image: number): Uint8Array | Float32Array {
  if (set.images instanceof RowFile) return set.images.row(image);
  const size = sizeOf(set);
  return set.images.subarray(image * size, (image + 1) * size);
}

/** Whether numbers are bytes 0…255, or floats. */
export function hasBytes({ images }: Pick<ImageSet, 'images'>): boolean {
  return images instanceof RowFile ? images.isBytes : images instanceof Uint8Array;
}

/** All images in order: of a file, block after block. */
export function forEachRow(set: ImageSet, visit: (row: Uint8Array | Float32Array, image: number) => void): void {
  for (let image = 0; image < set.count; image++) visit(rowOf(set, image), image);
}

/** SHA-256 by which the numbers of a set are told from any others. */
export function digestOf({ images }: Pick<ImageSet, 'images'>): string {
  if (images instanceof RowFile) return images.digest();
  const bytes = new Uint8Array(images.buffer, images.byteOffset, images.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 of labels, the same however many bytes each takes. */
export function labelsDigest(labels: Labels): string {
  return createHash('sha256').update(Uint32Array.from(labels)).digest('hex');
}

/** Some images of a set, in the order given. In memory they are copied; in a file they stay, in ascending order. */
export function chooseImages(set: ImageSet, chosen: Uint32Array): ImageSet {
  const { labels } = set;
  const rows = set.images instanceof RowFile ? chosen.toSorted() : chosen;
  return {
    ...set,
    count: rows.length,
    images: set.images instanceof RowFile ? set.images.choose(rows) : copyRows(set.images, rows, sizeOf(set)),
    labels: labels && pick(labels, rows),
  };
}

function copyRows<Values extends Uint8Array | Float32Array>(values: Values, rows: Uint32Array, size: number): Values {
  const copy = new (values instanceof Uint8Array ? Uint8Array : Float32Array)(rows.length * size) as Values;
  rows.forEach((row, i) => {
    copy.set(values.subarray(row * size, (row + 1) * size), i * size);
  });
  return copy;
}

function pick(labels: Labels, rows: Uint32Array): Labels {
  const picked = labels instanceof Uint8Array ? new Uint8Array(rows.length) : new Uint32Array(rows.length);
  rows.forEach((row, i) => {
    picked[i] = nth(labels, row);
  });
  return picked;
}
