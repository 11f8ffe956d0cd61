import { InvalidArgumentError } from '../../errors';
import { logSumExp } from '../../math/log-sum-exp';
import { RandomStream } from '../../math/random';
import { GaussianMixture } from '../gaussian-mixture';
import type { MultivariateNormal } from '../multivariate-normal';
import { shown } from '../validate';
import type { CovarianceType } from './covariance-shapes';
import { COVARIANCE_SHAPES } from './covariance-shapes';
import { kMeans } from './k-means';
import { softClusters } from './soft-clusters';
import { standardise } from './standardise';

export type { CovarianceType } from './covariance-shapes';

export interface FitOptions {
  /** K, at most the number of different points. */
  readonly components: number;
  readonly covarianceType: CovarianceType;
  readonly seed: number;
  /** The smallest variance a component may have in any direction, as a fraction of the data's. Default 1e-6. */
  readonly covarianceFloor?: number;
  /** Default 500. */
  readonly maxIterations?: number;
  /** Stop when an iteration gains less than this many nats per point. Default 1e-7. */
  readonly tolerance?: number;
}

export interface GaussianMixtureFit {
  readonly mixture: GaussianMixture;
  /** The mean log-likelihood per point in nats, of the start and after each iteration: never falling, up to rounding. */
  readonly logLikelihoods: readonly number[];
  readonly iterations: number;
  /** False when `maxIterations` ended it. */
  readonly converged: boolean;
}

/**
 * Fits a mixture by expectation maximisation (Dempster, Laird and Rubin 1977) from a k-means++ start. The same data and seed
 * give the same fit.
 *
 * Each dimension is first scaled to variance 1 (with `spherical`, all by one factor), so the units of the data do not matter
 * to the start or to the floor.
 * @param data N rows of d numbers, for a mixture of event shape [d]; or N numbers, for one of event shape [].
 * @throws InvalidArgumentError naming the entry of `data` or the option at fault.
 */
export function fitGaussianMixture(
  data: ArrayLike<number> | ArrayLike<ArrayLike<number>>,
  options: FitOptions,
): GaussianMixtureFit {
  const { components, covarianceType, seed, covarianceFloor, maxIterations, tolerance } = checked(options);
  const { points, d, logScale, toData } = standardise(data, covarianceType === 'spherical');
  const count = points.length / d;

  const responsibilities = new Float64Array(count * components);
  kMeans(points, d, components, RandomStream.of(seed, 'distributions/fit-gaussian-mixture')).forEach((k, n) => {
    responsibilities[n * components + k] = 1;
  });
  const shape = COVARIANCE_SHAPES[covarianceType];
  const maximise = (previous: Estimate | null): Estimate => {
    const clusters = softClusters(points, d, responsibilities, components, shape.matrix);
    const fitted = shape.maximise(clusters, covarianceFloor);
    return {
      weights: clusters.map((cluster) => cluster.count / count),
      // A component that lost all its points keeps its place with weight zero: the likelihood does not depend on it.
      components: fitted.map((component, k) =>
        clusters[k]!.count > 0 ? component : (previous?.components[k] ?? component),
      ),
    };
  };

  let estimate = maximise(null);
  const logLikelihoods = [expect(points, d, estimate, responsibilities) - logScale];
  let converged = false;
  while (!converged && logLikelihoods.length <= maxIterations) {
    estimate = maximise(estimate);
    logLikelihoods.push(expect(points, d, estimate, responsibilities) - logScale);
    converged = logLikelihoods.at(-1)! - logLikelihoods.at(-2)! < tolerance;
  }
  const mixture = new GaussianMixture(estimate.weights, estimate.components.map(toData));
  return { mixture, logLikelihoods, iterations: logLikelihoods.length - 1, converged };
}

interface Estimate {
  readonly weights: readonly number[];
  readonly components: readonly MultivariateNormal[];
}

/** E step: writes p(k | x_n) to responsibilities[n, k] and returns the mean of ln p(x_n). */
function expect(
  points: Float64Array,
  d: number,
  { weights, components }: Estimate,
  responsibilities: Float64Array,
): number {
  const logWeights = weights.map(Math.log);
  const terms = new Float64Array(components.length);
  const count = points.length / d;
  let sum = 0;
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < terms.length; k++) {
      terms[k] = logWeights[k] === -Infinity ? -Infinity : logWeights[k]! + components[k]!.logProbAt(points, n * d);
    }
    const total = logSumExp(terms);
    for (let k = 0; k < terms.length; k++) responsibilities[n * terms.length + k] = Math.exp(terms[k]! - total);
    sum += total;
  }
  return sum / count;
}

function checked(options: FitOptions): Required<FitOptions> {
  const settings = { covarianceFloor: 1e-6, maxIterations: 500, tolerance: 1e-7, ...options };
  for (const name of ['components', 'maxIterations'] as const) {
    if (Number.isSafeInteger(settings[name]) && settings[name] >= 1) continue;
    throw new InvalidArgumentError(name, `expected a positive integer, got ${shown(settings[name])}`);
  }
  for (const name of ['covarianceFloor', 'tolerance'] as const) {
    if (settings[name] > 0 && settings[name] < Infinity) continue;
    throw new InvalidArgumentError(name, `expected a finite number > 0, got ${shown(settings[name])}`);
  }
  if (!Object.hasOwn(COVARIANCE_SHAPES, settings.covarianceType)) {
    const known = Object.keys(COVARIANCE_SHAPES).join(', ');
    throw new InvalidArgumentError('covarianceType', `expected one of ${known}, got ${shown(settings.covarianceType)}`);
  }
  return settings;
}
