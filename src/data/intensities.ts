import { type ImageSet, sizeOf } from './dataset';
import { forEachRow, hasBytes } from './rows';

/** All images as floats, `[count, height · width · channels]`, row-major: bytes as intensities in [0, 1], other numbers as they are. */
export function intensities(set: ImageSet): Float32Array {
  const size = sizeOf(set);
  const values = new Float32Array(set.count * size);
  const white = hasBytes(set) ? 255 : 1;
  forEachRow(set, (row, image) => {
    for (let j = 0; j < size; j++) values[image * size + j] = (row[j] as number) / white;
  });
  return values;
}

/** The mean of every pixel, `[height · width · channels]`, of intensities in [0, 1]: where a decoder's output may start. */
export function meanImage(set: ImageSet): Float32Array {
  const size = sizeOf(set);
  const sums = new Float64Array(size);
  forEachRow(set, (row) => {
    for (let j = 0; j < size; j++) sums[j]! += row[j] as number;
  });
  const white = hasBytes(set) ? 255 : 1;
  return Float32Array.from(sums, (sum) => sum / set.count / white);
}
