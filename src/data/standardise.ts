import { type ImageSet, sizeOf } from './dataset';
import { forEachRow, hasBytes } from './rows';

/**
 * Mean and standard deviation (over the set, not of a sample) of every number of a row; 0 and 1 for categories, and a deviation of 1 for what
 * never changes.
 */
export function standardisationOf(set: ImageSet): { mean: number[]; stddev: number[] } {
  const size = sizeOf(set);
  const scale = hasBytes(set) ? 1 / 255 : 1;
  const [means, squares] = [new Float64Array(size), new Float64Array(size)];
  // Welford (1962): no squares of large numbers are subtracted from each other.
  forEachRow(set, (row, image) => {
    for (let i = 0; i < size; i++) {
      const value = (row[i] as number) * scale;
      const difference = value - (means[i] as number);
      means[i]! += difference / (image + 1);
      squares[i]! += difference * (value - (means[i] as number));
    }
  });
  const stddev = Array.from(squares, (sum) => Math.sqrt(sum / set.count) || 1);
  const mean = [...means];
  for (const { start, size: n } of categoriesOf(set)) {
    mean.fill(0, start, start + n);
    stddev.fill(1, start, start + n);
  }
  return { mean, stddev };
}

/** Where the categories of a table lie in its rows. */
export function categoriesOf({ columns = [] }: Pick<ImageSet, 'columns'>): { start: number; size: number }[] {
  return columns.flatMap(({ start, levels }) => (levels ? [{ start, size: levels.length }] : []));
}
