import { createHash } from 'node:crypto';
import { nth } from '../nth';
import { type ImageSet, sizeOf } from './dataset';
import { forEachRow, hasBytes, rowOf } from './rows';
import { standardisationOf } from './standardise';
import type { SetSummary } from './summary';

const BITS_AS_BYTES = 'bytes 0 and 1 only: they count as intensities 0 and 1/255; say --white 1 if 1 is white';

/** Warns of bits that count as nearly black; null where they are none. Looks at no more images than it takes to find a larger byte. */
export function bitsWarning(set: ImageSet): string | null {
  if (!hasBytes(set)) return null;
  for (let image = 0; image < set.count; image++) if (rowOf(set, image).some((byte) => byte > 1)) return null;
  return BITS_AS_BYTES;
}

/** Steps of float32 that a number's standard deviation has to span, so that rounding adds less than 1e-4 to its variance. */
const ENOUGH_STEPS = 32;

/**
 * Warns of numbers that float32 cannot tell apart as finely as they vary, such as times in seconds since 1970; null where there are none.
 *
 * @param known the set's standardisation, where it has been computed: that takes a pass over all numbers
 */
export function coarseWarning(
  set: ImageSet,
  known?: Readonly<Record<'mean' | 'stddev', readonly number[]>>,
): string | null {
  if (hasBytes(set)) return null;
  const { mean, stddev } = known ?? standardisationOf(set);
  const coarse = mean.flatMap((center, i) => {
    const step = 2 ** (Math.floor(Math.log2(Math.abs(center))) - 23);
    return nth(stddev, i) < ENOUGH_STEPS * step && Math.abs(center) > 0 && varies(set, i) ? [{ i, center, step }] : [];
  });
  const [first] = coarse;
  if (!first) return null;
  const { i, center, step } = first;
  const column = set.columns?.find(({ start, levels }) => start === i && levels === null);
  const name = column ? `column ${column.name}` : `number ${i} of each row`;
  const more = coarse.length > 1 ? `, and ${coarse.length - 1} more` : '';
  return `too coarse in float32: ${name} varies by ${nth(stddev, i).toPrecision(3)} around ${center.toPrecision(6)}, where float32 has steps of ${step.toPrecision(2)}${more}; subtract an offset in the file`;
}

function varies(set: ImageSet, i: number): boolean {
  const first = rowOf(set, 0)[i];
  for (let image = 1; image < set.count; image++) if (rowOf(set, image)[i] !== first) return true;
  return false;
}

/** What is likely to be a mistake, in sentences that say what to do. */
export function warningsOf(sets: readonly ImageSet[], summaries: readonly SetSummary[]): string[] {
  const [train] = summaries;
  const [set] = sets;
  if (!train || !set) return [];
  const warnings: string[] = [];
  if (train.constant > 0) {
    warnings.push(
      `constant: ${train.constant} of ${sizeOf(set)} ${set.columns ? 'columns' : 'pixels'} are the same in all of ${train.count} training images`,
    );
  }
  if (train.kind === 'bytes' && train.largest === 1) {
    warnings.push(BITS_AS_BYTES);
  }
  if (train.kind === 'floats' && !set.columns && (train.smallest < 0 || train.largest > 1)) {
    // What is below 0 stays there, whatever it is divided by.
    const remedy =
      train.smallest < 0
        ? 'take the numbers as they are with --likelihood normal, or bring them there in the file'
        : `say --white ${train.largest} to divide by it`;
    warnings.push(`numbers from ${train.smallest} to ${train.largest}: intensities lie in [0, 1]; ${remedy}`);
  }
  const coarse = coarseWarning(set);
  if (coarse !== null) warnings.push(coarse);
  if (!set.labels) warnings.push('labels missing: clusters cannot be compared with classes');
  return [...warnings, ...missingClasses(summaries), ...duplicates(sets)];
}

function missingClasses([train, ...others]: readonly SetSummary[]): string[] {
  return others.flatMap(({ name, labels }) => {
    const unseen = Object.keys(labels ?? {}).filter((label) => labels?.[label] && !train?.labels?.[label]);
    return train?.labels && unseen.length > 0
      ? [`classes of ${name} that no training image has: ${unseen.slice(0, 5).join(', ')}`]
      : [];
  });
}

/** Returns a 48-bit sum of each image. Among 10⁷ different images, two share a sum with a probability of one in five. */
function sums(set: ImageSet): Float64Array {
  const all = new Float64Array(set.count);
  forEachRow(set, (row, image) => {
    const bytes = new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
    all[image] = createHash('sha256').update(bytes).digest().readUIntBE(0, 6);
  });
  return all;
}

function duplicates([train, ...others]: readonly ImageSet[]): string[] {
  if (!train) return [];
  const known = new Set(sums(train));
  const within = train.count - known.size;
  const warnings =
    within > 0 ? [`duplicates: ${within} of ${train.count} training images are there more than once`] : [];
  for (const set of others) {
    const again = sums(set).filter((sum) => known.has(sum)).length;
    if (again > 0)
      warnings.push(`duplicates between splits: ${again} of ${set.count} images of ${set.name} are also trained on`);
  }
  return warnings;
}
