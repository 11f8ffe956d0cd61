import { nth } from '../nth';
/** A point (x to the right, y downwards) in the glyph's box: |x| ≤ 0.3, |y| ≤ 0.46. */
export type Point = readonly [number, number];

/** A pen stroke through its points: a smooth curve, a closed smooth curve, or straight lines with corners. */
export interface Stroke {
  readonly kind: 'curve' | 'loop' | 'lines';
  readonly points: readonly Point[];
}

const curve = (...points: Point[]): Stroke => ({ kind: 'curve', points });
const loop = (...points: Point[]): Stroke => ({ kind: 'loop', points });
const lines = (...points: Point[]): Stroke => ({ kind: 'lines', points });

const BOWL_OF_THREE = curve([-0.05, -0.03], [0.17, 0.06], [0.25, 0.24], [0.1, 0.43], [-0.12, 0.44], [-0.26, 0.34]);
const BOWL_OF_FIVE = curve([-0.21, -0.04], [0.02, -0.13], [0.22, 0.01], [0.25, 0.23], [0.07, 0.43], [-0.25, 0.38]);
const HEAD_OF_NINE = loop([0.21, -0.28], [0.06, -0.44], [-0.15, -0.39], [-0.22, -0.19], [-0.06, -0.03], [0.14, -0.1]);

/** The ways in which people write each digit. */
export const GLYPHS: readonly (readonly (readonly Stroke[])[])[] = [
  [[loop([0, -0.46], [-0.2, -0.32], [-0.27, 0], [-0.2, 0.32], [0, 0.46], [0.2, 0.32], [0.27, 0], [0.2, -0.32])]],
  [
    [lines([0.02, -0.45], [-0.02, 0.45])],
    [lines([-0.16, -0.27], [0.05, -0.46], [0.03, 0.45])],
    [lines([-0.15, -0.29], [0.03, -0.46], [0.03, 0.45]), lines([-0.18, 0.45], [0.22, 0.45])],
  ],
  [
    [
      curve([-0.25, -0.26], [-0.12, -0.44], [0.12, -0.43], [0.23, -0.24], [0.12, 0.02], [-0.1, 0.25], [-0.27, 0.43]),
      lines([-0.27, 0.43], [0.28, 0.43]),
    ],
    [
      curve(
        [-0.24, -0.28],
        [-0.08, -0.45],
        [0.17, -0.38],
        [0.17, -0.1],
        [-0.04, 0.2],
        [-0.24, 0.4],
        [-0.22, 0.2],
        [-0.02, 0.3],
        [0.28, 0.42],
      ),
    ],
  ],
  [
    [curve([-0.24, -0.37], [-0.02, -0.46], [0.18, -0.34], [0.13, -0.12], [-0.05, -0.03]), BOWL_OF_THREE],
    [lines([-0.24, -0.43], [0.2, -0.43], [-0.05, -0.03]), BOWL_OF_THREE],
  ],
  [
    [lines([0.08, -0.45], [-0.28, 0.12], [0.29, 0.12]), lines([0.13, -0.16], [0.11, 0.45])],
    [curve([-0.2, -0.42], [-0.26, -0.12], [-0.18, 0.03], [0.2, 0.0]), lines([0.21, -0.42], [0.17, 0.45])],
  ],
  [
    [lines([0.24, -0.44], [-0.17, -0.43], [-0.21, -0.04]), BOWL_OF_FIVE],
    [lines([0.22, -0.46], [-0.13, -0.4], [-0.21, -0.04]), BOWL_OF_FIVE],
  ],
  [
    [
      curve(
        [0.17, -0.46],
        [-0.08, -0.25],
        [-0.23, 0.08],
        [-0.19, 0.35],
        [0.02, 0.45],
        [0.21, 0.32],
        [0.2, 0.1],
        [0.02, 0.01],
        [-0.15, 0.1],
        [-0.22, 0.26],
      ),
    ],
  ],
  [
    [lines([-0.27, -0.42], [0.27, -0.42], [-0.03, 0.45])],
    [lines([-0.27, -0.42], [0.27, -0.42], [0, 0.45]), lines([-0.12, 0.02], [0.24, -0.01])],
  ],
  [
    [
      loop(
        [0, -0.04],
        [0.18, -0.2],
        [0.16, -0.4],
        [0, -0.46],
        [-0.16, -0.4],
        [-0.18, -0.2],
        [0, -0.04],
        [0.22, 0.16],
        [0.2, 0.38],
        [0, 0.46],
        [-0.2, 0.38],
        [-0.22, 0.16],
      ),
    ],
  ],
  [
    [HEAD_OF_NINE, curve([0.21, -0.28], [0.2, 0.05], [0.1, 0.45])],
    [HEAD_OF_NINE, curve([0.21, -0.28], [0.22, 0.1], [0.14, 0.38], [-0.06, 0.46], [-0.2, 0.38])],
  ],
];

const SEGMENTS_PER_SPAN = 4;

/** The stroke as a polyline: Catmull–Rom curves through the points, or the points themselves. */
export function flatten({ kind, points }: Stroke): Point[] {
  if (kind === 'lines') return [...points];
  const closed = kind === 'loop';
  const at = (i: number): Point =>
    nth(points, closed ? (i + points.length) % points.length : Math.min(Math.max(i, 0), points.length - 1));
  const spans = closed ? points.length : points.length - 1;
  const path: Point[] = [at(0)];
  for (let span = 0; span < spans; span++) {
    const [before, from, to, after] = [at(span - 1), at(span), at(span + 1), at(span + 2)];
    for (let step = 1; step <= SEGMENTS_PER_SPAN; step++) {
      const t = step / SEGMENTS_PER_SPAN;
      path.push([
        catmullRom(before[0], from[0], to[0], after[0], t),
        catmullRom(before[1], from[1], to[1], after[1], t),
      ]);
    }
  }
  return path;
}

/** The uniform Catmull–Rom cubic from b (t = 0) to c (t = 1). */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
