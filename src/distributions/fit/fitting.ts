import { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import type { GaussianMixture } from '../gaussian-mixture';
import { clustersFrom } from './clusters';
import { COVARIANCE_SHAPES, type CovarianceShape } from './covariance-shapes';
import type { Estimate } from './estimate';
import { type EmRun, estimateFrom, maximiseExpectation } from './expectation-maximisation';
import { type FitOptions, type FitSettings, fitSettings } from './fit-options';
import { fitWarnings } from './fit-warnings';
import { floorOf } from './floor';
import { type InformationCriteria, informationCriteria } from './information-criteria';
import { kMeans, nearest, type Passes } from './k-means';
import { type Allocate, ArrangedPoints } from './point-blocks';
import { type Standardised, standardise } from './standardise';
import { fromData, toData } from './to-data';

/**
 * A mixture fitted by EM: the best of its starts, with what each start came to. Log likelihoods in nats a point.
 *
 * @example
 * ```ts
 * import { fitGaussianMixture, type GaussianMixtureFit } from 'gmm-vae';
 *
 * const fit: GaussianMixtureFit = fitGaussianMixture([-2, -1.9, -2.1, 3, 3.1, 2.9], {
 *   components: 2,
 *   covarianceType: 'diagonal',
 *   seed: 1,
 * });
 * fit.mixture.weights; // [0.5, 0.5]
 * fit.starts.length; // 1
 * fit.warnings; // []
 * ```
 */
export interface GaussianMixtureFit extends InformationCriteria {
  readonly mixture: GaussianMixture;
  /**
   * The mean log-likelihood per point in nats, of the best start's beginning and after each iteration: never falling, up to rounding, but for the first
   * iteration from a warm start that is not of the shape, or below the floor.
   */
  readonly logLikelihoods: readonly number[];
  readonly iterations: number;
  /** False when `maxIterations` ended it. */
  readonly converged: boolean;
  /** How each start ended, in their order. */
  readonly starts: readonly FitStart[];
  /** What makes the fit doubtful: covariances at the floor, outliers that set it, dimensions without spread. */
  readonly warnings: readonly string[];
}

/**
 * What one start of EM came to.
 *
 * @example
 * ```ts
 * import { fitGaussianMixture, type FitStart } from 'gmm-vae';
 *
 * const { starts } = fitGaussianMixture([-2, -1.9, -2.1, 3, 3.1, 2.9], {
 *   components: 2,
 *   covarianceType: 'diagonal',
 *   seed: 1,
 *   starts: 3,
 * });
 * starts.filter((start: FitStart) => start.best).length; // 1
 * ```
 */
export interface FitStart {
  /** Mean per point in nats. */
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** Whether this is the start that was kept: the first of those with the highest likelihood. */
  readonly best: boolean;
}

/** A fit that asks for passes over its points, whatever runs them. */
export class Fitting {
  readonly points: ArrangedPoints;
  private readonly settings: FitSettings;
  private readonly shape: CovarianceShape;
  private readonly given: Standardised;
  private readonly floor: Float64Array;
  private readonly warmStart: Estimate | null;

  /** @throws InvalidArgumentError naming the entry of `data` or the option at fault. */
  constructor(data: ArrayLike<number> | ArrayLike<ArrayLike<number>>, options: FitOptions, allocate?: Allocate) {
    this.settings = fitSettings(options);
    const { covarianceType, pointWeights, warmStart, components } = this.settings;
    this.given = standardise(data, covarianceType === 'spherical', pointWeights);
    const { points, weights, coordinates } = this.given;
    this.points = new ArrangedPoints(points, coordinates.d, weights, allocate);
    // In one dimension a matrix is a variance.
    const type = coordinates.d === 1 && covarianceType === 'full' ? 'diagonal' : covarianceType;
    this.shape = COVARIANCE_SHAPES[type];
    this.floor = floorOf(this.settings.floor, coordinates);
    this.warmStart = warmStart && fromData(warmStart, components, coordinates);
  }

  *run(): Passes<GaussianMixtureFit> {
    const runs: EmRun[] = [];
    let best = 0;
    for (let start = 0; start < this.settings.starts; start++) {
      const run = yield* this.runStart(start);
      runs.push(run);
      if (last(run) > last(nth(runs, best))) best = start;
    }
    return this.result(runs, best);
  }

  private *runStart(start: number): Passes<EmRun> {
    const { points, shape, floor, settings, given } = this;
    const { maxIterations, tolerance, onProgress, starts } = settings;
    const { totalWeight } = given;
    const warm = start === 0 ? this.warmStart : null;
    const problem = { points, shape, floor, totalWeight, maxIterations, tolerance, foreignStart: warm !== null };
    const report = (iteration: number | null, logLikelihood: number | null): void =>
      onProgress({
        start: start + 1,
        starts,
        iteration,
        logLikelihood: logLikelihood === null ? null : logLikelihood - given.logScale,
      });
    const from = warm ?? (yield* this.clustered(start, () => report(null, null)));
    return yield* maximiseExpectation({ ...problem, onIteration: report }, from);
  }

  /** The most likely components where each point belongs to its nearest k-means centre. */
  private *clustered(start: number, onPass: () => void): Passes<Estimate> {
    const { points, shape, floor, settings, given } = this;
    // Every start draws from the points as they were given.
    if (start > 0) points.restore();
    const name = `distributions/fit-gaussian-mixture${start === 0 ? '' : `/${start}`}`;
    const centres = yield* kMeans(points, settings.components, RandomStream.of(settings.seed, name), onPass);
    const sums = yield nearest(centres, points.d, shape.matrix ? 2 : 1);
    const clusters = clustersFrom(sums.subarray(1), centres, points.d, shape.matrix);
    return estimateFrom({ shape, floor, totalWeight: given.totalWeight }, clusters, null);
  }

  private result(runs: readonly EmRun[], best: number): GaussianMixtureFit {
    const { settings, given, floor } = this;
    const { estimate, logLikelihoods, converged } = nth(runs, best);
    const moved = logLikelihoods.map((value) => value - given.logScale);
    const shape = { components: settings.components, d: given.coordinates.d, covarianceType: settings.covarianceType };
    return {
      mixture: toData(estimate, given.coordinates, COVARIANCE_SHAPES[settings.covarianceType].matrix),
      logLikelihoods: moved,
      iterations: moved.length - 1,
      converged,
      ...informationCriteria(nth(moved, -1), given.count, shape),
      starts: runs.map((run, i) => ({
        logLikelihood: last(run) - given.logScale,
        iterations: run.logLikelihoods.length - 1,
        converged: run.converged,
        best: i === best,
      })),
      warnings: fitWarnings(estimate, given, settings.floor, floor),
    };
  }
}

function last({ logLikelihoods }: EmRun): number {
  return nth(logLikelihoods, -1);
}
