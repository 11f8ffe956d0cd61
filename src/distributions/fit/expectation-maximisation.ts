import { InvalidArgumentError } from '../../errors';
import { nth } from '../../nth';
import { type Cluster, clustersFrom } from './clusters';
import type { CovarianceShape } from './covariance-shapes';
import { densitiesOf, type Estimate, type EstimateDensities } from './estimate';
import type { Passes } from './k-means';
import { type Densities, type Pass, parameters } from './pass';
import type { PointBlocks } from './point-blocks';

export interface EmProblem {
  readonly points: PointBlocks;
  readonly shape: CovarianceShape;
  /** The smallest variance in each direction of the axes; of length d. */
  readonly floor: Float64Array;
  /** Σ_n w_n. */
  readonly totalWeight: number;
  readonly maxIterations: number;
  readonly tolerance: number;
  /** Whether the start may be of another shape or below the floor, so that the first iteration may lose likelihood. */
  readonly foreignStart: boolean;
  /** Called with the mean log-likelihood of the start and after each iteration. */
  readonly onIteration: (iteration: number, logLikelihood: number) => void;
}

export interface EmRun {
  readonly estimate: Estimate;
  readonly logLikelihoods: readonly number[];
  readonly converged: boolean;
}

/** Iterates from a start until an iteration gains less than the tolerance. */
export function* maximiseExpectation(problem: EmProblem, start: Estimate): Passes<EmRun> {
  const { totalWeight, maxIterations, tolerance, foreignStart, onIteration } = problem;
  let estimate = start;
  let densities = densitiesOf(start);
  const logLikelihoods: number[] = [];
  for (let iteration = 0; ; iteration++) {
    const remaining = Math.min(maxIterations, 2 * iteration + 20) - iteration;
    const sums = yield softPass(problem, densities, estimate.means, remaining);
    const logLikelihood = nth(sums, 0) / totalWeight;
    if (!Number.isFinite(logLikelihood)) throw farFromAll(logLikelihood);
    logLikelihoods.push(logLikelihood);
    onIteration(iteration, logLikelihood);
    const gain = logLikelihood - (logLikelihoods.at(-2) ?? -Infinity);
    // A tolerance of 0 asks for every iteration, also those that rounding makes a loss.
    const converged = tolerance > 0 && gain < tolerance && !(foreignStart && iteration === 1);
    if (converged || iteration === maxIterations) return { estimate, logLikelihoods, converged };
    ({ estimate, densities } = yield* maximise(problem, densities, estimate, sums));
  }
}

interface Step {
  readonly estimate: Estimate;
  readonly densities: EstimateDensities;
}

/** M step: the most likely components for the responsibilities of the pass behind `sums`. */
function* maximise(problem: EmProblem, under: Densities, previous: Estimate, sums: Float64Array): Passes<Step> {
  const { d } = problem.points;
  const { matrix } = problem.shape;
  const step = (found: Float64Array, centres: Float64Array): Step => {
    const estimate = estimateFrom(problem, clustersFrom(found.subarray(1), centres, d, matrix), previous);
    return { estimate, densities: densitiesOf(estimate) };
  };
  const next = step(sums, previous.means);
  if (!movedFar(previous.means, next.densities)) return next;
  // The same responsibilities, summed about the means that they give.
  const { means } = next.estimate;
  return step(yield softPass(problem, under, means, 0), means);
}

function softPass(
  { points: { d }, shape }: EmProblem,
  densities: Densities,
  centres: Float64Array,
  remaining: number,
): Pass {
  const { components, matrix } = densities;
  const second = shape.matrix ? 2 : 1;
  return { kind: 'soft', components, d, matrix, second, parameters: parameters(densities, centres), remaining };
}

/** How far a mean may shift, squared and over the smallest variance, before one pass costs the variance more than 5 of its 16 digits. */
const FAR = 1e5;

function movedFar(before: Float64Array, { means, narrowest }: EstimateDensities): boolean {
  const d = means.length / narrowest.length;
  return narrowest.some((variance, k) => {
    let shift = 0;
    for (let i = k * d; i < (k + 1) * d; i++) shift += (means[i]! - before[i]!) ** 2;
    return shift > FAR * variance;
  });
}

/**
 * @param previous where there is one: a component that has lost all its points keeps its place there with weight zero, since the likelihood does
 *   not depend on it.
 */
export function estimateFrom(
  { shape, floor, totalWeight }: Pick<EmProblem, 'shape' | 'floor' | 'totalWeight'>,
  clusters: readonly Cluster[],
  previous: Estimate | null,
): Estimate {
  const d = floor.length;
  const covariances = shape.maximise(clusters, floor);
  const means = new Float64Array(clusters.length * d);
  clusters.forEach(({ mean }, k) => {
    means.set(mean, k * d);
  });
  const weights = Float64Array.from(clusters, ({ count }) => count / totalWeight);
  return {
    weights,
    means,
    matrix: shape.matrix,
    covariances: covariances.map((covariance, k) => {
      const kept = weights[k] === 0 && previous?.matrix === shape.matrix ? previous.covariances[k] : undefined;
      return kept ?? covariance;
    }),
  };
}

function farFromAll(logLikelihood: number): InvalidArgumentError {
  const problem = `expected a mixture under which every point has a density above zero in float64; the mean log-likelihood is ${logLikelihood}`;
  return new InvalidArgumentError('warmStart', problem);
}
