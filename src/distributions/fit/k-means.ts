import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';

const MAX_ROUNDS = 50;

/**
 * A hard clustering of N points into K: k-means++ start (Arthur and Vassilvitskii 2007), then Lloyd's rounds until no point
 * changes its cluster.
 * @param points N×d, row-major.
 * @returns the cluster of each point, of length N.
 * @throws InvalidArgumentError when fewer than K points differ.
 */
export function kMeans(points: Float64Array, d: number, clusters: number, stream: RandomStream): Int32Array {
  const centres = plusPlusCentres(points, d, clusters, stream);
  const labels = new Int32Array(points.length / d).fill(-1);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let moved = 0;
    for (let n = 0; n < labels.length; n++) {
      const nearest = nearestCentre(points, n * d, centres, d);
      if (nearest !== labels[n]) moved++;
      labels[n] = nearest;
    }
    if (moved === 0) break;
    moveCentres(points, d, labels, centres);
  }
  return labels;
}

/** The first centre is a point drawn uniformly, each next one a point drawn in proportion to its squared distance to them. */
function plusPlusCentres(points: Float64Array, d: number, clusters: number, stream: RandomStream): Float64Array {
  const count = points.length / d;
  const centres = new Float64Array(clusters * d);
  const distances = new Float64Array(count).fill(Infinity);
  let chosen = stream.integer(count);
  for (let k = 0; k < clusters; k++) {
    centres.set(points.subarray(chosen * d, chosen * d + d), k * d);
    let total = 0;
    for (let n = 0; n < count; n++) {
      distances[n] = Math.min(distances[n]!, squaredDistance(points, n * d, centres, k * d, d));
      total += distances[n]!;
    }
    if (k + 1 === clusters) break;
    if (total === 0) {
      throw new InvalidArgumentError('data', `expected at least ${clusters} different points, got ${k + 1}`);
    }
    chosen = drawInProportion(distances, stream.uniform() * total);
  }
  return centres;
}

/** The index at which the running sum of `shares` passes `target`; never one whose share is zero. */
function drawInProportion(shares: Float64Array, target: number): number {
  let sum = 0;
  let last = 0;
  for (let n = 0; n < shares.length; n++) {
    if (shares[n]! === 0) continue;
    last = n;
    sum += shares[n]!;
    if (sum >= target) break;
  }
  return last;
}

function nearestCentre(points: Float64Array, at: number, centres: Float64Array, d: number): number {
  let nearest = 0;
  let smallest = Infinity;
  for (let k = 0; k * d < centres.length; k++) {
    const distance = squaredDistance(points, at, centres, k * d, d);
    if (distance < smallest) {
      smallest = distance;
      nearest = k;
    }
  }
  return nearest;
}

function squaredDistance(a: Float64Array, at: number, b: Float64Array, bt: number, d: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) {
    const difference = a[at + j]! - b[bt + j]!;
    sum += difference * difference;
  }
  return sum;
}

/** Each centre becomes the mean of its points; one that lost all of them stays. */
function moveCentres(points: Float64Array, d: number, labels: Int32Array, centres: Float64Array): void {
  const sums = new Float64Array(centres.length);
  const counts = new Float64Array(centres.length / d);
  labels.forEach((k, n) => {
    counts[k]!++;
    for (let j = 0; j < d; j++) sums[k * d + j]! += points[n * d + j]!;
  });
  for (let i = 0; i < centres.length; i++) {
    const count = counts[Math.floor(i / d)]!;
    if (count > 0) centres[i] = sums[i]! / count;
  }
}
