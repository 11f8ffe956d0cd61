import type { RandomStream } from '../../src/math/random';

/** A random symmetric positive definite d×d matrix, row-major, with eigenvalues spread evenly in logarithm from 1/condition to 1. */
export function randomCovariance(d: number, condition: number, stream: RandomStream): Float64Array {
  const basis = randomRotation(d, stream);
  const matrix = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += basis[k]![i]! * basis[k]![j]! * condition ** (-k / Math.max(1, d - 1));
      matrix[i * d + j] = sum;
      matrix[j * d + i] = sum;
    }
  }
  return matrix;
}

/** The rows of a random orthogonal matrix, by Gram–Schmidt. */
export function randomRotation(d: number, stream: RandomStream): Float64Array[] {
  const basis: Float64Array[] = [];
  while (basis.length < d) {
    const v = new Float64Array(d);
    stream.fillNormal(v);
    for (const b of [...basis, ...basis]) {
      const projection = v.reduce((sum, x, i) => sum + x * b[i]!, 0);
      for (let i = 0; i < d; i++) v[i]! -= projection * b[i]!;
    }
    const norm = Math.hypot(...v);
    basis.push(v.map((x) => x / norm));
  }
  return basis;
}
