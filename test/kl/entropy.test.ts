import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { entropyBounds } from '../../src/kl/entropy-bounds';
import { estimateEntropy } from '../../src/kl/estimate-combined';
import { estimateEntropyInParallel } from '../../src/kl/estimate-combined-in-parallel';
import { KL_ESTIMATORS } from '../../src/kl/estimators/table';
import { quadratureEntropy } from '../../src/kl/quadrature';
import { RandomStream } from '../../src/math/random';
import { randomCovariance } from './random-gaussians';

const q = new GaussianMixture([0.25, 0.75], [new Normal(-1, 0.5), new Normal(2, 1)]);
/** H(q), by mpmath with 30 digits. */
const TRUTH = 1.74730448058721039;

const mixture = fc
  .array(
    fc.tuple(
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: -8, max: 8, noNaN: true }),
      fc.double({ min: 0.05, max: 4, noNaN: true }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map(
    (parts) =>
      new GaussianMixture(
        parts.map(([w]) => w),
        parts.map(([, mean, stddev]) => new Normal(mean, stddev)),
        { weightsAre: 'unnormalised' },
      ),
  );

describe('quadratureEntropy', () => {
  it.each<[string, number, GaussianMixture]>([
    ['two components', TRUTH, q],
    ['two that overlap', 1.86063300538581384, new GaussianMixture([0.5, 0.5], [new Normal(-2, 1), new Normal(0.5, 1)])],
    [
      'one 4096 times narrower than the other',
      -2.04905326619539085,
      new GaussianMixture([0.5, 0.5], [new Normal(0.75, 2 ** -12), new Normal(0.125, 1)]),
    ],
  ])('agrees with 30-digit quadrature: %s', (_, expected, distribution) => {
    expect(Math.abs(quadratureEntropy(distribution) - expected)).toBeLessThan(1e-8);
  });

  it('is the closed form for one normal, and ln K more for K of them far apart', () => {
    const normal = MultivariateNormal.full([1, 2], [2, 0.5, 0.5, 1]);
    expect(quadratureEntropy(normal)).toBe(normal.entropy());
    const apart = new GaussianMixture(
      Array(20).fill(1 / 20),
      Array.from({ length: 20 }, (_, k) => new Normal(100 * k, 1)),
    );
    expect(quadratureEntropy(apart)).toBeCloseTo(new Normal(0, 1).entropy() + Math.log(20), 8);
  });

  it('adds up over independent coordinates', () => {
    const product = new GaussianMixture(
      [0.0625, 0.1875, 0.1875, 0.5625],
      [
        [-1, 0.5, -1, 0.5],
        [-1, 0.5, 2, 1],
        [2, 1, -1, 0.5],
        [2, 1, 2, 1],
      ].map(([x, s, y, t]) => MultivariateNormal.diagonal([x!, y!], [s!, t!])),
    );
    expect(quadratureEntropy(product)).toBeCloseTo(2 * TRUTH, 8);
  });

  it('refuses four dimensions', () => {
    const four = MultivariateNormal.diagonal([0, 0, 0, 0], [1, 1, 1, 1]);
    expect(() => quadratureEntropy(four)).toThrow('at most 3 dimensions for quadrature, got 4; use estimateEntropy');
  });
});

describe('entropyBounds', () => {
  it('enclose the entropy of any mixture', () => {
    fc.assert(
      fc.property(mixture, (distribution) => {
        const { lower, upper } = entropyBounds(distribution);
        const entropy = quadratureEntropy(distribution);
        expect(lower).toBeLessThanOrEqual(entropy + 2e-8);
        expect(upper).toBeGreaterThanOrEqual(entropy - 2e-8);
      }),
      { numRuns: 60, seed: 71 },
    );
  });

  it('have the values of the formulas, worked out term by term for two components of one width', () => {
    const [w, v, s, delta] = [0.3, 0.7, 0.5, 1.2];
    const pair = new GaussianMixture([w, v], [new Normal(0, s), new Normal(delta, s)]);
    const own = 0.5 * Math.log(2 * Math.PI * Math.E * s * s);
    // KL = δ²/(2σ²), Bhattacharyya's distance δ²/(8σ²).
    const [kl, distance] = [delta ** 2 / (2 * s * s), delta ** 2 / (8 * s * s)];
    const mixed = (x: number): number => -w * Math.log(w + v * Math.exp(-x)) - v * Math.log(v + w * Math.exp(-x));
    const spread = 0.5 * Math.log(2 * Math.PI * Math.E * (s * s + w * v * delta * delta));
    expect(entropyBounds(pair).upper).toBeCloseTo(Math.min(own + mixed(kl), spread), 13);
    const [same, other] = [0, delta].map((x) => Math.exp(-(x * x) / (4 * s * s)) / (2 * s * Math.sqrt(Math.PI)));
    const byOverlap = -w * Math.log(w * same! + v * other!) - v * Math.log(v * same! + w * other!);
    expect(entropyBounds(pair).lower).toBeCloseTo(Math.max(own + mixed(distance), byOverlap), 13);
  });

  it('meet for one normal, for components far apart, and for components on top of one another', () => {
    const normal = MultivariateNormal.full([1, 2], [2, 0.5, 0.5, 1]);
    expect(entropyBounds(normal)).toEqual({ lower: normal.entropy(), upper: normal.entropy() });
    for (const distance of [1e3, 1e150]) {
      const { lower, upper } = entropyBounds(
        new GaussianMixture([0.5, 0.5], [new Normal(-distance, 2), new Normal(distance, 2)]),
      );
      expect(lower).toBeCloseTo(new Normal(0, 2).entropy() + Math.LN2, 12);
      expect(upper).toBeCloseTo(lower, 12);
    }
  });

  it('enclose an estimate in 16 dimensions with full covariances', () => {
    const stream = RandomStream.of(72, 'test');
    const components = [0, 1, 2].map((k) => {
      const mean = new Float64Array(16);
      stream.fillNormal(mean);
      const covariance = randomCovariance(16, 100, stream);
      return MultivariateNormal.full(
        mean.map((x) => x * k),
        covariance,
      );
    });
    const distribution = new GaussianMixture([0.2, 0.3, 0.5], components);
    const { lower, upper } = entropyBounds(distribution);
    const { value, standardError } = estimateEntropy(distribution, {
      estimator: 'component-wise',
      samples: 5000,
      seed: 1,
    });
    // The components overlap so little that all three agree to rounding.
    expect(lower).toBeLessThan(value + 4 * standardError! + 1e-12);
    expect(upper).toBeGreaterThan(value - 4 * standardError! - 1e-12);
  });
});

describe('estimateEntropy', () => {
  // Each misses by more than 4.5 standard errors once in 150,000 seeds.
  it.each(KL_ESTIMATORS.filter((name) => name !== 'k2' && name !== 'k3' && name !== 'analytic-entropy'))(
    'is within its error of the truth: %s',
    (estimator) => {
      const { value, standardError, interval } = estimateEntropy(q, { estimator, samples: 16384, seed: 3 });
      expect(Math.abs(value - TRUTH)).toBeLessThan(4.5 * standardError!);
      expect(interval![0]).toBeLessThan(value);
      expect(interval![1]).toBeGreaterThan(value);
    },
  );

  it('reaches a target error, names its parts and passes warnings on', () => {
    const { standardError, stoppedBy, parts } = estimateEntropy(q, { estimator: 'best', targetError: 1e-3, seed: 1 });
    expect(standardError).toBeLessThanOrEqual(1e-3);
    expect(stoppedBy).toBe('target-error');
    expect(parts).toHaveLength(1);
    expect(estimateEntropy(q, { estimator: 'k2', samples: 100, seed: 1 }).warnings[0]).toContain('k2 is biased');
  });

  it('is the same to the last bit on threads, and far from the origin', async () => {
    const options = { estimator: 'stratified', samples: 8192, seed: 5 } as const;
    const here = estimateEntropy(q, options);
    expect(await estimateEntropyInParallel(q, { ...options, threads: 2 })).toEqual(here);
    const moved = new GaussianMixture([0.25, 0.75], [new Normal(2 ** 60 - 256, 128), new Normal(2 ** 60 + 512, 256)]);
    expect(estimateEntropy(moved, options).value).toBeCloseTo(here.value + Math.log(256), 12);
  });

  it('refuses a spread that no float can hold', () => {
    const wide = new GaussianMixture([0.5, 0.5], [new Normal(-1.7e308, 1.7e308), new Normal(1.7e308, 1.7e308)]);
    expect(() => estimateEntropy(wide, { estimator: 'plain', samples: 10, seed: 1 })).toThrow(
      'distribution: expected a spread that a float can hold',
    );
  });
});
