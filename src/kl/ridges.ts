import type { WhitenedMixture } from './whitened-mixture';

/** Components at least this wide are seen by the quadrature rule's own nodes, at most 0.5 apart around the centre. */
const NARROW = 0.15;
/** Log densities this far below the largest are not seen next to it. */
const HIDDEN = 30;
/** What a place of width s in the last coordinate and γ in the others can add to an integral, over their product. */
const LARGEST = 30;

/** Places along one coordinate where an integrand changes quickly, each with the width of that change. */
export interface Places {
  readonly at: number[];
  readonly width: number[];
}

/** K quadratics −½‖U·x − v‖² + height in r coordinates, U lower triangular, one after the other. */
interface Quadratics {
  readonly r: number;
  readonly rows: Float64Array;
  readonly rest: Float64Array;
  readonly height: Float64Array;
  /** 0 for the quadratics that are no ridge here and only hide others. */
  readonly counts: Uint8Array;
}

/**
 * Finds where the integral of φ·ln p over all coordinates after the first r changes quickly along the first of them.
 *
 * A component that is narrow given the other coordinates is a ridge along its conditional mean x_last = m_c(x_0 …). On that
 * ridge the others are again a mixture, in one coordinate less, and so on down to one coordinate: there, each narrow
 * component's place and width are read off. So the crossings of ridges are found, whatever the angle between them, and with
 * three coordinates the crossings of crossings. The weight φ is one more quadratic: a steep ridge passes through it quickly.
 */
export class Ridges {
  private readonly levels: Quadratics[];
  private readonly narrow: boolean;
  private readonly count: number;
  /** The index of the standard normal weight. */
  private readonly weight: number;
  private found: Places = { at: [], width: [] };
  private smallest = 0;
  private reach = 0;

  constructor(private readonly mixture: WhitenedMixture) {
    const { count, d, rows } = mixture;
    this.count = count + 1;
    this.weight = count;
    this.levels = Array.from({ length: d }, (_, i) => quadratics(i + 1, this.count));
    this.narrow = false;
    for (let c = 0; c < count; c++) this.narrow ||= norm(rows, c * d * d, d * d) > 1 / NARROW;
  }

  /**
   * Adds the places along coordinate `level` of the mixture, the ones before it being fixed.
   * @param negligible leaves out what adds less than this to the integral over this coordinate and the later ones.
   */
  find(level: number, reach: number, negligible: number, into: Places): void {
    if (!this.narrow) return;
    const { mixture, count } = this;
    const { d } = mixture;
    const r = d - level;
    this.found = into;
    this.reach = reach;
    this.smallest = negligible / LARGEST;
    const top = this.levels[r - 1]!;
    top.rows.fill(0);
    top.rest.fill(0);
    for (let c = 0; c < count - 1; c++) {
      for (let i = 0; i < r; i++) {
        const row = (c * d + level + i) * d + level;
        for (let k = 0; k <= i; k++) top.rows[(c * r + i) * r + k] = mixture.rows[row + k]!;
        top.rest[c * r + i] = mixture.rest[level]![c * d + level + i]!;
      }
      top.height[c] = mixture.height[level]![c]!;
      top.counts[c] = 1;
    }
    for (let i = 0; i < r; i++) top.rows[(this.weight * r + i) * r + i] = 1;
    top.counts[this.weight] = 1;
    this.explore(r, -1, 1);
  }

  /** @param owner the ridge that all this lies on. @param volume the product of the widths of the ridges restricted to. */
  private explore(r: number, owner: number, volume: number): void {
    const here = this.levels[r - 1]!;
    if (r === 1) {
      for (let c = 0; c < this.count; c++) this.profile(here, c, owner, volume);
      return;
    }
    const last = r * r - 1;
    for (let c = 0; c < this.weight; c++) {
      if (here.counts[c] === 0 || norm(here.rows, c * r * r, r * r) < 1 / NARROW) continue;
      const slope = here.rows[c * r * r + last]!;
      const narrow = slope > 1 / NARROW;
      if (volume / Math.max(1, slope) < this.smallest / NARROW) continue;
      restrict(here, this.levels[r - 2]!, c, narrow ? 0 : 1 / NARROW);
      this.explore(r - 1, c, volume / Math.max(1, slope));
    }
  }

  /** Adds quadratic c of one coordinate where it is narrow and seen, on ridge `owner`. */
  private profile(here: Quadratics, c: number, owner: number, volume: number): void {
    if (here.counts[c] === 0) return;
    const slope = here.rows[c]!;
    if (!(slope > 1 / NARROW)) return;
    const at = here.rest[c]! / slope;
    const width = 1 / slope;
    if (!(Math.abs(at) < this.reach + 8 * width)) return;
    if (volume * width * Math.exp(-0.5 * at * at) < this.smallest) return;
    if (c !== this.weight && !this.seen(here, c, owner, at, width)) return;
    this.found.at.push(at);
    this.found.width.push(width);
  }

  /** Whether c stands out where it peaks; and, on the ridge of another component, whether that does at c's edge. */
  private seen(here: Quadratics, c: number, owner: number, at: number, width: number): boolean {
    if (here.height[c]! < this.largest(here, at) - HIDDEN) return false;
    if (owner < 0 || owner === c) return true;
    const excess = here.height[c]! - valueAt(here, owner, at);
    const away = excess < 0 ? 0 : width * (1 + Math.sqrt(2 * excess));
    for (const x of [at - away, at + away]) {
      if (valueAt(here, owner, x) > this.largest(here, x) - HIDDEN) return true;
    }
    return false;
  }

  private largest(here: Quadratics, x: number): number {
    let largest = -Infinity;
    for (let b = 0; b < this.weight; b++) largest = Math.max(largest, valueAt(here, b, x));
    return largest;
  }
}

function quadratics(r: number, count: number): Quadratics {
  return {
    r,
    rows: new Float64Array(count * r * r),
    rest: new Float64Array(count * r),
    height: new Float64Array(count),
    counts: new Uint8Array(count),
  };
}

/** The largest over the other coordinates, in one coordinate, of quadratic b. */
function valueAt(here: Quadratics, b: number, x: number): number {
  const u = here.rows[b]! * x - here.rest[b]!;
  return here.height[b]! - 0.5 * u * u;
}

function norm(values: Float64Array, from: number, length: number): number {
  let squares = 0;
  for (let i = from; i < from + length; i++) squares += values[i]! * values[i]!;
  return Math.sqrt(squares);
}

/**
 * Writes into `to` what is left of the quadratics on the conditional mean of c's last coordinate. There the last row of each
 * depends on the earlier coordinates only, and Givens rotations fold it into their rows; its remainder lowers the height.
 * @param steepest unless 0, quadratics that are narrower along the last coordinate do not count there.
 */
function restrict(from: Quadratics, to: Quadratics, c: number, steepest: number): void {
  const { r } = from;
  const l = r - 1;
  const count = from.height.length;
  const rowOfC = (c * r + l) * r;
  const pivot = from.rows[rowOfC + l]!;
  const extra = [0, 0];
  for (let b = 0; b < count; b++) {
    const row = (b * r + l) * r;
    const own = from.rows[row + l]!;
    to.counts[b] = from.counts[b] === 1 && (steepest === 0 || own <= steepest) ? 1 : 0;
    for (let k = 0; k < l; k++) extra[k] = b === c ? 0 : from.rows[row + k]! - (own / pivot) * from.rows[rowOfC + k]!;
    let remainder = b === c ? 0 : from.rest[b * r + l]! - (own / pivot) * from.rest[c * r + l]!;
    for (let i = l - 1; i >= 0; i--) {
      const diagonal = from.rows[(b * r + i) * r + i]!;
      const length = Math.hypot(diagonal, extra[i]!);
      const cos = diagonal / length;
      const sin = extra[i]! / length;
      for (let k = 0; k <= i; k++) {
        const above = from.rows[(b * r + i) * r + k]!;
        to.rows[(b * l + i) * l + k] = cos * above + sin * extra[k]!;
        extra[k] = cos * extra[k]! - sin * above;
      }
      const above = from.rest[b * r + i]!;
      to.rest[b * l + i] = cos * above + sin * remainder;
      remainder = cos * remainder - sin * above;
    }
    const height = from.height[b]! - 0.5 * remainder * remainder;
    to.height[b] = Number.isNaN(height) ? -Infinity : height;
  }
}
