import { InvalidArgumentError } from '../errors';

/** Grey images with one class label each, as plain bytes. */
export interface ImageSet {
  /** What it is and where it came from, for titles and logs: `MNIST train`, `synthetic digits test`. */
  readonly name: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** `count · height · width` intensities 0…255, image after image, row after row. */
  readonly images: Uint8Array;
  /** `count` class labels. */
  readonly labels: Uint8Array;
}

/** Images for training and images for testing. */
export interface DataSplit {
  readonly train: ImageSet;
  readonly test: ImageSet;
}

/**
 * The first `count` images of a set, or those from `start` on; the bytes are shared, not copied.
 *
 * @throws InvalidArgumentError when the range does not lie inside the set.
 */
export function takeImages(set: ImageSet, count: number, start = 0): ImageSet {
  if (!Number.isInteger(start) || start < 0 || start > set.count) {
    throw new InvalidArgumentError('start', `expected an integer from 0 to ${set.count}, got ${start}`);
  }
  if (!Number.isInteger(count) || count < 1 || start + count > set.count) {
    throw new InvalidArgumentError(
      'count',
      `expected an integer from 1 to ${set.count - start} (${set.name} from ${start} on), got ${count}`,
    );
  }
  const pixels = set.height * set.width;
  return {
    ...set,
    count,
    images: set.images.subarray(start * pixels, (start + count) * pixels),
    labels: set.labels.subarray(start, start + count),
  };
}
