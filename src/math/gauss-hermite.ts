import { InvalidArgumentError } from '../errors';
import { symmetricEigen } from './linear-algebra';

/** E[f(Z)] ≈ Σ weights[i]·f(nodes[i]) for Z ~ N(0, 1), exact for polynomials f up to degree 2n − 1. */
export interface GaussHermite {
  readonly nodes: Float64Array;
  /** The weights are positive and sum to 1. */
  readonly weights: Float64Array;
}

/**
 * The n-point Gauss–Hermite rule for the standard normal distribution, by the eigenvectors of its Jacobi matrix, whose
 * off-diagonal is √1, √2, … √(n − 1) (Golub and Welsch, 1969).
 */
export function gaussHermite(n: number): GaussHermite {
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError('n', `expected a positive integer, got ${n}`);
  const jacobi = new Float64Array(n * n);
  for (let k = 1; k < n; k++) jacobi[k * n + k - 1] = jacobi[(k - 1) * n + k] = Math.sqrt(k);
  const { values, vectors } = symmetricEigen(jacobi, n);
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  return {
    nodes: Float64Array.from(order, (i) => values[i]!),
    weights: Float64Array.from(order, (i) => vectors[i]! ** 2),
  };
}
