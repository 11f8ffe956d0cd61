import { paddedTo4, sumsPerComponent } from './pass';

/** One component's soft count, mean and mean squared deviations (d×d, or the diagonal where the shape needs no more). */
export interface Cluster {
  readonly count: number;
  readonly mean: Float64Array;
  readonly scatter: Float64Array;
}

/**
 * The statistics that the M step needs, from what a pass summed about `centres`: with δ = x − c, the mean is c + E δ and the scatter
 * E δδᵀ − (E δ)(E δ)ᵀ, which keeps its digits while the mean is near the centre.
 * @param sums of a pass, behind its objective. @param centres K×d.
 * @param matrix whether second moments are whole matrices or their diagonals.
 */
export function clustersFrom(sums: Float64Array, centres: Float64Array, d: number, matrix: boolean): Cluster[] {
  const size = sumsPerComponent({ d, second: matrix ? 2 : 1 });
  const stride = matrix ? paddedTo4(d) : 0;
  return Array.from({ length: centres.length / d }, (_, k) => {
    const first = k * size;
    const count = sums[first]!;
    const mean = centres.slice(k * d, (k + 1) * d);
    const scatter = new Float64Array(matrix ? d * d : d);
    if (!(count > 0)) return { count, mean, scatter };
    const shift = sums.slice(first + 1, first + 1 + d).map((sum) => sum / count);
    const second = first + 1 + d;
    for (let i = 0; i < d; i++) {
      mean[i]! += shift[i]!;
      if (!matrix) scatter[i] = Math.max(0, sums[second + i]! / count - shift[i]! * shift[i]!);
      else
        for (let j = 0; j <= i; j++) {
          const entry = sums[second + i * stride + j]! / count - shift[i]! * shift[j]!;
          scatter[i * d + j] = entry;
          scatter[j * d + i] = entry;
        }
    }
    return { count, mean, scatter };
  });
}
