import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { closestNormal } from '../../src/kl/closest-normal';
import { quadratureKlGradient } from '../../src/kl/gradients/quadrature-gradient';
import { quadratureKl } from '../../src/kl/quadrature';

const modes = (separation: number) =>
  new GaussianMixture([0.5, 0.5], [new Normal(-separation / 2, 1), new Normal(separation / 2, 1)]);
const around = (q: Normal) =>
  [
    [0.01, 1],
    [-0.01, 1],
    [0, 1.01],
    [0, 0.99],
  ].map(([shift = 0, factor = 1]) => new Normal(q.mean + shift, q.stddev * factor));

describe('the normal closest to a mixture', () => {
  it('has the moments of the mixture in the direction KL(p‖q), and no neighbour is closer', () => {
    const p = new GaussianMixture([0.3, 0.7], [new Normal(-2, 0.5), new Normal(1, 1)]);
    const q = closestNormal(p, 'p to q');
    expect(q.mean).toBeCloseTo(0.1, 12);
    expect(q.stddev ** 2).toBeCloseTo(0.3 * (0.25 + 2.1 ** 2) + 0.7 * (1 + 0.9 ** 2), 12);
    for (const other of around(q)) expect(quadratureKl(p, other)).toBeGreaterThan(quadratureKl(p, q));
  });

  it('sits on one mode in the direction KL(q‖p), on which depends on the start', () => {
    const right = closestNormal(modes(6), 'q to p', new Normal(2, 1));
    const left = closestNormal(modes(6), 'q to p', new Normal(-2, 1));
    expect([right.mean, right.stddev].map((value) => value.toFixed(1))).toEqual(['3.0', '1.0']);
    expect(left.mean).toBeCloseTo(-right.mean, 4);
    for (const other of around(right))
      expect(quadratureKl(other, modes(6))).toBeGreaterThan(quadratureKl(right, modes(6)));
  });

  it.each([1e-1, 1e-2, 1e-4, 1e-8])('is found from a start far wider than the modes: σ = %d', (sigma) => {
    const p = new GaussianMixture([0.5, 0.5], [new Normal(-5, sigma), new Normal(6, sigma)]);
    const q = closestNormal(p, 'q to p');
    const { mean, stddev } = quadratureKlGradient(q, p);
    const value = quadratureKl(q, p);
    expect(Math.abs(mean[0]! * q.stddev) / Math.max(1, value)).toBeLessThan(1e-6);
    expect(Math.abs(stddev[0]! * q.stddev) / Math.max(1, value)).toBeLessThan(1e-6);
  });

  it('is the same in both directions where the mixture is one normal', () => {
    const p = new GaussianMixture([0.5, 0.5], [new Normal(2, 0.3), new Normal(2, 0.3)]);
    for (const direction of ['q to p', 'p to q'] as const) {
      const { mean, stddev } = closestNormal(p, direction, new Normal(1, 1));
      expect([mean, stddev].map((value) => value.toFixed(6))).toEqual(['2.000000', '0.300000']);
    }
  });
});
