import type { Places } from './ridges';

/** A panel on a place reaches this many of its widths to each side of it … */
const ON = 4;
/** … and a panel beside it is at most this many times as long as its distance from it. */
const BESIDE = 5;
/** Nothing closer together than this is told apart. */
const SMALLEST = 1e-13;

/**
 * Writes breakpoints, the given ones among them, such that a 21-point rule on each panel sees every place of quick change: panels
 * are short where one is, and grow in proportion to the distance from it. Returns how many there are.
 */
export function gradedMesh(places: Places, fixed: readonly number[], out: number[]): number {
  let points = 0;
  for (let i = 1; i < fixed.length; i++) {
    const end = fixed[i]!;
    for (let start = fixed[i - 1]!; start < end; start = furthest(places, start, end)) out[points++] = start;
  }
  out[points++] = fixed[fixed.length - 1]!;
  return points;
}

/** Where the longest panel from `start` on may end. */
function furthest({ at, width }: Places, start: number, end: number): number {
  let stop = end;
  for (let f = 0; f < at.length; f++) {
    const t = at[f]!;
    const near = Math.max(SMALLEST, ON * width[f]!);
    let limit: number;
    if (start >= t + near) limit = start + BESIDE * (start - t);
    else if (start < t - near) limit = Math.min(t - near, (start + BESIDE * t) / (1 + BESIDE));
    else limit = Math.max(t + near, start + near);
    if (limit < stop) stop = limit;
  }
  return stop;
}
