import { InvalidArgumentError } from '../errors';

// Matrices are row-major: entry (i, j) of an n×n matrix is a[i * n + j].

/**
 * The lower triangular L with L·Lᵀ = a, for a symmetric positive definite n×n matrix; only the lower triangle is read.
 * @throws InvalidArgumentError naming `argument` and the first pivot that is not positive beyond rounding.
 */
export function cholesky(a: Float64Array, n: number, argument: string): Float64Array {
  const factor = new Float64Array(n * n);
  const failed = factorise(a, n, factor);
  if (failed === null) return factor;
  const problem = `expected a positive definite matrix, but pivot ${failed.index} of its Cholesky factorisation is ${failed.pivot}`;
  throw new InvalidArgumentError(argument, problem);
}

export function isPositiveDefinite(a: Float64Array, n: number): boolean {
  return factorise(a, n, new Float64Array(n * n)) === null;
}

/** Writes L into `factor`; returns the pivot that stopped it, or null. */
function factorise(a: Float64Array, n: number, factor: Float64Array): { index: number; pivot: number } | null {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!;
      if (i > j) factor[i * n + j] = sum / factor[j * n + j]!;
      else if (sum > n * Number.EPSILON * a[j * n + j]!) factor[j * n + j] = Math.sqrt(sum);
      else return { index: j, pivot: sum };
    }
  }
  return null;
}

/** Solves L·x = b in place, for b stored at b[offset + i·stride]. */
export function solveLowerInPlace(lower: Float64Array, n: number, b: Float64Array, offset = 0, stride = 1): void {
  for (let i = 0; i < n; i++) {
    let sum = b[offset + i * stride]!;
    for (let k = 0; k < i; k++) sum -= lower[i * n + k]! * b[offset + k * stride]!;
    b[offset + i * stride] = sum / lower[i * n + i]!;
  }
}

/** L⁻¹·S·L⁻ᵀ for a symmetric S. */
export function whitenSymmetric(lower: Float64Array, n: number, symmetric: Float64Array): Float64Array {
  const result = Float64Array.from(symmetric);
  for (let column = 0; column < n; column++) solveLowerInPlace(lower, n, result, column, n);
  for (let row = 0; row < n; row++) solveLowerInPlace(lower, n, result, row * n, 1);
  return result;
}

/** The diagonal matrix with the given diagonal. */
export function diagonalMatrix(diagonal: ArrayLike<number>): Float64Array {
  const n = diagonal.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = diagonal[i]!;
  return matrix;
}

export interface SymmetricEigen {
  readonly values: Float64Array;
  /** Row-major; column k is the unit eigenvector of values[k]. */
  readonly vectors: Float64Array;
}

/** Eigenvalues and eigenvectors of a symmetric n×n matrix by cyclic Jacobi rotations (Golub and Van Loan, §8.5). */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const a = Float64Array.from(matrix);
  const vectors = diagonalMatrix(new Float64Array(n).fill(1));
  for (let sweep = 0; sweep < 60; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q]!;
        const negligible = Number.EPSILON * Math.sqrt(Math.abs(a[p * n + p]! * a[q * n + q]!));
        if (off === 0 || Math.abs(off) <= negligible) continue;
        rotate(a, vectors, n, p, q);
        rotated = true;
      }
    }
    if (!rotated) break;
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors };
}

function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * a[p * n + q]!);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, c, s);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k, c, s);
  for (let k = 0; k < n; k++) turn(vectors, k * n + p, k * n + q, c, s);
}

function turn(a: Float64Array, at: number, and: number, c: number, s: number): void {
  const x = a[at]!;
  const y = a[and]!;
  a[at] = c * x - s * y;
  a[and] = s * x + c * y;
}
