import { factorOf, type Gaussian, meanOf, stddevOf } from '../distributions/multivariate-normal';
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
  return ofFactors(half, factorOfSum(factorOf(a), factorOf(b), half.length));
}

/** The upper triangular R with RᵀR = L_a·L_aᵀ + L_b·L_bᵀ, by Givens rotations: a sum of covariances of thin normals would round their widths away. */
function factorOfSum(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const upper = new Float64Array(d * d);
  for (let i = 0; i < d; i++) for (let j = i; j < d; j++) upper[i * d + j] = a[j * d + i]!;
  const row = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    for (let j = k; j < d; j++) row[j] = b[j * d + k]!;
    for (let i = k; i < d; i++) {
      const diagonal = upper[i * d + i]!;
      const length = Math.hypot(diagonal, row[i]!);
      const [cos, sin] = [diagonal / length, row[i]! / length];
      for (let j = i; j < d; j++) {
        const above = upper[i * d + j]!;
        upper[i * d + j] = cos * above + sin * row[j]!;
        row[j] = cos * row[j]! - sin * above;
      }
    }
  }
  return upper;
}

function ofFactors(half: Float64Array, upper: Float64Array): number {
  const d = half.length;
  let log = -0.5 * d * LOG_TWO_PI;
  const u = half.slice();
  for (let i = 0; i < d; i++) {
    const pivot = upper[i * d + i]!;
    u[i]! /= pivot;
    for (let j = i + 1; j < d; j++) u[j]! -= upper[i * d + j]! * u[i]!;
    log -= Math.log(pivot) + 2 * u[i]! * u[i]!;
  }
  // A distance that overflows can give ∞ − ∞ on the way.
  return Number.isNaN(log) ? -Infinity : log;
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
