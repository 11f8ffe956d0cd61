import { isPositiveDefinite, symmetricEigen } from '../../math/linear-algebra';
import { nth } from '../../nth';
import type { Cluster } from './clusters';

/**
 * What the components of a fitted mixture may look like: each its own covariance matrix; one matrix shared by all; each its
 * own variance per dimension; each one variance for all dimensions.
 *
 * @example
 * ```ts
 * import { type CovarianceType, fitGaussianMixture } from 'gmm-vae';
 *
 * const data = [[0, 0], [1, 0.2], [0.3, 1], [5, 5], [6, 5.5], [5.2, 6]];
 * const fit = (covarianceType: CovarianceType) =>
 *   fitGaussianMixture(data, { components: 2, covarianceType, seed: 1 });
 * fit('full').logLikelihoods.at(-1); // -1.79949
 * fit('spherical').logLikelihoods.at(-1); // -1.80996
 * ```
 */
export type CovarianceType = 'full' | 'tied' | 'diagonal' | 'spherical';

/** A component's covariance: d×d with a shape of matrices, else the d variances. */
export interface Covariance {
  readonly entries: Float64Array;
  /** Whether some direction's variance was raised to the floor. */
  readonly floored: boolean;
}

export interface CovarianceShape {
  /** Whether a covariance is a whole matrix (d×d) or its diagonal (d). */
  readonly matrix: boolean;
  /** The most likely covariances Σ_k with Σ_k − diag(floor) positive semidefinite. */
  maximise(clusters: readonly Cluster[], floor: Float64Array): Covariance[];
  /** Free numbers in the covariances of K components in d dimensions. */
  parameters(components: number, d: number): number;
}

export const COVARIANCE_SHAPES: { readonly [Type in CovarianceType]: CovarianceShape } = {
  full: {
    matrix: true,
    maximise: (clusters, floor) => clusters.map(({ scatter }) => raised(scatter, floor)),
    parameters: (components, d) => (components * d * (d + 1)) / 2,
  },
  tied: {
    matrix: true,
    maximise: (clusters, floor) => {
      const covariance = raised(pooled(clusters), floor);
      return clusters.map(() => covariance);
    },
    parameters: (_, d) => (d * (d + 1)) / 2,
  },
  diagonal: {
    matrix: false,
    maximise: (clusters, floor) =>
      clusters.map(({ scatter }) => ({
        entries: scatter.map((variance, j) => Math.max(nth(floor, j), variance)),
        floored: scatter.some((variance, j) => variance < nth(floor, j)),
      })),
    parameters: (components, d) => components * d,
  },
  spherical: {
    matrix: false,
    maximise: (clusters, floor) => {
      const least = floor.reduce((a, b) => Math.max(a, b));
      return clusters.map(({ scatter }) => {
        const variance = scatter.reduce((sum, v) => sum + v, 0) / scatter.length;
        return { entries: scatter.map(() => Math.max(least, variance)), floored: variance < least };
      });
    },
    parameters: (components) => components,
  },
};

/** The scatters' average, weighted by count. */
function pooled(clusters: readonly Cluster[]): Float64Array {
  const total = clusters.reduce((sum, { count }) => sum + count, 0);
  const average = new Float64Array(nth(clusters, 0).scatter.length);
  for (const { count, scatter } of clusters) {
    for (let i = 0; i < average.length; i++) average[i]! += (count / total) * scatter[i]!;
  }
  return average;
}

/**
 * The maximum-likelihood covariance for a scatter matrix S under the constraint that Σ − F, F = diag(floor), is positive semidefinite: with
 * M = F^−½ S F^−½ the same eigenvectors, and eigenvalues below 1 raised to 1. (Adding the floor to the diagonal would not be a maximum, and the
 * log-likelihood could fall from one iteration to the next.)
 */
function raised(scatter: Float64Array, floor: Float64Array): Covariance {
  const d = floor.length;
  const root = floor.map(Math.sqrt);
  const relative = scatter.map((entry, i) => entry / nth(root, Math.floor(i / d)) / nth(root, i % d));
  const excess = relative.slice();
  for (let j = 0; j < d; j++) excess[j * d + j]! -= 1;
  if (isPositiveDefinite(excess, d)) return { entries: scatter, floored: false };
  const { values, vectors } = symmetricEigen(relative, d);
  const entries = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += vectors[i * d + k]! * Math.max(1, values[k]!) * vectors[j * d + k]!;
      entries[i * d + j] = sum * root[i]! * root[j]!;
      entries[j * d + i] = entries[i * d + j]!;
    }
  }
  return { entries, floored: values.some((value) => value < 1) };
}
