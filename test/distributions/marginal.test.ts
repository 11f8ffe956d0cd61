import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { conditional, marginal } from '../../src/distributions/marginal';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { integrate } from '../../src/math/quadrature';

const { diagonal, full } = MultivariateNormal;
const rows = [
  [2, 0.6, 0.3],
  [0.6, 1, -0.3],
  [0.3, -0.3, 0.5],
];
const mixture = new GaussianMixture(
  [0.2, 0.5, 0.3],
  [
    full([0, 1, -1], rows),
    diagonal([2, -1, 0], [0.5, 1, 2]),
    full(
      [-1, 0, 1],
      rows.map((row) => row.map((x) => x / 2)),
    ),
  ],
);

describe('marginal', () => {
  it('is the density integrated over the other coordinates', () => {
    const [x, y] = [0.7, -0.4];
    const { value } = integrate((z) => Math.exp(mixture.logProb([x, z, y])), [-15, -5, 0, 5, 15]);
    expect(marginal(mixture, [0, 2]).logProb([x, y])).toBeCloseTo(Math.log(value), 9);
  });

  it('takes coordinates in any order and keeps the kind', () => {
    expect(marginal(mixture, [2, 0]).logProb([1, 2])).toBe(marginal(mixture, [2, 0]).logProb(Float64Array.of(1, 2)));
    expect(marginal(mixture, [2, 0]).logProb([1, 2])).toBeCloseTo(marginal(mixture, [0, 2]).logProb([2, 1]), 14);
    expect(marginal(diagonal([1, 2], [3, 4]), [1])).toEqual(diagonal([2], [4]));
    expect(marginal(full([1, 2, 3], rows), [2, 1]).covariance).toEqual(Float64Array.of(0.5, -0.3, -0.3, 1));
  });

  it('refuses scalars, coordinates that do not exist and repetition', () => {
    expect(() => marginal(new Normal(0, 1) as never, [0])).toThrow(
      'distribution: expected a distribution over vectors',
    );
    expect(() => marginal(mixture, [0, 3])).toThrow('coordinates[1]: expected an integer from 0 to 2, got 3');
    expect(() => marginal(mixture, [1, 1])).toThrow('coordinates[1]: expected each coordinate once, got 1 again');
    expect(() => marginal(mixture, [])).toThrow('coordinates: expected an array of coordinates');
  });
});

describe('conditional', () => {
  it('is, times the marginal, the joint density', () => {
    for (const z of [
      [0.5, -1, 2],
      [-3, 4, 0.1],
    ]) {
      for (const at of [[0], [1], [2], [0, 1], [1, 2], [0, 2]]) {
        const known = z.map((x, j) => (at.includes(j) ? x : null));
        const free = z.filter((_, j) => !at.includes(j));
        const outer = marginal(mixture, at).logProb(at.map((j) => z[j]!));
        expect(conditional(mixture, known).logProb(free) + outer).toBeCloseTo(mixture.logProb(z), 11);
      }
    }
  });

  it('has the mean and covariance that Σ_ff − Σ_fk Σ_kk⁻¹ Σ_kf gives', () => {
    const { mean, covariance } = conditional(full([1, 2, 3], rows), [null, 2.5, null]);
    expect([...mean]).toEqual([expect.closeTo(1.3, 14), expect.closeTo(2.85, 14)]);
    [2 - 0.36, 0.3 + 0.18, 0.3 + 0.18, 0.5 - 0.09].forEach((entry, i) => {
      expect(covariance[i]).toBeCloseTo(entry, 14);
    });
  });

  it('keeps the digits of a ridge that subtraction would lose', () => {
    // Σ = L·Lᵀ with L = [1 0; 1 2⁻²⁴]: exact in float64, and the conditional variance is 2⁻⁴⁸.
    const { mean, covariance } = conditional(full([0, 0], [1, 1, 1, 1 + 2 ** -48]), [0.25, null]);
    expect(mean[0]).toBe(0.25);
    expect(covariance[0]).toBe(2 ** -48);
  });

  it('weights components by their responsibilities, also far from all of them', () => {
    const pair = new GaussianMixture([0.5, 0.5], [diagonal([-1, -5], [1, 1]), diagonal([1, 5], [1, 1])]);
    expect([...conditional(pair, [0, null]).weights]).toEqual([0.5, 0.5]);
    // Log odds 2·3 = 6.
    expect(conditional(pair, [3, null]).weights[1]).toBeCloseTo(1 / (1 + Math.exp(-6)), 15);
    expect(conditional(pair, [1e8, null]).logWeights[0]).toBe(-2e8);
  });

  it('refuses what is known or free altogether, NaN, and values where there is no density', () => {
    expect(() => conditional(mixture, [1, 2, 3])).toThrow('known: expected at least one number and at least one null');
    expect(() => conditional(mixture, [null, null, null])).toThrow('got 3 nulls of 3');
    expect(() => conditional(mixture, [null, Number.NaN, 0])).toThrow(
      'known[1]: expected a finite number or null, got NaN',
    );
    expect(() => conditional(mixture, [null, 0])).toThrow(
      'known: expected 3 entries, one per dimension of the event, got 2',
    );
    expect(() => conditional(mixture, [1e200, null, null])).toThrow('known: expected values where some component');
  });
});
