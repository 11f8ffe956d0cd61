import { type ImageSet, sizeOf } from './dataset';
import { forEachRow, hasBytes } from './rows';

/**
 * All images as floats, `[count, height · width · channels]`, row-major: bytes as intensities in [0, 1], other numbers as they are.
 *
 * @example
 * ```ts
 * import { imagesFromArray, intensities } from 'gmm-vae';
 *
 * const bytes = imagesFromArray(Uint8Array.of(0, 51, 255, 102), { shape: [2, 1, 2] });
 * intensities(bytes); // [0, 0.2, 1, 0.4]
 * ```
 */
export function intensities(set: ImageSet): Float32Array {
  const size = sizeOf(set);
  const values = new Float32Array(set.count * size);
  const white = hasBytes(set) ? 255 : 1;
  forEachRow(set, (row, image) => {
    for (let j = 0; j < size; j++) values[image * size + j] = (row[j] as number) / white;
  });
  return values;
}

/**
 * The mean of every pixel, `[height · width · channels]`, of intensities in [0, 1]: where a decoder's output may start.
 *
 * @example
 * ```ts
 * import { imagesFromArray, meanImage } from 'gmm-vae';
 *
 * const bytes = imagesFromArray(Uint8Array.of(0, 51, 255, 153), { shape: [2, 1, 2] });
 * meanImage(bytes); // [0.5, 0.4]
 * ```
 */
export function meanImage(set: ImageSet): Float32Array {
  const size = sizeOf(set);
  const sums = new Float64Array(size);
  forEachRow(set, (row) => {
    for (let j = 0; j < size; j++) sums[j]! += row[j] as number;
  });
  const white = hasBytes(set) ? 255 : 1;
  return Float32Array.from(sums, (sum) => sum / set.count / white);
}
