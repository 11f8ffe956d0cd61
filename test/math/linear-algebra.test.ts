import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../src/errors';
import {
  cholesky,
  isPositiveDefinite,
  solveLowerInPlace,
  symmetricEigen,
  whitenSymmetric,
} from '../../src/math/linear-algebra';
import { RandomStream } from '../../src/math/random';
import { randomCovariance } from '../kl/random-gaussians';

describe('cholesky', () => {
  it('has the factor worked out by hand: [[4, 2], [2, 10]] = L·Lᵀ with L = [[2, 0], [1, 3]]', () => {
    expect([...cholesky(Float64Array.of(4, 2, 2, 10), 2, 'a')]).toEqual([2, 0, 1, 3]);
  });

  it('names the argument and the pivot of a matrix that is not positive definite', () => {
    const indefinite = Float64Array.of(1, 2, 2, 1);
    const problem = 'covariance: expected a positive definite matrix, but pivot 1 of its Cholesky factorisation is -3';
    expect(() => cholesky(indefinite, 2, 'covariance')).toThrow(
      new InvalidArgumentError('covariance', problem.slice(12)),
    );
    expect(isPositiveDefinite(indefinite, 2)).toBe(false);
  });

  it('refuses a singular matrix although rounding leaves its last pivot slightly above zero', () => {
    // Rank one: every entry 0.1·0.1 or 0.1·0.3 …; the last pivot is rounding and nothing else.
    const v = [0.1, 0.3, 0.7];
    const a = Float64Array.from({ length: 9 }, (_, i) => v[Math.floor(i / 3)]! * v[i % 3]!);
    expect(isPositiveDefinite(a, 3)).toBe(false);
  });

  it('accepts standard deviations 1e-8 and 1e3 in one matrix: scale is not singularity', () => {
    expect(isPositiveDefinite(Float64Array.of(1e-16, 5e-6, 5e-6, 1e6), 2)).toBe(true);
  });
});

describe('triangular solves', () => {
  it('whiten: L⁻¹·(L·Lᵀ)·L⁻ᵀ is the identity', () => {
    const a = randomCovariance(6, 100, RandomStream.of(1, 'test'));
    const factor = cholesky(a, 6, 'a');
    whitenSymmetric(factor, 6, a).forEach((entry, i) => {
      expect(entry).toBeCloseTo(i % 7 === 0 ? 1 : 0, 12);
    });
  });

  it('solve in place along a stride', () => {
    const b = Float64Array.of(9, 2, 9, 7);
    solveLowerInPlace(Float64Array.of(2, 0, 1, 3), 2, b, 1, 2);
    expect([...b]).toEqual([9, 1, 9, 2]);
  });
});

describe('symmetricEigen', () => {
  it('has the eigenvalues 1 and 3 of [[2, 1], [1, 2]], with vectors (1, ∓1)/√2', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values].sort()).toEqual([expect.closeTo(1, 14), expect.closeTo(3, 14)]);
    for (const entry of vectors) expect(Math.abs(entry)).toBeCloseTo(Math.SQRT1_2, 14);
  });

  it('puts a random matrix together again: a = V·diag(λ)·Vᵀ, with V orthogonal', () => {
    const n = 8;
    const a = randomCovariance(n, 1e4, RandomStream.of(2, 'test'));
    const { values, vectors } = symmetricEigen(a, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let entry = 0;
        let inner = 0;
        for (let k = 0; k < n; k++) {
          entry += vectors[i * n + k]! * values[k]! * vectors[j * n + k]!;
          inner += vectors[i * n + k]! * vectors[j * n + k]!;
        }
        expect(entry).toBeCloseTo(a[i * n + j]!, 13);
        expect(inner).toBeCloseTo(i === j ? 1 : 0, 13);
      }
    }
  });
});
