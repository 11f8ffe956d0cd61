import { diagonalMatrix } from '../math/linear-algebra';
import { DiagonalNormal } from './diagonal-normal';
import { FullNormal } from './full-normal';
import type { Normal } from './normal';

/**
 * The multivariate normal distribution N(μ, Σ) over ℝ^d, event shape [d].
 *
 * @example
 * ```ts
 * import { klDivergence, MultivariateNormal } from 'gmm-vae';
 *
 * const diagonal = MultivariateNormal.diagonal([0, 1], [1, 2]);
 * const full = MultivariateNormal.full([0, 1], [[1, 0.5], [0.5, 4]]);
 * diagonal.logProb([0, 1]); // -2.53102
 * full.covarianceMatrix(); // [1, 0.5, 0.5, 4]
 * klDivergence(full, diagonal); // 0.0322693
 * ```
 */
export type MultivariateNormal = DiagonalNormal | FullNormal;

/** Makes multivariate normals: N(mean, diag(stddev²)) or N(mean, covariance). */
export const MultivariateNormal: {
  /**
   * N(mean, diag(stddev²)).
   * @throws InvalidArgumentError naming the entry that is not finite, not positive or missing.
   */
  diagonal(mean: ArrayLike<number>, stddev: ArrayLike<number>): DiagonalNormal;
  /**
   * N(mean, covariance), the covariance as rows or as row-major entries.
   * @throws InvalidArgumentError naming the entry at fault or the pivot that is not positive.
   */
  full(mean: ArrayLike<number>, covariance: ArrayLike<number> | ArrayLike<ArrayLike<number>>): FullNormal;
} = {
  diagonal: (mean, stddev) => new DiagonalNormal(mean, stddev),
  full: (mean, covariance) => new FullNormal(mean, covariance),
};

/** Any single normal distribution, scalar or vector. */
export type Gaussian = Normal | MultivariateNormal;

/** μ as a vector of length d. */
export function meanOf(g: Gaussian): Float64Array {
  return g.kind === 'normal' ? Float64Array.of(g.mean) : g.mean;
}

/** σ as a vector of length d; null where the covariance is full. */
export function stddevOf(g: Gaussian): Float64Array | null {
  if (g.kind === 'full') return null;
  return g.kind === 'normal' ? Float64Array.of(g.stddev) : g.stddev;
}

/** The lower triangular L with Σ = L·Lᵀ, row-major d×d. */
export function factorOf(g: Gaussian): Float64Array {
  if (g.kind === 'full') return g.factor;
  return diagonalMatrix(g.kind === 'normal' ? [g.stddev] : g.stddev);
}
