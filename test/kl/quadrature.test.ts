import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { klDivergence } from '../../src/kl/closed-form';
import { quadratureKl } from '../../src/kl/quadrature';
import { RandomStream } from '../../src/math/random';
import { randomCovariance, randomRotation } from './random-gaussians';

/** What quadratureKl promises: 1e-8·max(1, KL). */
const tolerance = (expected: number): number => 1e-8 * Math.max(1, expected);

describe('quadratureKl', () => {
  // 30-digit tanh-sinh quadrature by mpmath, panel by panel over ±12 standard deviations of q.
  it.each<[string, number, Normal | GaussianMixture, Normal | GaussianMixture]>([
    [
      'two overlapping components',
      0.918170392019015769,
      new Normal(0.5, 0.75),
      new GaussianMixture([0.25, 0.75], [new Normal(-1, 0.5), new Normal(2, 1)]),
    ],
    [
      'components 60 σ apart, with a kink between them',
      426.885507077657097,
      new Normal(0, 1),
      new GaussianMixture([0.25, 0.75], [new Normal(-30, 1), new Normal(30, 1)]),
    ],
    [
      'a component 4096 times narrower than q',
      0.697456826636893989,
      new Normal(0, 1),
      new GaussianMixture([0.5, 0.5], [new Normal(0.75, 2 ** -12), new Normal(0.125, 1)]),
    ],
    [
      'a mixture against a mixture',
      0.270388680198034093,
      new GaussianMixture([0.5, 0.5], [new Normal(-1, 0.5), new Normal(1, 0.5)]),
      new GaussianMixture([0.25, 0.75], [new Normal(-2, 1), new Normal(0.5, 1)]),
    ],
  ])('agrees with 30-digit quadrature for %s', (_, expected, q, p) => {
    expect(Math.abs(quadratureKl(q, p) - expected)).toBeLessThan(tolerance(expected));
  });

  // ln 2 plus E[ln q/p − ln 2] from mpmath, 40 digits: what a spike of p in the middle of q takes off.
  it.each([
    [1e-6, -3.7349307086886224e-5],
    [1e-7, -4.6952686903417282e-6],
    [1e-8, -5.7271834308611868e-7],
    [1e-9, -6.825962035977577e-8],
    [1e-10, -7.9877246409487982e-9],
  ])('sees a component of p that is %d of q wide', (width, beside) => {
    const p = new GaussianMixture([0.5, 0.5], [new Normal(1, 1), new Normal(1.3, width)]);
    expect(Math.abs(quadratureKl(new Normal(1, 1), p) - Math.LN2 - beside)).toBeLessThan(1e-12);
  });

  it('sees a hundred of them', () => {
    // They do not overlap, so each takes off what it would alone beside its share of p.
    const [spikes, width, weight] = [100, 5e-9, 0.5 / 100];
    const places = Array.from({ length: spikes }, (_, k) => -1 + (2 * k) / spikes);
    const broad = new Normal(0, 1);
    const all = new GaussianMixture(
      [0.5, ...places.map(() => weight)],
      [broad, ...places.map((mean) => new Normal(mean, width))],
    );
    const alone = places.map((mean) => {
      const spike = GaussianMixture.fromLogits([0, Math.log(2 * weight)], [broad, new Normal(mean, width)]);
      return quadratureKl(broad, spike) - Math.log1p(2 * weight);
    });
    const expected = Math.LN2 + alone.reduce((sum, part) => sum + part, 0);
    expect(Math.LN2 - expected).toBeGreaterThan(1e-6);
    expect(Math.abs(quadratureKl(broad, all) - expected)).toBeLessThan(1e-8);
  });

  it('agrees with the closed form where there is one, in one, two and three dimensions', () => {
    const stream = RandomStream.of(51, 'test');
    for (const d of [1, 2, 3]) {
      const mean = new Float64Array(d);
      stream.fillNormal(mean);
      const q = MultivariateNormal.full(mean, randomCovariance(d, 100, stream));
      const p = MultivariateNormal.full(new Float64Array(d), randomCovariance(d, 100, stream));
      const expected = klDivergence(q, p);
      expect(Math.abs(quadratureKl(q, p) - expected)).toBeLessThan(tolerance(expected));
    }
  });

  it('agrees with the closed form at σ = 1e-8 and at a divergence of 5e15', () => {
    const [narrow, standard] = [new Normal(1, 1e-8), new Normal(0, 1)];
    for (const [q, p] of [
      [narrow, standard],
      [standard, narrow],
    ] as const) {
      expect(Math.abs(quadratureKl(q, p) / klDivergence(q, p) - 1)).toBeLessThan(1e-8);
    }
  });

  it.each([2, 3])('adds up over independent dimensions, also when all of them are rotated: d = %i', (d) => {
    // A product of d two-component mixtures is one mixture of 2^d components; KL does not change under rotation.
    const [weights, means, stddevs] = [
      [0.3, 0.7],
      [-1, 1.5],
      [0.6, 0.9],
    ];
    const scalar = new GaussianMixture(
      weights,
      means.map((mean, k) => new Normal(mean, stddevs[k]!)),
    );
    const rotation = randomRotation(d, RandomStream.of(d, 'test'));
    const rotated = (mean: number[], stddev: number[]): MultivariateNormal =>
      MultivariateNormal.full(
        rotation.map((row) => row.reduce((sum, x, j) => sum + x * mean[j]!, 0)),
        rotation.map((a) => rotation.map((b) => a.reduce((sum, x, j) => sum + x * b[j]! * stddev[j]! ** 2, 0))),
      );
    const choices = Array.from({ length: 2 ** d }, (_, i) => Array.from({ length: d }, (_, j) => (i >> j) & 1));
    const p = new GaussianMixture(
      choices.map((choice) => choice.reduce((product, k) => product * weights[k]!, 1)),
      choices.map((choice) =>
        rotated(
          choice.map((k) => means[k]!),
          choice.map((k) => stddevs[k]!),
        ),
      ),
    );
    const q = rotated(new Array(d).fill(0.4), new Array(d).fill(0.8));
    const expected = d * quadratureKl(new Normal(0.4, 0.8), scalar);
    expect(Math.abs(quadratureKl(q, p) - expected)).toBeLessThan(tolerance(expected));
  });

  it('is never below 0, also where rounding is', () => {
    const stream = RandomStream.of(3, 'test');
    for (let i = 0; i < 50; i++) {
      const [a, b, c] = [1, 2, 3].map(() => new Normal(3 * stream.normal(), 10 ** (-3 * stream.uniform()))) as [
        Normal,
        Normal,
        Normal,
      ];
      const value = quadratureKl(
        new GaussianMixture([0.2, 0.3, 0.5], [a, b, c]),
        new GaussianMixture([0.5, 0.3, 0.1, 0.1], [c, b, a, a]),
      );
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1e-8);
    }
  });

  it('is zero between two equal mixtures', () => {
    const mixture = new GaussianMixture([0.4, 0.6], [new Normal(-1, 0.1), new Normal(1, 2)]);
    expect(Math.abs(quadratureKl(mixture, mixture))).toBeLessThan(1e-12);
  });

  it('refuses four dimensions and shapes that differ', () => {
    const [four, three] = [4, 3].map((d) =>
      MultivariateNormal.diagonal(new Float64Array(d), new Float64Array(d).fill(1)),
    );
    expect(() => quadratureKl(four!, four!)).toThrow(
      'q: expected at most 3 dimensions for quadrature, got 4; use monteCarloKl',
    );
    expect(() => quadratureKl(three!, four!)).toThrow('p: expected event shape [3]');
  });
});
