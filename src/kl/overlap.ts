import { factorOf, type Gaussian, meanOf, stddevOf } from '../distributions/multivariate-normal';
import { LOG_TWO_PI } from '../math/elementary';

/** ln N(μ_a − μ_b; 0, Σ_a + Σ_b) in its two parts, of which every overlap of two normals is made. */
export interface SumDensity {
  /** −½ ln det(2π(Σ_a + Σ_b)). */
  readonly logNormaliser: number;
  /** ½ (μ_a − μ_b)ᵀ (Σ_a + Σ_b)⁻¹ (μ_a − μ_b). */
  readonly halfSquares: number;
}

/** ln ∫ a·b = ln N(μ_a; μ_b, Σ_a + Σ_b). */
export function logOverlap(a: Gaussian, b: Gaussian): number {
  return logOverlapOf(sumDensity(a, b));
}

/** The same where the parts are known. */
export function logOverlapOf({ logNormaliser, halfSquares }: SumDensity): number {
  return orBelowAll(logNormaliser - halfSquares);
}

/**
 * ln ∫ √(a·b) = −⅛ δᵀ Σ̄⁻¹ δ − ½ ln(det Σ̄/√(det Σ_a det Σ_b)) with Σ̄ = ½(Σ_a + Σ_b), δ = μ_a − μ_b: minus Bhattacharyya's distance.
 * @param entropies H(a) + H(b)
 */
export function logAffinityOf({ logNormaliser, halfSquares }: SumDensity, entropies: number, d: number): number {
  // The overlap with δ/√2 for δ, less its normalisation.
  const half = 0.5 * d * (Math.LN2 - 1);
  return Math.min(0, orBelowAll(logNormaliser - 0.5 * halfSquares) + 0.5 * entropies + half);
}

/** A distance that overflows can give ∞ − ∞ on the way. */
function orBelowAll(log: number): number {
  return Number.isNaN(log) ? -Infinity : log;
}

export function sumDensity(a: Gaussian, b: Gaussian): SumDensity {
  if (a.kind === 'normal' && b.kind === 'normal') {
    const sum = { logNormaliser: -0.5 * LOG_TWO_PI, halfSquares: 0 };
    addCoordinate(sum, 0.5 * a.mean - 0.5 * b.mean, a.stddev, b.stddev);
    return sum;
  }
  const [mean, other, sigma, s] = [meanOf(a), meanOf(b), stddevOf(a), stddevOf(b)];
  if (sigma && s) {
    const sum = { logNormaliser: -0.5 * mean.length * LOG_TWO_PI, halfSquares: 0 };
    // By halves, so that the difference of two huge means does not overflow.
    for (let j = 0; j < mean.length; j++) addCoordinate(sum, 0.5 * mean[j]! - 0.5 * other[j]!, sigma[j]!, s[j]!);
    return sum;
  }
  const half = mean.map((mu, j) => 0.5 * mu - 0.5 * other[j]!);
  return ofFactors(half, factorOfSum(factorOf(a), factorOf(b), half.length));
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function addCoordinate(sum: Mutable<SumDensity>, half: number, sigma: number, s: number): void {
  // √(σ² + s²) as the larger times √(1 + ratio²), so that no square overflows or vanishes.
  const larger = Math.max(sigma, s);
  const square = (Math.min(sigma, s) / larger) ** 2;
  const u = (half / larger) * 2;
  sum.logNormaliser -= Math.log(larger) + 0.5 * Math.log1p(square);
  sum.halfSquares += (0.5 * u * u) / (1 + square);
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

function ofFactors(half: Float64Array, upper: Float64Array): SumDensity {
  const d = half.length;
  let logNormaliser = -0.5 * d * LOG_TWO_PI;
  let halfSquares = 0;
  const u = half.slice();
  for (let i = 0; i < d; i++) {
    const pivot = upper[i * d + i]!;
    u[i]! /= pivot;
    for (let j = i + 1; j < d; j++) u[j]! -= upper[i * d + j]! * u[i]!;
    logNormaliser -= Math.log(pivot);
    halfSquares += 2 * u[i]! * u[i]!;
  }
  return { logNormaliser, halfSquares };
}
