import type { Gaussian } from '../distributions/multivariate-normal';
import { factorOf, meanOf, stddevOf } from '../distributions/multivariate-normal';
import type { Normal } from '../distributions/normal';
import { expm1MinusX, logRatio, sqrt1pMinus1, squareError } from '../math/elementary';
import { solveLowerInPlace, whitenSymmetric } from '../math/linear-algebra';

// Every formula below is a sum of terms that are never negative, so nothing cancels and tiny divergences keep their digits.
// Valid arguments are finite, hence a NaN on the way is ∞ − ∞ or 0·∞ from an overflow: the divergence exceeds every float.

/**
 * KL(q‖p) = Σ_j ½[λ_j − 1 − ln λ_j + ((μ_j − m_j)/s_j)²] with λ_j = σ_j²/s_j², for q = N(μ, diag σ²), p = N(m, diag s²).
 * Equation (9) is the case m = 0, s = 1.
 */
export function diagonalKl(mu: Float64Array, sigma: Float64Array, m: Float64Array, s: Float64Array): number {
  let twice = 0;
  for (let j = 0; j < mu.length; j++) twice += twiceScalarKl(mu[j]!, sigma[j]!, m[j]!, s[j]!);
  return 0.5 * twice;
}

/** The same on the real line. */
export function scalarKl(q: Normal, p: Normal): number {
  return 0.5 * twiceScalarKl(q.mean, q.stddev, p.mean, p.stddev);
}

function twiceScalarKl(mu: number, sigma: number, m: number, s: number): number {
  // By halves, so that the difference of two huge means does not overflow.
  const u = ((0.5 * mu - 0.5 * m) / s) * 2;
  return expm1MinusX(2 * logRatio(sigma, s)) + u * u;
}

/** KL between two normals of which at least one has a full covariance: ½[tr A − d − ln det A + ‖w‖²], where
 * A = L_p⁻¹ Σ_q L_p⁻ᵀ and L_p·w = μ_q − μ_p. */
export function fullKl(q: Gaussian, p: Gaussian): number {
  const d = q.dimension;
  const lower = factorOf(p);
  const mean = meanOf(p);
  const half = meanOf(q).map((mu, j) => 0.5 * mu - 0.5 * mean[j]!);
  solveLowerInPlace(lower, d, half);
  let twice = 0;
  for (const x of half) twice += 4 * x * x;
  const kl = 0.5 * (twice + (spreadFromDifference(q, p, lower) ?? spreadFromFactors(factorOf(q), lower, d)));
  return Number.isNaN(kl) ? Infinity : kl;
}

/** Pivots of A below this are not taken from the difference Σ_q − Σ_p, which would have cancelled their leading digits. */
const SMALLEST_PIVOT = 0.25;

/**
 * tr A − d − ln det A from E = A − I = L_p⁻¹(Σ_q − Σ_p)L_p⁻ᵀ, which keeps its relative accuracy as q approaches p. With
 * A = (I + N)(I + N)ᵀ and N lower triangular this is Σ_{i>j} n_ij² + Σ_i [(1 + n_ii)² − 1 − ln (1 + n_ii)²], and N is found
 * column by column as in Cholesky's algorithm, without ever adding the 1. Null when a pivot is small (see above).
 */
function spreadFromDifference(q: Gaussian, p: Gaussian, lower: Float64Array): number | null {
  const d = q.dimension;
  const n = whitenSymmetric(lower, d, covarianceDifference(q, p));
  let spread = 0;
  for (let j = 0; j < d; j++) {
    let pivot = n[j * d + j]!;
    for (let k = 0; k < j; k++) pivot -= n[j * d + k]! ** 2;
    if (!(pivot >= SMALLEST_PIVOT - 1 && pivot < Infinity)) return null;
    const diagonal = sqrt1pMinus1(pivot);
    n[j * d + j] = diagonal;
    spread += expm1MinusX(Math.log1p(pivot));
    for (let i = j + 1; i < d; i++) {
      let sum = n[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= n[i * d + k]! * n[j * d + k]!;
      n[i * d + j] = sum / (1 + diagonal);
      spread += n[i * d + j]! ** 2;
    }
  }
  return spread;
}

/** tr A − d − ln det A = Σ_{i>j} m_ij² + Σ_i [m_ii² − 1 − ln m_ii²] with M = L_p⁻¹ L_q lower triangular. */
function spreadFromFactors(factorQ: Float64Array, lower: Float64Array, d: number): number {
  const m = Float64Array.from(factorQ);
  for (let column = 0; column < d; column++) solveLowerInPlace(lower, d, m, column, d);
  let spread = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) spread += m[i * d + j]! ** 2;
    spread += expm1MinusX(2 * logRatio(factorQ[i * d + i]!, lower[i * d + i]!));
  }
  return spread;
}

/** Σ_q − Σ_p, with a diagonal one's σ² carried to twice the precision: exact where the two are close. */
function covarianceDifference(q: Gaussian, p: Gaussian): Float64Array {
  const d = q.dimension;
  const difference = q.covarianceMatrix();
  const other = p.covarianceMatrix();
  const sigmaQ = stddevOf(q);
  const sigmaP = stddevOf(p);
  for (let i = 0; i < d * d; i++) difference[i]! -= other[i]!;
  for (let j = 0; j < d; j++) {
    if (sigmaQ) difference[j * d + j]! += squareError(sigmaQ[j]!);
    if (sigmaP) difference[j * d + j]! -= squareError(sigmaP[j]!);
  }
  return difference;
}
