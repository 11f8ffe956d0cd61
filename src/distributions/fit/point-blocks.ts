import { BLOCK } from './kernels';

/** The points of a fit in blocks of 64, each block dimension by dimension, as the kernels take them. */
export interface PointBlocks {
  /** Coordinate j of point n of block b is at (b·d + j)·64 + n. */
  readonly coordinates: Float64Array;
  /** One for each place in the blocks; 0 for those that only fill up the last one. */
  readonly weights: Float64Array;
  readonly d: number;
  /** How many blocks. */
  readonly count: number;
}

/** @param points N×d, row-major. @param weights N numbers > 0. */
export function pointBlocks(points: Float64Array, d: number, weights: Float64Array): PointBlocks {
  const last = weights.length - 1;
  const count = Math.ceil(weights.length / BLOCK);
  const coordinates = new Float64Array(count * d * BLOCK);
  for (let place = 0; place < count * BLOCK; place++) {
    // The last point fills up: whatever is finite for it stays so.
    const from = Math.min(place, last) * d;
    const to = Math.floor(place / BLOCK) * d * BLOCK + (place % BLOCK);
    for (let j = 0; j < d; j++) coordinates[to + j * BLOCK] = points[from + j]!;
  }
  const padded = new Float64Array(count * BLOCK);
  padded.set(weights);
  return { coordinates, weights: padded, d, count };
}

/** Copies the point at a place into `out` at `offset`. */
export function copyPoint({ coordinates, d }: PointBlocks, place: number, out: Float64Array, offset: number): void {
  const from = Math.floor(place / BLOCK) * d * BLOCK + (place % BLOCK);
  for (let j = 0; j < d; j++) out[offset + j] = coordinates[from + j * BLOCK]!;
}
