import { InvalidArgumentError } from '../errors';
import { RandomStream } from '../math/random';
import { nth } from '../nth';
import type { DataSplit, LabelledImages } from './dataset';
import { flatten, GLYPHS, type Point, type Stroke } from './strokes';

/** Side of the images in pixels, as in MNIST. */
const SIDE = 28;
/** Height of a digit in pixels before scaling: MNIST's digits fill a box of 20. */
const HEIGHT = 20;

export interface SyntheticDigits {
  /** Number of training images. */
  readonly train: number;
  /** Number of test images; they come from other random streams than the training images. */
  readonly test: number;
  readonly seed: number;
}

/**
 * Hand-drawn looking digits 0–9, 28×28, made from pen strokes: the writer's variant, shaken control points, a random
 * affine map (scale, aspect, slant, rotation, shift) and a random pen width, drawn anti-aliased. The same seed gives the
 * same bytes; every class occurs equally often (up to one image).
 *
 * @throws InvalidArgumentError unless the counts are positive integers and the seed is an integer
 *
 * @example
 * ```ts
 * import { syntheticDigits } from 'gmm-vae';
 *
 * const { train } = syntheticDigits({ train: 100, test: 10, seed: 1 });
 * train.images.length; // 78400
 * train.labels.slice(0, 3).every((label) => label >= 0 && label < 10); // true
 * ```
 */
export function syntheticDigits({ train, test, seed }: SyntheticDigits): DataSplit {
  return { train: drawDigits('train', train, seed), test: drawDigits('test', test, seed) };
}

/** Draws one of the two sets of {@link syntheticDigits}. */
export function drawDigits(part: 'train' | 'test', count: number, seed: number): LabelledImages {
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError(part, `expected a positive number of images, got ${count}`);
  }
  const labels = Uint8Array.from({ length: count }, (_, i) => i % GLYPHS.length);
  RandomStream.of(seed, `synthetic-digits/${part}/labels`).shuffle(labels);
  const pen = RandomStream.of(seed, `synthetic-digits/${part}/pen`);
  const images = new Uint8Array(count * SIDE * SIDE);
  for (let i = 0; i < count; i++) {
    drawDigit(nth(labels, i), pen, images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
  }
  return { name: `synthetic digits ${part}`, count, height: SIDE, width: SIDE, images, labels };
}

function drawDigit(digit: number, pen: RandomStream, out: Uint8Array): void {
  const variants = nth(GLYPHS, digit);
  const variant = nth(variants, pen.integer(variants.length));
  const toPixels = randomAffine(pen);
  const radius = Math.min(Math.max(1.15 * Math.exp(0.28 * pen.normal()), 0.7), 2);
  const squaredDistances = new Float32Array(SIDE * SIDE).fill(Number.POSITIVE_INFINITY);
  for (const stroke of shake(variant, pen)) {
    const path = flatten(stroke).map(toPixels);
    for (let i = 1; i < path.length; i++) drawSegment(nth(path, i - 1), nth(path, i), radius, squaredDistances);
  }
  // One pixel of linear fall-off at the edge of the stroke is its coverage of the pixel, nearly.
  for (let i = 0; i < out.length; i++) {
    const coverage = radius + 0.5 - Math.sqrt(squaredDistances[i] as number);
    out[i] = Math.round(255 * Math.min(Math.max(coverage, 0), 1));
  }
}

/** Moves each control point by N(0, 0.022²); a point that two strokes share moves as one, so that they stay joined. */
function shake(strokes: readonly Stroke[], pen: RandomStream): Stroke[] {
  const moved = new Map<string, Point>();
  const move = (point: Point): Point => {
    const key = point.join();
    const known = moved.get(key);
    if (known) return known;
    const to: Point = [point[0] + 0.022 * pen.normal(), point[1] + 0.022 * pen.normal()];
    moved.set(key, to);
    return to;
  };
  return strokes.map(({ kind, points }) => ({ kind, points: points.map(move) }));
}

/** Maps the glyph's box to pixels: x' = R(rotation) · [[aspect, slant], [0, 1]] · scale · x + centre + shift. */
function randomAffine(pen: RandomStream): (point: Point) => Point {
  const scale = HEIGHT * (0.95 + 0.06 * pen.normal());
  const aspect = 1 + 0.12 * pen.normal();
  const slant = -0.1 + 0.16 * pen.normal();
  const rotation = 0.09 * pen.normal();
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const centre = (SIDE - 1) / 2;
  const [shiftX, shiftY] = [centre + 0.6 * pen.normal(), centre + 0.6 * pen.normal()];
  return ([x, y]) => {
    const [u, v] = [scale * (aspect * x + slant * y), scale * y];
    return [shiftX + cos * u - sin * v, shiftY + sin * u + cos * v];
  };
}

/** Lowers the squared distances (pixels²) of the pixels near the segment from a to b. */
function drawSegment([ax, ay]: Point, [bx, by]: Point, radius: number, squaredDistances: Float32Array): void {
  const reach = radius + 0.5;
  const [dx, dy] = [bx - ax, by - ay];
  const lengthSquared = dx * dx + dy * dy || 1;
  const top = Math.max(Math.ceil(Math.min(ay, by) - reach), 0);
  const bottom = Math.min(Math.floor(Math.max(ay, by) + reach), SIDE - 1);
  const left = Math.max(Math.ceil(Math.min(ax, bx) - reach), 0);
  const right = Math.min(Math.floor(Math.max(ax, bx) + reach), SIDE - 1);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / lengthSquared, 0), 1);
      const [u, v] = [x - ax - along * dx, y - ay - along * dy];
      const squared = u * u + v * v;
      const pixel = y * SIDE + x;
      if (squared < (squaredDistances[pixel] as number)) squaredDistances[pixel] = squared;
    }
  }
}
