import { InvalidArgumentError } from '../../errors';
import { LOG_TWO_PI } from '../../math/elementary';
import { cholesky } from '../../math/linear-algebra';
import type { Covariance } from './covariance-shapes';
import { type Densities, factorLength } from './pass';

/** The components as they stand between two steps. */
export interface Estimate {
  /** π, of length K. */
  readonly weights: Float64Array;
  /** K×d. */
  readonly means: Float64Array;
  /** The weights, K of them. */
  readonly covariances: readonly Covariance[];
  readonly matrix: boolean;
}

export interface EstimateDensities extends Densities {
  /** Each component's smallest variance given the coordinates before it, of length K. */
  readonly narrowest: Float64Array;
}

/**
 * A component is left out for a point of which its share, over its own weight, is below 2^−60: all such points together are below 2^−60 of the
 * weight, so that no sum loses a digit.
 */
const NEGLIGIBLE = 60 * Math.LN2;

/** The log densities' parameters. @throws InvalidArgumentError where a covariance is singular beside its own largest variance. */
export function densitiesOf({ weights, means, covariances, matrix }: Estimate): EstimateDensities {
  const components = weights.length;
  const d = means.length / components;
  const size = factorLength(d, matrix);
  const factors = new Float64Array(components * size);
  const narrowest = new Float64Array(components);
  const logRoots = new Float64Array(components);
  covariances.forEach((covariance, k) => {
    const out = factors.subarray(k * size, (k + 1) * size);
    if (k > 0 && covariance === covariances[k - 1]) {
      out.set(factors.subarray((k - 1) * size, k * size));
      logRoots[k] = logRoots[k - 1]!;
      narrowest[k] = narrowest[k - 1]!;
      return;
    }
    const scales = matrix ? invertFull(covariance.entries, d, out) : invertDiagonal(covariance.entries, out);
    for (const scale of scales) logRoots[k]! -= Math.log(scale);
    narrowest[k] = 1 / Math.max(...scales) ** 2;
  });
  const logConstants = logRoots.map((logRoot) => -logRoot - 0.5 * d * LOG_TWO_PI);
  const constants = logConstants.map((constant, k) => Math.log(weights[k]!) + constant);
  const ceilings = logConstants.map((constant, k) => (weights[k]! > 0 ? constant + NEGLIGIBLE : -Infinity));
  return { components, matrix, constants, ceilings, means, factors, narrowest };
}

/** Writes 1/σ and returns it. */
function invertDiagonal(variances: Float64Array, out: Float64Array): Float64Array {
  for (let j = 0; j < variances.length; j++) out[j] = 1 / Math.sqrt(variances[j]!);
  return out;
}

/** Writes L⁻¹, LLᵀ = Σ, packed in tiles of four rows (see assembly/mixture.ts); returns its diagonal, 1/L_jj. */
function invertFull(covariance: Float64Array, d: number, out: Float64Array): Float64Array {
  const inverse = inverseFactor(covariance, d);
  let at = 0;
  for (let row = 0; row < d; row += 4) {
    for (let column = 0; column < Math.min(d, row + 4); column++) {
      for (let i = row; i < row + 4; i++, at++) out[at] = i < d ? inverse[i * d + column]! : 0;
    }
  }
  return Float64Array.from({ length: d }, (_, j) => inverse[j * d + j]!);
}

/** L⁻¹, lower triangular, row-major. */
function inverseFactor(covariance: Float64Array, d: number): Float64Array {
  const lower = factorOf(covariance, d);
  const inverse = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    inverse[j * d + j] = 1 / lower[j * d + j]!;
    for (let i = j + 1; i < d; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= lower[i * d + k]! * inverse[k * d + j]!;
      inverse[i * d + j] = sum / lower[i * d + i]!;
    }
  }
  return inverse;
}

function factorOf(covariance: Float64Array, d: number): Float64Array {
  try {
    return cholesky(covariance, d, 'covarianceFloor');
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(
      'covarianceFloor',
      'expected a floor that keeps covariances from being singular beside rounding: some variance is below 1e-14 of another; raise it',
    );
  }
}
