/** Digits that are kept of what the numbers of an array differ by: more than any screen shows, and half the bytes. */
const DIGITS = 6;
/** A float64 has no more. */
const ALL_DIGITS = 17;

/**
 * Copies data that plotly draws into plain JSON: typed arrays become arrays, and NaN and ±∞, which JSON has not, null.
 *
 * Numbers of an array are rounded together. Six digits of each would make one point of all that lie between 1,000,000 and 1,000,005.
 */
export function toPlainJson<T extends object>(value: T): T {
  const rounded = new WeakSet<object>();
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === 'number') return Number.isFinite(part) ? part : null;
      const list = toArray(part);
      return list === undefined || rounded.has(list) ? part : roundTogether(list, rounded);
    }),
  ) as T;
}

/** The array itself or, of a typed array, a copy; undefined for everything else. */
export function toArray(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[];
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : undefined;
}

interface Extent {
  low: number;
  high: number;
}

/** Rounds numbers and rows of numbers; leaves an array that holds anything else as it is. */
function roundTogether(list: readonly unknown[], rounded: WeakSet<object>): readonly unknown[] {
  const extent = { low: Infinity, high: -Infinity };
  if (!measure(list, extent)) return list;
  const digits = digitsOf(extent);
  const round = (part: unknown): unknown => {
    const row = toArray(part);
    if (row === undefined) return typeof part === 'number' ? roundTo(part, digits) : part;
    const copy = row.map(round);
    rounded.add(copy);
    return copy;
  };
  return round(list) as readonly unknown[];
}

/** Widens the extent to the finite numbers of the list and of its rows; false where something else stands among them. */
function measure(list: readonly unknown[], extent: Extent): boolean {
  for (const part of list) {
    if (typeof part === 'number') {
      if (!Number.isFinite(part)) continue;
      extent.low = Math.min(extent.low, part);
      extent.high = Math.max(extent.high, part);
    } else if (part !== null && part !== undefined) {
      const row = toArray(part);
      if (row === undefined || !measure(row, extent)) return false;
    }
  }
  return true;
}

/** Equal numbers keep all digits: they may be compared with those of another trace. A tenth of a digit is nobody's loss. */
function digitsOf({ low, high }: Extent): number {
  const lost = Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low));
  return lost > 0.1 ? Math.min(ALL_DIGITS, DIGITS + Math.ceil(lost)) : DIGITS;
}

function roundTo(value: number, digits: number): number | null {
  if (!Number.isFinite(value)) return null;
  return digits >= ALL_DIGITS || Number.isSafeInteger(value) ? value : Number(value.toPrecision(digits));
}
