import type { ImageSet } from './dataset';

/** All images as intensities in [0, 1], `[count, height · width]`, row-major. */
export function intensities(set: ImageSet): Float32Array {
  return Float32Array.from(set.images, (byte) => byte / 255);
}

/** The mean intensity of every pixel in [0, 1], `[height · width]`: where a decoder's output may start. */
export function meanImage(set: ImageSet): Float32Array {
  const size = set.height * set.width;
  const sums = new Float64Array(size);
  for (let i = 0; i < set.count; i++) for (let j = 0; j < size; j++) sums[j]! += set.images[i * size + j]!;
  return Float32Array.from(sums, (sum) => sum / set.count / 255);
}
