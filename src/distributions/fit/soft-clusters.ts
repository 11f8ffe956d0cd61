import type { Cluster } from './covariance-shapes';

/**
 * The statistics that the M step needs: per component its soft count N_k = Σ_n r_nk, its weighted mean, and its scatter about
 * that mean.
 * @param points N×d, row-major. @param responsibilities r, N×K, row-major.
 * @param matrix whether the scatters are whole (d×d) or their diagonals (d).
 */
export function softClusters(
  points: Float64Array,
  d: number,
  responsibilities: Float64Array,
  clusters: number,
  matrix: boolean,
): Cluster[] {
  const rows = points.length / d;
  return Array.from({ length: clusters }, (_, k) => {
    const mean = new Float64Array(d);
    const scatter = new Float64Array(matrix ? d * d : d);
    let count = 0;
    for (let n = 0; n < rows; n++) {
      const r = responsibilities[n * clusters + k]!;
      count += r;
      for (let j = 0; j < d; j++) mean[j]! += r * points[n * d + j]!;
    }
    if (count === 0) return { count, mean, scatter };
    for (let j = 0; j < d; j++) mean[j]! /= count;
    for (let n = 0; n < rows; n++) {
      const share = responsibilities[n * clusters + k]! / count;
      if (share > 0) addSquares(scatter, share, points, n * d, mean);
    }
    return { count, mean, scatter };
  });
}

/** scatter += share·(x − mean)(x − mean)ᵀ, or its diagonal where scatter has room for no more. */
function addSquares(scatter: Float64Array, share: number, points: Float64Array, at: number, mean: Float64Array): void {
  const d = mean.length;
  const matrix = scatter.length === d * d;
  for (let i = 0; i < d; i++) {
    const difference = points[at + i]! - mean[i]!;
    if (!matrix) scatter[i]! += share * difference * difference;
    else for (let j = 0; j < d; j++) scatter[i * d + j]! += share * (difference * (points[at + j]! - mean[j]!));
  }
}
