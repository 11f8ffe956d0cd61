import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { estimateKlGradient } from '../../src/kl/gradients/estimate-gradient';
import { quadratureKlGradient } from '../../src/kl/gradients/quadrature-gradient';
import { RandomStream } from '../../src/math/random';

const D = Decimal.clone({ precision: 80 });
const sum = (r: Float64Array): number => r.reduce((total, x) => total + x, 0);

describe('responsibilities far from every component', () => {
  const { diagonal, full } = MultivariateNormal;
  const pair = new GaussianMixture([0.5, 0.5], [diagonal([-1, 0], [1, 1]), diagonal([1, 0], [1, 1])]);

  it.each([0, 1e8, 1e9, 1e15, 1e100, 1e150])('are ½ and ½ at (0, %d)', (y) => {
    expect([...pair.responsibilities([0, y])]).toEqual([0.5, 0.5]);
    const correlated = [0.5, 0.5].map((_, k) => full([2 * k - 1, 0], [1, 0, 0, 1]));
    expect([...new GaussianMixture([0.5, 0.5], correlated).responsibilities([0, y])]).toEqual([0.5, 0.5]);
  });

  it.each([1e3, 1e8, 1e12])('keep what the other coordinate says, at (0.3, %d)', (y) => {
    // r₂/r₁ = exp(2·0.3), whatever y is.
    const right = 1 / (1 + Math.exp(-0.6));
    expect(pair.responsibilities([0.3, y])[1]).toBeCloseTo(right, 12);
    const tied = [0, 1].map((k) => full([2 * k - 1, 0], [1, 0.5, 0.5, 1]));
    // Σ⁻¹ = [4, −2; −2, 4]/3, and with y the exponent is 2·(4·0.3 − 2y)/3.
    const exponent = (2 * (1.2 - 2 * y)) / 3;
    const [first] = new GaussianMixture([0.5, 0.5], tied).responsibilities([0.3, y]);
    expect(first).toBeCloseTo(1 / (1 + Math.exp(exponent)), 12);
  });

  it('agree with 80 digits for random normals of different spreads, and sum to 1', () => {
    const stream = RandomStream.of(1, 'posterior');
    for (let trial = 0; trial < 200; trial++) {
      const scale = 10 ** (10 * stream.uniform());
      const components = [0, 1, 2].map(() =>
        diagonal(
          [stream.normal(), stream.normal()],
          [0.5 + stream.uniform(), trial % 2 ? 1 : 1 + 1e-9 * stream.uniform()],
        ),
      );
      const z = [stream.normal(), scale * stream.normal()];
      const found = new GaussianMixture([0.2, 0.3, 0.5], components).responsibilities(z);
      expect(Math.abs(sum(found) - 1)).toBeLessThan(1e-15);
      const logs = components.map(({ mean: mu, stddev: sigma }, k) =>
        z.reduce(
          (log, x, j) => log.minus(new D(x).minus(mu[j]!).div(sigma[j]!).pow(2).div(2)).minus(new D(sigma[j]!).ln()),
          new D([0.2, 0.3, 0.5][k]!).ln(),
        ),
      );
      const largest = D.max(...logs);
      const shares = logs.map((log) => log.minus(largest).exp());
      const total = shares.reduce((a, b) => a.plus(b));
      // A last bit of z_j moves an exponent by up to 1e-16·z²·Δσ/σ, of spreads that differ by up to 1e-9 here.
      const tolerance = 1e-12 + 1e-15 * (1 + (trial % 2 ? scale : 1e-9 * scale ** 2));
      shares.forEach((share, k) => {
        expect(Math.abs(found[k]! - share.div(total).toNumber())).toBeLessThan(tolerance);
      });
    }
  });

  it('make gradients that are right there: the pull of ∂μ₂ is 1e9 for a q at (0, 1e9)', () => {
    const q = diagonal([0, 1e9], [1, 1]);
    const options = { estimator: 'reparameterised', samples: 1000, seed: 1 } as const;
    const { mean } = estimateKlGradient(q, pair, options);
    expect(Math.abs(mean[1]! / 1e9 - 1)).toBeLessThan(1e-8);
    // ∂KL/∂μ₁ = μ₁ − E tanh(Z₁), as without the other coordinate: 0 by symmetry at μ₁ = 0, within 5 of 0.6/√1000.
    expect(Math.abs(mean[0]!)).toBeLessThan(0.1);
    const near = quadratureKlGradient(diagonal([0.3, 0], [1, 1]), pair).mean[0]!;
    const far = quadratureKlGradient(diagonal([0.3, 1e6], [1, 1]), pair);
    expect(Math.abs(far.mean[0]! - near)).toBeLessThan(1e-8);
    expect(Math.abs(far.mean[1]! / 1e6 - 1)).toBeLessThan(1e-12);
  });

  it('are refused where no log density is finite, and so are gradients', () => {
    expect(() => pair.responsibilities([0, 1e200])).toThrow(
      'z: expected a point where some component has a density above zero',
    );
    expect(() =>
      estimateKlGradient(diagonal([0, 1e200], [1, 1]), pair, { estimator: 'reparameterised', samples: 2, seed: 1 }),
    ).toThrow('p: expected a finite log density wherever q has its mass');
    expect(() => quadratureKlGradient(diagonal([0, 1e200], [1, 1]), pair)).toThrow('p: expected a finite log density');
  });
});
