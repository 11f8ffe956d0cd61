import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { klApproximations } from '../../src/kl/approximations';
import { klBounds } from '../../src/kl/bounds';
import { klDivergence } from '../../src/kl/closed-form';
import { quadratureKl } from '../../src/kl/quadrature';

const mixture = (...parts: readonly (readonly [number, number, number])[]) =>
  new GaussianMixture(
    parts.map(([w]) => w),
    parts.map(([, mean, stddev]) => new Normal(mean, stddev)),
  );

describe('klApproximations', () => {
  const q = mixture([0.25, -1, 0.5], [0.75, 2, 1]);
  const p = mixture([0.5, -2, 1], [0.3, 0.5, 1], [0.2, 3, 2]);

  it('have the values of the formulas, worked out term by term', () => {
    const kl = (a: readonly [number, number], b: readonly [number, number]): number =>
      Math.log(b[1] / a[1]) + (a[1] ** 2 + (a[0] - b[0]) ** 2) / (2 * b[1] ** 2) - 0.5;
    const qs = [
      [-1, 0.5],
      [2, 1],
    ] as const;
    const ps = [
      [-2, 1],
      [0.5, 1],
      [3, 2],
    ] as const;
    const [w, pi] = [
      [0.25, 0.75],
      [0.5, 0.3, 0.2],
    ];
    const exp = (
      a: readonly [number, number],
      all: readonly (readonly [number, number])[],
      weights: number[],
    ): number => all.reduce((sum, b, c) => sum + weights[c]! * Math.exp(-kl(a, b)), 0);
    const variational = qs.reduce((sum, a, i) => sum + w[i]! * Math.log(exp(a, qs, w) / exp(a, ps, pi)), 0);
    const matched = qs.reduce((sum, a, i) => {
      const costs = ps.map((b, c) => kl(a, b) - Math.log(pi[c]!));
      return sum + w[i]! * (Math.min(...costs) + Math.log(w[i]!));
    }, 0);
    expect(klApproximations(q, p).variational).toBeCloseTo(variational, 13);
    expect(klApproximations(q, p).matchedPair).toBeCloseTo(matched, 13);
  });

  it('are exact between single normals, also in disguise, and 0 for q = p', () => {
    const [a, b] = [new Normal(0, 1), new Normal(1, 2)];
    const exact = klDivergence(a, b);
    expect(klApproximations(a, b)).toEqual({ variational: exact, matchedPair: exact });
    expect(klApproximations(mixture([0.5, 0, 1], [0.5, 0, 1]), b)).toEqual({ variational: exact, matchedPair: exact });
    expect(klApproximations(q, q)).toEqual({ variational: 0, matchedPair: 0 });
  });

  it('are close to the divergence where components are far apart', () => {
    const [far, other] = [mixture([0.3, -50, 1], [0.7, 50, 1]), mixture([0.6, -49, 1.5], [0.4, 51, 0.8])];
    const truth = quadratureKl(far, other);
    const { variational, matchedPair } = klApproximations(far, other);
    expect(variational).toBeCloseTo(truth, 7);
    expect(matchedPair).toBeCloseTo(truth, 7);
  });

  it('are no bounds, which klBounds gives', () => {
    const { lower, upper } = klBounds(q, p);
    const truth = quadratureKl(q, p);
    expect(lower).toBeLessThan(truth);
    expect(upper).toBeGreaterThan(truth);
    expect(upper).toBeLessThan(klDivergence(q.components[0]!, p.components[0]!) * 0.25 + 0.75 * 2);
  });
});
