import { diagonalMatrix, isPositiveDefinite, symmetricEigen } from '../../math/linear-algebra';
import { DiagonalNormal } from '../diagonal-normal';
import { FullNormal } from '../full-normal';
import type { MultivariateNormal } from '../multivariate-normal';

/**
 * What the components of a fitted mixture may look like: each its own covariance matrix; one matrix shared by all; each its
 * own variance per dimension; each one variance for all dimensions.
 */
export type CovarianceType = 'full' | 'tied' | 'diagonal' | 'spherical';

/** One component's soft count, mean and mean squared deviations (d×d, or the diagonal where the shape needs no more). */
export interface Cluster {
  readonly count: number;
  readonly mean: Float64Array;
  readonly scatter: Float64Array;
}

interface CovarianceShape {
  /** Whether `scatter` is a whole matrix (d×d) or its diagonal (d). */
  readonly matrix: boolean;
  /** The most likely components with every variance, in any direction, at least `floor`. */
  maximise(clusters: readonly Cluster[], floor: number): MultivariateNormal[];
}

export const COVARIANCE_SHAPES: { readonly [Type in CovarianceType]: CovarianceShape } = {
  full: {
    matrix: true,
    maximise: (clusters, floor) =>
      clusters.map(({ mean, scatter }) => new FullNormal(mean, raised(scatter, mean.length, floor))),
  },
  tied: {
    matrix: true,
    maximise: (clusters, floor) => {
      const covariance = raised(pooled(clusters), clusters[0]!.mean.length, floor);
      return clusters.map(({ mean }) => new FullNormal(mean, covariance));
    },
  },
  diagonal: {
    matrix: false,
    maximise: (clusters, floor) =>
      clusters.map(({ mean, scatter }) => {
        const stddev = scatter.map((variance) => Math.sqrt(Math.max(floor, variance)));
        return new DiagonalNormal(mean, stddev);
      }),
  },
  spherical: {
    matrix: false,
    maximise: (clusters, floor) =>
      clusters.map(({ mean, scatter }) => {
        const variance = scatter.reduce((sum, v) => sum + v, 0) / scatter.length;
        return new DiagonalNormal(mean, new Float64Array(mean.length).fill(Math.sqrt(Math.max(floor, variance))));
      }),
  },
};

/** The scatters' average, weighted by count. */
function pooled(clusters: readonly Cluster[]): Float64Array {
  const total = clusters.reduce((sum, { count }) => sum + count, 0);
  const average = new Float64Array(clusters[0]!.scatter.length);
  for (const { count, scatter } of clusters) {
    for (let i = 0; i < average.length; i++) average[i]! += (count / total) * scatter[i]!;
  }
  return average;
}

/**
 * The maximum-likelihood covariance for a scatter matrix under the constraint that no eigenvalue is below `floor`: the same
 * eigenvectors, small eigenvalues raised. (Adding the floor to the diagonal would not be a maximum, and the log-likelihood
 * could fall from one iteration to the next.)
 */
function raised(scatter: Float64Array, d: number, floor: number): Float64Array {
  const excess = Float64Array.from(scatter);
  for (let j = 0; j < d; j++) excess[j * d + j]! -= floor;
  if (isPositiveDefinite(excess, d)) return scatter;
  const { values, vectors } = symmetricEigen(scatter, d);
  const covariance = diagonalMatrix(new Float64Array(d));
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      for (let k = 0; k < d; k++) {
        covariance[i * d + j]! += vectors[i * d + k]! * Math.max(floor, values[k]!) * vectors[j * d + k]!;
      }
    }
  }
  return covariance;
}
