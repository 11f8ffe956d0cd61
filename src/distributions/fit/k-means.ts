import { InvalidArgumentError } from '../../errors';
import { searchSorted } from '../../math/cumulative';
import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { BLOCK, type SecondMoments } from './kernels';
import { type Densities, type Pass, parameters } from './pass';
import { type ArrangedPoints, copyPoint, type PointBlocks } from './point-blocks';

const MOST_ROUNDS = 50;

/** Lloyd's rounds end when the centres together moved by less than this, squared, beside the data's variances, which are 1. */
const STILL = 1e-4;

/** What a pass over the points that the generator yields returns. */
export type Passes<Result> = Generator<Pass, Result, Float64Array>;

/**
 * The centres of a clustering of the points into K, K×d: a greedy k-means++ start, then Lloyd's rounds until the centres stand still. It leaves the points
 * arranged by cluster.
 * @param onPass called after each pass over the points.
 * @throws InvalidArgumentError when fewer than K points differ.
 */
export function* kMeans(
  points: ArrangedPoints,
  clusters: number,
  stream: RandomStream,
  onPass: () => void,
): Passes<Float64Array> {
  let centres = yield* plusPlusCentres(points, clusters, stream, onPass);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    // Where points of one cluster stand together, most centres are out of the question for a whole block.
    if (round < 2) points.arrange(yield nearest(centres, points.d, 'labels'), clusters);
    const moved = yield* movedCentres(points, centres);
    onPass();
    let shift = 0;
    for (let i = 0; i < centres.length; i++) shift += (moved[i]! - centres[i]!) ** 2;
    centres = moved;
    if (shift <= STILL * points.d) break;
  }
  points.arrange(yield nearest(centres, points.d, 'labels'), clusters);
  return centres;
}

/**
 * Each centre a point, the first drawn in proportion to its weight. For each next one some points are drawn in proportion to their weight times
 * squared distance from the centres so far, and the one that leaves the smallest sum of these becomes a centre (Arthur and Vassilvitskii 2007, the greedy form
 * of their section on experiments, with as many candidates as scikit-learn takes).
 */
function* plusPlusCentres(
  points: PointBlocks,
  clusters: number,
  stream: RandomStream,
  onPass: () => void,
): Passes<Float64Array> {
  const { d, weights } = points;
  const centres = new Float64Array(clusters * d);
  const candidates = 2 + Math.floor(Math.log(clusters));
  const distances = new Float64Array(weights.length).fill(Infinity);
  const cumulative = runningTotals(weights, null, new Float64Array(weights.length));
  for (let k = 0; k < clusters; k++) {
    const total = nth(cumulative, -1);
    if (total === 0) {
      const problem = `expected at least ${clusters} different points, got ${k} (below 1e-154 of the data's spread, differences count as none)`;
      throw new InvalidArgumentError('data', problem);
    }
    const drawn = new Float64Array((k === 0 ? 1 : candidates) * d);
    for (let at = 0; at < drawn.length; at += d) {
      copyPoint(points, pickedInProportion(cumulative, stream.uniform()), drawn, at);
    }
    const terms = yield distancesFrom(drawn, d, clusters - k);
    onPass();
    const best = closest(terms, drawn.length / d, distances, weights);
    centres.set(drawn.subarray(best * d, (best + 1) * d), k * d);
    takeOver(terms, drawn.length / d, best, distances);
    runningTotals(weights, distances, cumulative);
  }
  return centres;
}

/** out[n] = Σ_{i ≤ n} w_i D_i, or of the weights alone. */
function runningTotals(weights: Float64Array, distances: Float64Array | null, out: Float64Array): Float64Array {
  let total = 0;
  for (let n = 0; n < out.length; n++) {
    total += weights[n]! * (distances === null ? 1 : distances[n]!);
    out[n] = total;
  }
  return out;
}

/** The place that the uniform number u in (0, 1) picks; never one that adds nothing. */
function pickedInProportion(cumulative: Float64Array, u: number): number {
  let place = searchSorted(cumulative, u * nth(cumulative, -1));
  while (place > 0 && cumulative[place] === cumulative[place - 1]) place--;
  return place;
}

/** The candidate that leaves the smallest Σ_n w_n min(D_n, distance). */
function closest(terms: Float64Array, candidates: number, distances: Float64Array, weights: Float64Array): number {
  const sums = new Float64Array(candidates);
  for (let block = 0, row = 0; block < distances.length; block += BLOCK) {
    for (let c = 0; c < candidates; c++) {
      let sum = 0;
      for (let n = block; n < block + BLOCK; n++, row++) sum += weights[n]! * Math.min(distances[n]!, -2 * terms[row]!);
      sums[c]! += sum;
    }
  }
  return sums.indexOf(Math.min(...sums));
}

function takeOver(terms: Float64Array, candidates: number, chosen: number, distances: Float64Array): void {
  for (let block = 0; block < distances.length; block += BLOCK) {
    let row = block * candidates + chosen * BLOCK;
    for (let n = block; n < block + BLOCK; n++, row++) distances[n] = Math.min(distances[n]!, -2 * terms[row]!);
  }
}

/** A pass whose terms are −½‖x − c‖². */
function distancesFrom(centres: Float64Array, d: number, remaining: number): Pass {
  const densities = unitSpheres(centres, d);
  const { components, matrix } = densities;
  return { kind: 'terms', components, d, matrix, second: 0, parameters: parameters(densities, centres), remaining };
}

/** A pass that gives each point to its nearest centre and returns which that is or, with the second moments that are asked for, the sums. */
export function nearest(centres: Float64Array, d: number, wanted: 'labels' | SecondMoments): Pass {
  const densities = unitSpheres(centres, d);
  const { components, matrix } = densities;
  const shape = { components, d, matrix, parameters: parameters(densities, centres), remaining: 10 };
  return wanted === 'labels' ? { ...shape, kind: wanted, second: 0 } : { ...shape, kind: 'hard', second: wanted };
}

function unitSpheres(means: Float64Array, d: number): Densities {
  const components = means.length / d;
  const factors = new Float64Array(means.length).fill(1);
  const constants = new Float64Array(components);
  return { components, matrix: false, constants, ceilings: constants, means, factors };
}

/** Each centre becomes the mean of its points; one that lost all of them stays. */
function* movedCentres({ d }: PointBlocks, centres: Float64Array): Passes<Float64Array> {
  const sums = yield nearest(centres, d, 0);
  return centres.map((centre, i) => {
    const first = 1 + Math.floor(i / d) * (1 + d);
    const count = sums[first]!;
    return count > 0 ? centre + sums[first + 1 + (i % d)]! / count : centre;
  });
}
