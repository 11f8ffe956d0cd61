import { type Gaussian, MultivariateNormal, meanOf, stddevOf } from '../distributions/multivariate-normal';
import { LOG_TWO_PI } from '../math/elementary';

/** ln ∫ a·b = ln N(μ_a; μ_b, Σ_a + Σ_b). */
export function logOverlap(a: Gaussian, b: Gaussian): number {
  return logSumDensity(a, b, 1);
}

/** ln ∫ √(a·b) = −⅛ δᵀ Σ̄⁻¹ δ − ½ ln(det Σ̄/√(det Σ_a det Σ_b)) with Σ̄ = ½(Σ_a + Σ_b), δ = μ_a − μ_b: minus Bhattacharyya's distance. */
export function logAffinity(a: Gaussian, b: Gaussian): number {
  // The overlap with δ/√2 for δ, less its normalisation.
  const half = 0.5 * a.dimension * (Math.LN2 - 1);
  return Math.min(0, logSumDensity(a, b, Math.SQRT1_2) + 0.5 * (a.entropy() + b.entropy()) + half);
}

/** ln N(closeness·(μ_a − μ_b); 0, Σ_a + Σ_b). */
function logSumDensity(a: Gaussian, b: Gaussian, closeness: number): number {
  const sigmaA = stddevOf(a);
  const sigmaB = stddevOf(b);
  // By halves, so that the difference of two huge means does not overflow.
  const half = meanOf(a).map((mu, j) => (0.5 * mu - 0.5 * meanOf(b)[j]!) * closeness);
  if (sigmaA && sigmaB) return ofDiagonal(half, sigmaA, sigmaB);
  return ofMatrix(half, a.covarianceMatrix(), b.covarianceMatrix());
}

function ofMatrix(half: Float64Array, a: Float64Array, b: Float64Array): number {
  const d = half.length;
  const zero = new Float64Array(d);
  const sum = a.map((x, i) => x + b[i]!);
  if (sum.every(Number.isFinite)) return MultivariateNormal.full(zero, sum).logProb(half.map((x) => 2 * x));
  // In units of 2, where the sum of two huge covariances is finite.
  const quarter = a.map((x, i) => 0.25 * x + 0.25 * b[i]!);
  return MultivariateNormal.full(zero, quarter).logProb(half) - d * Math.LN2;
}

function ofDiagonal(half: Float64Array, sigma: Float64Array, s: Float64Array): number {
  let log = -0.5 * half.length * LOG_TWO_PI;
  for (let j = 0; j < half.length; j++) {
    // √(σ² + s²) as the larger times √(1 + ratio²), so that no square overflows or vanishes.
    const larger = Math.max(sigma[j]!, s[j]!);
    const square = (Math.min(sigma[j]!, s[j]!) / larger) ** 2;
    const u = (half[j]! / larger) * 2;
    log -= Math.log(larger) + 0.5 * Math.log1p(square) + (0.5 * u * u) / (1 + square);
  }
  return log;
}
