import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { klBounds } from '../../src/kl/bounds';
import { klDivergence } from '../../src/kl/closed-form';
import { divergenceBounds } from '../../src/kl/divergences';
import { entropyBounds } from '../../src/kl/entropy-bounds';
import { monteCarloKl } from '../../src/kl/monte-carlo';
import { quadratureKl } from '../../src/kl/quadrature';
import { logSumExp } from '../../src/math/log-sum-exp';
import { RandomStream } from '../../src/math/random';
import { given } from './oracle-mixtures';
import { randomCovariance } from './random-gaussians';
import { twoNormalsKl } from './two-normals-oracle';

const mean = fc.double({ min: -8, max: 8, noNaN: true });
const stddev = fc.double({ min: 0.2, max: 4, noNaN: true });
const normal = fc.tuple(mean, stddev).map(([mu, sigma]) => new Normal(mu, sigma));
const mixture = fc
  .array(fc.tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), normal), { minLength: 2, maxLength: 4 })
  .map((parts) => {
    const total = parts.reduce((sum, [w]) => sum + w, 0);
    return new GaussianMixture(
      parts.map(([w]) => w / total),
      parts.map(([, component]) => component),
    );
  });

describe('klBounds (rule 7)', () => {
  it('encloses the divergence of a normal from any mixture', () => {
    fc.assert(
      fc.property(normal, mixture, (q, p) => {
        const { lower, upper } = klBounds(q, p);
        const kl = quadratureKl(q, p);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(lower).toBeLessThanOrEqual(kl + 1e-8 * Math.max(1, kl));
        expect(upper).toBeGreaterThanOrEqual(kl - 1e-8 * Math.max(1, kl));
      }),
      { numRuns: 60, seed: 61 },
    );
  });

  it('encloses the divergence between two mixtures', () => {
    fc.assert(
      fc.property(mixture, mixture, (q, p) => {
        const { lower, upper } = klBounds(q, p);
        const kl = quadratureKl(q, p);
        expect(lower).toBeLessThanOrEqual(kl + 1e-8 * Math.max(1, kl));
        expect(upper).toBeGreaterThanOrEqual(kl - 1e-8 * Math.max(1, kl));
      }),
      { numRuns: 30, seed: 62 },
    );
  });

  it('has the values of DESIGN’s two formulas, worked out term by term', () => {
    const q = new Normal(0.5, 0.8);
    const [a, b] = [new Normal(-1, 0.5), new Normal(2, 1)];
    const upper = -Math.log(0.25 * Math.exp(-klDivergence(q, a)) + 0.75 * Math.exp(-klDivergence(q, b)));
    const overlap = (c: Normal): number => Math.exp(new Normal(c.mean, Math.hypot(q.stddev, c.stddev)).logProb(q.mean));
    const lower = -0.5 * Math.log(2 * Math.PI * Math.E * 0.64) - Math.log(0.25 * overlap(a) + 0.75 * overlap(b));
    const bounds = klBounds(q, new GaussianMixture([0.25, 0.75], [a, b]));
    expect(bounds.upper).toBeCloseTo(upper, 13);
    expect(bounds.lower).toBeCloseTo(Math.max(0, lower), 13);
    expect(lower).toBeGreaterThan(0);
  });

  it('is exact for K = 1 and its disguises', () => {
    const [q, a] = [new Normal(0.5, 0.8), new Normal(-1, 0.5)];
    const exact = klDivergence(q, a);
    for (const p of [a, new GaussianMixture([1], [a]), new GaussianMixture([0.5, 0.5], [a, new Normal(-1, 0.5)])]) {
      expect(klBounds(q, p)).toEqual({ lower: exact, upper: exact });
    }
  });

  it('is tight above when components are far apart: ln 1/π_c more than the KL to the nearest one', () => {
    const p = new GaussianMixture([0.25, 0.75], [new Normal(-30, 1), new Normal(30, 1)]);
    const q = new Normal(-30, 0.5);
    const expected = klDivergence(q, new Normal(-30, 1)) + Math.log(4);
    expect(klBounds(q, p).upper).toBeCloseTo(expected, 12);
    expect(quadratureKl(q, p)).toBeCloseTo(expected, 7);
  });

  it('closes from both sides as q narrows to σ = 1e-8, and does not cross', () => {
    const { lower, upper } = klBounds(
      new Normal(0, 1e-8),
      new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]),
    );
    expect(upper - lower).toBeGreaterThanOrEqual(0);
    // −H(q) − ln p(0), with H = ½ ln(2πe·1e-16) and p(0) = φ(1).
    expect(upper).toBeCloseTo(
      8 * Math.LN10 - 0.5 * Math.log(2 * Math.PI * Math.E) + 0.5 * (1 + Math.log(2 * Math.PI)),
      12,
    );
    expect(upper - lower).toBeLessThan(1e-12);
  });

  it('encloses a Monte Carlo estimate in 16 dimensions with full covariances', () => {
    const stream = RandomStream.of(63, 'test');
    const components = [0, 1, 2].map((k) => {
      const mu = new Float64Array(16);
      stream.fillNormal(mu);
      return MultivariateNormal.full(
        mu.map((x) => x * k),
        randomCovariance(16, 100, stream),
      );
    });
    const p = new GaussianMixture([0.2, 0.3, 0.5], components);
    const q = MultivariateNormal.full(components[1]!.mean, randomCovariance(16, 10, stream));
    const { lower, upper } = klBounds(q, p);
    const { value, standardError } = monteCarloKl(q, p, { samples: 5000, seed: 1 });
    expect(lower).toBeLessThan(value + 4 * standardError!);
    expect(upper).toBeGreaterThan(value - 4 * standardError!);
  });

  it('is never below 0, also where the two mixtures are one and their weights in another order', () => {
    const parts = [new Normal(0, 1), new Normal(5, 2), new Normal(-3, 0.7)];
    for (let i = 1; i < 100; i++) {
      const weights = [i / 101, (100 - i) / 202, 1 - i / 101 - (100 - i) / 202];
      const q = new GaussianMixture(weights, parts);
      const p = new GaussianMixture([...weights].reverse(), [...parts].reverse());
      for (const { lower, upper } of [klBounds(q, p), divergenceBounds('jeffreys', q, p)]) {
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(upper).toBeGreaterThanOrEqual(0);
        expect(upper).toBeLessThan(1e-14);
      }
    }
  });

  it('is +∞ on both sides where the divergence exceeds every float', () => {
    const p = new GaussianMixture([0.5, 0.5], [new Normal(0, 1e-200), new Normal(1, 1e-200)]);
    expect(klBounds(new Normal(1e200, 1e-200), p)).toEqual({ lower: Infinity, upper: Infinity });
  });

  it.each([1e-200, 1e200])('blames no covariance that nobody gave: all of the order of %d', (unit) => {
    const scaled = (u: number) =>
      klBounds(new Normal(0, u), new GaussianMixture([0.5, 0.5], [new Normal(-u, u), new Normal(u, 2 * u)]));
    const [there, here] = [scaled(unit), scaled(1)];
    expect(there.lower).toBeCloseTo(here.lower, 13);
    expect(there.upper).toBeCloseTo(here.upper, 13);
  });

  it('reaches covariances whose sum is beyond every float', () => {
    const { diagonal, full } = MultivariateNormal;
    const scaled = (unit: number) =>
      klBounds(
        full([0, 0], [unit, 0.5 * unit, 0.5 * unit, unit]),
        new GaussianMixture(
          [0.5, 0.5],
          [full([0, 0], [unit, 0, 0, unit]), diagonal([0, 0], [Math.sqrt(unit), Math.sqrt(unit / 2)])],
        ),
      );
    const [huge, one] = [scaled(2 ** 1023), scaled(1)];
    expect(huge.lower).toBeCloseTo(one.lower, 12);
    expect(huge.upper).toBeCloseTo(one.upper, 12);
  });

  it('is tighter than the convexity of the divergence for a mixture q', () => {
    const pair = (shift: number, w: number) =>
      new GaussianMixture([w, 1 - w], [new Normal(shift, 1), new Normal(8 + shift, 1)]);
    const [q, p] = [pair(0.1, 0.3), pair(0, 0.3)];
    const convex = q.components.reduce((sum, own, i) => {
      const terms = p.components.map((other, c) => p.weights[c]! * Math.exp(-klDivergence(own, other)));
      return sum - q.weights[i]! * Math.log(terms[0]! + terms[1]!);
    }, 0);
    expect(convex).toBeGreaterThan(0.6);
    // Each component moved by 0.1: ½·0.1².
    expect(klBounds(q, p).upper).toBeCloseTo(0.005, 8);
    expect(quadratureKl(q, p)).toBeLessThan(0.005 + 1e-8);
  });

  it('refuses arguments on different spaces', () => {
    expect(() => klBounds(new Normal(0, 1), MultivariateNormal.diagonal([0], [1]))).toThrow(
      'p: expected event shape []',
    );
  });
});

/** Hershey and Olsen's bound after 100 turns, φ and ψ as logarithms throughout: slower, and no weight is too small for it. */
function variationalByLogs(
  logW: readonly number[],
  logPi: readonly number[],
  kl: readonly (readonly number[])[],
): number {
  let logPsi = logW.map((w) => logPi.map((pi) => w + pi));
  let bound = Infinity;
  for (let turn = 0; turn < 100; turn++) {
    const terms = logPsi.map((row, i) => row.map((log, c) => log - kl[i]![c]!));
    const totals = terms.map((row) => logSumExp(row));
    bound = logW.reduce((sum, w, i) => sum + Math.exp(w) * (w - totals[i]!), 0);
    const logPhi = terms.map((row, i) => row.map((log) => logW[i]! + log - totals[i]!));
    const columns = logPi.map((_, c) => logSumExp(logPhi.map((row) => row[c]!)));
    logPsi = logPhi.map((row) => row.map((log, c) => logPi[c]! + log - columns[c]!));
  }
  return bound;
}

describe('the variational bound in klBounds', () => {
  it.each([1, 100, 600])('is the one found by logarithms, with logits down to −%d', (range) => {
    const stream = RandomStream.of(64, `test/${range}`);
    const side = (count: number) =>
      GaussianMixture.fromLogits(
        Array.from({ length: count }, () => -range * stream.uniform()),
        Array.from({ length: count }, () => new Normal(6 * stream.normal(), 0.3 + stream.uniform())),
      );
    for (let problem = 0; problem < 50; problem++) {
      const [q, p] = [side(2 + stream.integer(4)), side(2 + stream.integer(4))];
      const kl = q.components.map((own) => p.components.map((other) => klDivergence(own, other)));
      const bound = variationalByLogs([...q.logWeights], [...p.logWeights], kl);
      const { upper } = klBounds(q, p);
      expect(upper).toBeLessThanOrEqual(bound + 1e-9 * Math.max(1, bound));
      // The other upper bound is H(q, p) above less H(q) below; where it is not the smaller, both are the same number.
      const cross = q.components.reduce((sum, own, i) => {
        const terms = p.components.map((_, c) => p.logWeights[c]! - kl[i]![c]!);
        return sum + q.weights[i]! * (own.entropy() - logSumExp(terms));
      }, 0);
      const expected = Math.min(bound, cross - entropyBounds(q).lower);
      expect(Math.abs(upper - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));
    }
  });
});

describe('klBounds of thin ridges', () => {
  const axes = [
    [
      [2, 1],
      [1, 1],
    ],
    [
      [3, -4],
      [4, 3],
    ],
    [
      [5, -12],
      [12, 5],
    ],
  ];
  it.each([2 ** -10, 2 ** -16, 2 ** -20, 2 ** -22])(
    'encloses the divergence where two cross, each %d as wide as long',
    (thin) => {
      for (const B of axes) {
        const ridge = (s: number[]) => ({ weight: 0.5, mean: [0, 0], B, s });
        const [long, across] = [ridge([0.125, 0.125 * thin]), ridge([0.125 * thin, 0.125])];
        for (const q of [
          [{ ...long, weight: 1 }],
          [
            { ...long, weight: 0.25 },
            { ...across, weight: 0.75 },
          ],
        ]) {
          const p = [long, across];
          const exact = twoNormalsKl(q, p);
          const { lower, upper } = klBounds(given(q), given(p));
          expect(lower).toBeLessThan(exact + 1e-12);
          expect(upper).toBeGreaterThan(exact - 1e-12);
        }
      }
    },
  );
});
