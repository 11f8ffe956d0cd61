import { BLOCK } from './kernels';

/** The points of a fit in blocks of 64, each block dimension by dimension, as the kernels take them. */
export interface PointBlocks {
  /** Coordinate j of point n of block b is at (b·d + j)·64 + n. */
  readonly coordinates: Float64Array;
  /** One for each place in the blocks; 0 for those that only fill up the last one. */
  readonly weights: Float64Array;
  /** One component for each block that is likely to be near its points. */
  readonly homes: Float64Array;
  readonly d: number;
  /** How many blocks. */
  readonly count: number;
  /** Another one, another arrangement of the points. */
  readonly version: number;
}

/** Makes room for so many numbers, all 0. */
export type Allocate = (count: number) => Float64Array;

/** Points that can be arranged anew between two passes, so that those of one cluster stand together. */
export class ArrangedPoints implements PointBlocks {
  readonly coordinates: Float64Array;
  readonly weights: Float64Array;
  readonly homes: Float64Array;
  readonly count: number;
  version = 0;
  /** The point at each place. */
  private order: Uint32Array;

  /** @param points N×d, row-major. @param pointWeights N numbers > 0. */
  constructor(
    private readonly points: Float64Array,
    readonly d: number,
    private readonly pointWeights: Float64Array,
    allocate: Allocate = (count) => new Float64Array(count),
  ) {
    this.count = Math.ceil(pointWeights.length / BLOCK);
    this.coordinates = allocate(this.count * d * BLOCK);
    this.weights = allocate(this.count * BLOCK);
    this.homes = allocate(this.count);
    this.order = identity(pointWeights.length);
    this.write();
  }

  /** The points as they were given. */
  restore(): void {
    this.order = identity(this.pointWeights.length);
    this.homes.fill(0);
    this.write();
  }

  /** Points of one label together, in the order of the labels; within a label the order stays. @param labels one for each place. */
  arrange(labels: Float64Array, components: number): void {
    const next = new Uint32Array(components + 1);
    const { order } = this;
    for (let place = 0; place < order.length; place++) next[labels[place]! + 1]!++;
    for (let k = 0; k < components; k++) next[k + 1]! += next[k]!;
    const arranged = new Uint32Array(order.length);
    const sorted = new Float64Array(order.length);
    for (let place = 0; place < order.length; place++) {
      const label = labels[place]!;
      const to = next[label]!++;
      arranged[to] = order[place]!;
      sorted[to] = label;
    }
    this.order = arranged;
    for (let block = 0; block < this.count; block++) {
      this.homes[block] = sorted[Math.min(block * BLOCK + BLOCK / 2, order.length - 1)]!;
    }
    this.write();
  }

  private write(): void {
    const { order, points, d, coordinates, weights, pointWeights, count } = this;
    const last = order.length - 1;
    for (let place = 0; place < count * BLOCK; place++) {
      // The last point fills up: whatever is finite for it stays so.
      const point = order[Math.min(place, last)]!;
      const to = Math.floor(place / BLOCK) * d * BLOCK + (place % BLOCK);
      for (let j = 0, from = point * d; j < d; j++, from++) coordinates[to + j * BLOCK] = points[from]!;
      weights[place] = place > last ? 0 : pointWeights[point]!;
    }
    this.version++;
  }
}

function identity(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, n) => n);
}

/** Copies the point at a place into `out` at `offset`. */
export function copyPoint({ coordinates, d }: PointBlocks, place: number, out: Float64Array, offset: number): void {
  const from = Math.floor(place / BLOCK) * d * BLOCK + (place % BLOCK);
  for (let j = 0; j < d; j++) out[offset + j] = coordinates[from + j * BLOCK]!;
}
