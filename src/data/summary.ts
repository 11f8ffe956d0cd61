import { type ImageSet, shapeOf, sizeOf } from './dataset';
import { forEachRow, hasBytes } from './rows';

/** What a set of images holds. */
export interface SetSummary {
  readonly name: string;
  readonly count: number;
  /** `28×28`, `32×32×3`, or `1×12` for the rows of a table. */
  readonly shape: string;
  readonly kind: 'bytes' | 'floats';
  readonly smallest: number;
  readonly largest: number;
  readonly mean: number;
  /** Numbers of the image that are the same in all images. */
  readonly constant: number;
  /** Images of each class, by its name; null without labels. */
  readonly labels: Readonly<Record<string, number>> | null;
}

/** Looks at every number of a set once. */
export function summarizeImages(set: ImageSet): SetSummary {
  const size = sizeOf(set);
  const first = new Float64Array(size);
  const varies = new Uint8Array(size);
  let [smallest, largest, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  forEachRow(set, (row, image) => {
    if (image === 0) first.set(row);
    for (let i = 0; i < size; i++) {
      const value = row[i] as number;
      if (value !== first[i]) varies[i] = 1;
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
      sum += value;
    }
  });
  const constant = size - varies.reduce((total, one) => total + one, 0);
  const kind = hasBytes(set) ? 'bytes' : 'floats';
  const { name, count } = set;
  return {
    name,
    count,
    shape: shapeOf(set),
    kind,
    smallest,
    largest,
    mean: sum / (count * size),
    constant,
    labels: labelCounts(set),
  };
}

function labelCounts({ labels, classes }: ImageSet): Record<string, number> | null {
  if (!labels) return null;
  const counts = new Map<string, number>();
  let most = 0;
  for (const label of labels) most = Math.max(most, label);
  for (let label = 0; label < (classes?.length ?? most + 1); label++) counts.set(classes?.[label] ?? String(label), 0);
  for (const label of labels) {
    const name = classes?.[label] ?? String(label);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
