/** Log densities this far below the largest are not seen next to it. */
const HIDDEN = 30;

/** K quadratics −½(root·x − rest)² + height of one coordinate. */
export interface Parabolas {
  readonly root: Float64Array;
  readonly rest: Float64Array;
  readonly height: Float64Array;
  /** 0 for those to leave out. */
  readonly counts: Uint8Array;
  readonly count: number;
}

/**
 * Told where the logarithm of a sum of exponentials of quadratics changes quickly: `width` is the scale of the change, `room` how far
 * the next one is.
 */
export type Found = (at: number, width: number, room: number) => void;

/**
 * Walks along the upper envelope of the parabolas from −reach to reach: reports where one takes over from another, as wide as
 * the softness of that kink, and where one comes close to the envelope without reaching it, as wide as that bump.
 */
export function walkEnvelope(all: Parabolas, reach: number, found: Found): void {
  let x = -reach;
  let top = highest(all, x);
  if (top < 0) return;
  let before = -reach;
  let width = Infinity;
  for (let step = 0; step < 4 * all.count; step++) {
    const { after, by, slope, curvature } = takeover(all, top, x, reach);
    nearMisses(all, top, x, Math.min(after, reach), found);
    if (width < Infinity) found(x, width, Math.min(x - before, after - x));
    if (by < 0) return;
    before = x;
    x = after;
    top = by;
    width = 1 / Math.max(slope, Math.sqrt(Math.abs(curvature)));
  }
}

export function valueAt(all: Parabolas, c: number, x: number): number {
  const u = all.root[c]! * x - all.rest[c]!;
  return all.height[c]! - 0.5 * u * u;
}

/** The highest just to the right of x; −1 where there is none. */
function highest(all: Parabolas, x: number): number {
  let top = -1;
  let largest = -Infinity;
  for (let c = 0; c < all.count; c++) {
    if (all.counts[c] === 0) continue;
    const value = valueAt(all, c, x);
    if (value > largest || (value === largest && slopeAt(all, c, x) > slopeAt(all, top, x))) {
      largest = value;
      top = c;
    }
  }
  return top;
}

function slopeAt(all: Parabolas, c: number, x: number): number {
  return -all.root[c]! * (all.root[c]! * x - all.rest[c]!);
}

const next = { after: Infinity, by: -1, slope: 0, curvature: 0 };

/** The first place right of x where another parabola rises above `top`, which is the highest at x. */
function takeover(all: Parabolas, top: number, x: number, reach: number): typeof next {
  next.after = reach;
  next.by = -1;
  const value = valueAt(all, top, x);
  const slope = slopeAt(all, top, x);
  for (let c = 0; c < all.count; c++) {
    if (c === top || all.counts[c] === 0) continue;
    // c − top at x + δ is d0 + d1·δ + ½ d2·δ², with d0 ≤ 0; wanted is the zero at which it rises.
    const d0 = Math.min(0, valueAt(all, c, x) - value);
    const d1 = slopeAt(all, c, x) - slope;
    const d2 = all.root[top]! ** 2 - all.root[c]! ** 2;
    const square = slopeSquared(all, c, top);
    if (!(square > 0)) continue;
    const rise = Math.sqrt(square);
    const delta = d1 > 0 ? (-2 * d0) / (d1 + rise) : d2 > 0 ? (rise - d1) / d2 : Infinity;
    if (x + delta < next.after) {
      next.after = x + delta;
      next.by = c;
      next.slope = rise;
      next.curvature = d2;
    }
  }
  return next;
}

/**
 * The square of the slope of c − top where the two cross; below 0 where they do not. It is d1² − 2·d2·d0, written so that nothing cancels: far from a
 * narrow parabola both are its depth squared, beside which its height is no digit.
 */
function slopeSquared({ root, rest, height }: Parabolas, c: number, top: number): number {
  const apart = root[c]! * rest[top]! - root[top]! * rest[c]!;
  const narrower = (root[c]! - root[top]!) * (root[c]! + root[top]!);
  return apart * apart + 2 * narrower * (height[c]! - height[top]!);
}

/** Narrower parabolas that come within reach of `top` somewhere on [left, right]. */
function nearMisses(all: Parabolas, top: number, left: number, right: number, found: Found): void {
  for (let c = 0; c < all.count; c++) {
    const curvature = all.root[c]! ** 2 - all.root[top]! ** 2;
    if (c === top || all.counts[c] === 0 || !(curvature > 0)) continue;
    const at = (all.root[c]! * all.rest[c]! - all.root[top]! * all.rest[top]!) / curvature;
    if (!(at > left && at < right)) continue;
    const below = valueAt(all, top, at) - valueAt(all, c, at);
    const width = 1 / Math.sqrt(curvature);
    if (below >= 0 && below < HIDDEN) found(at, width, width);
  }
}
