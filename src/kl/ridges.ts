import { type Parabolas, valueAt, walkEnvelope } from './envelope';
import type { WhitenedMixture } from './whitened-mixture';

/** What is at least this wide is seen by the quadrature rule's own nodes, at most 0.5 apart around the centre. */
const NARROW = 0.15;
/** Ridges this far below the largest log density are not seen. */
const HIDDEN = 30;
/** Another component moves the middle of a ridge where it is narrower than this many widths of the ridge. */
const ALIKE = 10;
/** What a place of width s in the last coordinate and γ in the others can add to an integral, over their product. */
const LARGEST = 30;

/** Places along one coordinate where an integrand changes quickly, each with the width of that change. */
export interface Places {
  readonly at: number[];
  readonly width: number[];
}

/** K quadratics −½‖U·x − v‖² + height in r coordinates, U lower triangular, one after the other. */
interface Quadratics extends Parabolas {
  readonly r: number;
}

/**
 * Finds where the integral of φ·ln p over all coordinates after the first r changes quickly along the first of them.
 *
 * Along one coordinate the log densities of the components are parabolas, and ln p follows the highest: places are where one
 * takes over from another. With more coordinates, a component that is narrow given the others stands out as a ridge around
 * x_last = m(x_0 …), linear in the earlier coordinates. On that ridge the components are again quadratics, in one coordinate
 * less, and so on down to one. So crossings of ridges are found, whatever their angle, and crossings of those with a third.
 * The weight φ is one more quadratic there: a steep ridge passes through it quickly.
 */
export class Ridges {
  private readonly levels: Quadratics[];
  private readonly narrow: boolean;
  private readonly weight: number;
  private found: Places = { at: [], width: [] };
  private smallest = 0;
  private reach = 0;

  constructor(private readonly mixture: WhitenedMixture) {
    const { count, d, rows } = mixture;
    this.weight = count;
    this.levels = Array.from({ length: d }, (_, i) => quadratics(i + 1, count));
    this.narrow = false;
    for (let c = 0; c < count; c++) this.narrow ||= norm(rows, c * d * d, d * d) > 1 / NARROW;
  }

  /**
   * Adds the places along coordinate `level` of the mixture, the ones before it being fixed.
   * @param negligible leaves out what adds less than this to the integral over this coordinate and the later ones.
   */
  find(level: number, reach: number, negligible: number, into: Places): void {
    if (!this.narrow) return;
    const { mixture, weight } = this;
    const { d } = mixture;
    const r = d - level;
    this.found = into;
    this.reach = reach;
    this.smallest = negligible / LARGEST;
    const top = this.levels[r - 1]!;
    top.root.fill(0);
    top.rest.fill(0);
    top.counts.fill(1);
    for (let c = 0; c < weight; c++) {
      for (let i = 0; i < r; i++) {
        const row = (c * d + level + i) * d + level;
        for (let k = 0; k <= i; k++) top.root[(c * r + i) * r + k] = mixture.rows[row + k]!;
        top.rest[c * r + i] = mixture.rest[level]![c * d + level + i]!;
      }
      top.height[c] = mixture.height[level]![c]!;
    }
    for (let i = 0; i < r; i++) top.root[(weight * r + i) * r + i] = 1;
    this.explore(r, -1, 1);
  }

  /** @param owner the component whose ridge all this lies on. @param volume the product of the widths of the ridges so far. */
  private explore(r: number, owner: number, volume: number): void {
    const here = this.levels[r - 1]!;
    if (r === 1) {
      this.profile(here, owner, volume);
      return;
    }
    const rest = this.levels[r - 2]!;
    const last = r * r - 1;
    for (let c = 0; c < this.weight; c++) {
      if (here.counts[c] === 0 || norm(here.root, c * r * r, r * r) < 1 / NARROW) continue;
      const root = here.root[c * r * r + last]!;
      const inside = volume / Math.max(1, root);
      if (inside * NARROW < this.smallest) continue;
      restrict(here, rest, c, -1, root > 1 / NARROW ? Infinity : 1 / NARROW);
      this.explore(r - 1, c, inside);
      for (let b = 0; b < this.weight; b++) {
        const other = here.root[b * r * r + last]!;
        if (here.counts[b] === 0 || other * ALIKE < root || root * root - other * other < 1 / NARROW ** 2) continue;
        restrict(here, rest, c, b, Infinity);
        this.explore(r - 1, c, inside);
      }
    }
  }

  /** Adds the places along the one coordinate that is left, on the ridge of `owner`. */
  private profile(here: Quadratics, owner: number, volume: number): void {
    const add = (at: number, width: number, room: number): void => {
      if (width > NARROW || volume * Math.max(width, room) * Math.exp(-0.5 * at * at) < this.smallest) return;
      this.found.at.push(at);
      this.found.width.push(width);
    };
    if (owner >= 0) {
      const steep = here.root[this.weight]!;
      const at = here.rest[this.weight]! / steep;
      if (steep > 1 / NARROW && Math.abs(at) < this.reach + 8 / steep) add(at, 1 / steep, 0);
    }
    walkEnvelope(here, this.reach, (at, width, room) => {
      if (owner < 0 || stands(here, owner, at)) add(at, width, room);
    });
  }
}

function stands(here: Quadratics, owner: number, x: number): boolean {
  const value = valueAt(here, owner, x);
  for (let c = 0; c < here.count; c++) if (here.counts[c] === 1 && valueAt(here, c, x) > value + HIDDEN) return false;
  return true;
}

/** Room for `count` components, and for the standard normal weight after them. */
function quadratics(r: number, count: number): Quadratics {
  return {
    r,
    count,
    root: new Float64Array((count + 1) * r * r),
    rest: new Float64Array((count + 1) * r),
    height: new Float64Array(count + 1),
    counts: new Uint8Array(count + 1),
  };
}

function norm(values: Float64Array, from: number, length: number): number {
  let squares = 0;
  for (let i = from; i < from + length; i++) squares += values[i]! * values[i]!;
  return Math.sqrt(squares);
}

const extra = new Float64Array(3);
const middle = new Float64Array(3);

/**
 * Writes into `to` what is left of the quadratics in the middle of c's ridge: on the conditional mean of its last coordinate,
 * or, given another component b that is not much wider, where c stands out most above b. There the last row of each depends
 * on the earlier coordinates only, and Givens rotations fold it into their rows; its remainder lowers the height.
 * @param steepest quadratics that are narrower along the last coordinate do not count there.
 */
function restrict(from: Quadratics, to: Quadratics, c: number, b: number, steepest: number): void {
  const l = from.r - 1;
  const offset = middleOf(from, c, b);
  for (let k = 0; k <= from.count; k++) {
    const row = (k * from.r + l) * from.r;
    const own = from.root[row + l]!;
    to.counts[k] = from.counts[k] === 1 && own <= steepest ? 1 : 0;
    // On the middle of its own ridge c's last row vanishes; not by subtraction, which would leave rounding.
    const vanishes = b < 0 && k === c;
    for (let j = 0; j < l; j++) extra[j] = vanishes ? 0 : from.root[row + j]! + own * middle[j]!;
    const remainder = foldIn(from, to, k, vanishes ? 0 : from.rest[k * from.r + l]! - own * offset);
    const height = from.height[k]! - 0.5 * remainder * remainder;
    to.height[k] = Number.isNaN(height) ? -Infinity : height;
  }
}

/** x_last = middle·(earlier coordinates) + the number returned. */
function middleOf({ r, root, rest }: Quadratics, c: number, b: number): number {
  const l = r - 1;
  const rowC = (c * r + l) * r;
  const own = root[rowC + l]!;
  if (b < 0) {
    for (let j = 0; j < l; j++) middle[j] = -root[rowC + j]! / own;
    return rest[c * r + l]! / own;
  }
  const rowB = (b * r + l) * r;
  const other = root[rowB + l]!;
  const curvature = own * own - other * other;
  for (let j = 0; j < l; j++) middle[j] = -(own * root[rowC + j]! - other * root[rowB + j]!) / curvature;
  return (own * rest[c * r + l]! - other * rest[b * r + l]!) / curvature;
}

/** Rotates the row `extra` = `remainder` into the first rows of quadratic k; returns what is left of the remainder. */
function foldIn(from: Quadratics, to: Quadratics, k: number, remainder: number): number {
  const { r } = from;
  const l = r - 1;
  for (let i = l - 1; i >= 0; i--) {
    const diagonal = from.root[(k * r + i) * r + i]!;
    const length = Math.hypot(diagonal, extra[i]!);
    const cos = diagonal / length;
    const sin = extra[i]! / length;
    for (let j = 0; j <= i; j++) {
      const above = from.root[(k * r + i) * r + j]!;
      to.root[(k * l + i) * l + j] = cos * above + sin * extra[j]!;
      extra[j] = cos * extra[j]! - sin * above;
    }
    const above = from.rest[k * r + i]!;
    to.rest[k * l + i] = cos * above + sin * remainder;
    remainder = cos * remainder - sin * above;
  }
  return remainder;
}
