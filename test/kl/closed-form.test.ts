import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { NoClosedFormError } from '../../src/distributions/no-closed-form';
import { Normal } from '../../src/distributions/normal';
import { InvalidArgumentError } from '../../src/errors';
import { klDivergence } from '../../src/kl/closed-form';
import { RandomStream } from '../../src/math/random';
import { klInFortyDigits, relativeError } from './forty-digits';
import { randomCovariance } from './random-gaussians';

/** What issue 2 asks of every closed form. */
const PRECISION = 1e-9;

function expectFortyDigits(q: Gaussian, p: Gaussian): void {
  const expected = klInFortyDigits(q, p);
  if (expected.isZero()) expect(klDivergence(q, p)).toBe(0);
  else expect(relativeError(klDivergence(q, p), expected)).toBeLessThan(PRECISION);
}

describe('klDivergence of scalars', () => {
  it('is ½(−ln σ² − 1 + μ² + σ²) against N(0, 1): ln 2 + 0.345 at μ = 1.2, σ = 0.5 (equation 9)', () => {
    expect(klDivergence(new Normal(1.2, 0.5), new Normal(0, 1))).toBeCloseTo(Math.LN2 + 0.345, 15);
  });

  it('agrees with 60-digit arithmetic, also at σ = 1e-8, μ = 1e3 and at q ≈ p', () => {
    const stddevs = [1e-8, 0.3, 1 - 1e-7, 1, 1 + 1e-9, 1e3, 1e8];
    const means = [0, 1e-8, 1, 1e3, 1e3 + 1e-7];
    for (const mu of means) {
      for (const m of means) {
        for (const sigma of stddevs)
          for (const s of stddevs) expectFortyDigits(new Normal(mu, sigma), new Normal(m, s));
      }
    }
  });

  it('is finite where σ²/s² or its inverse overflows, and +∞ where the divergence does (rule 10)', () => {
    // ½(2 ln(1e600) − 1): the ratio of the variances is beyond every float, its logarithm is not.
    expect(klDivergence(new Normal(0, 1e-300), new Normal(0, 1e300))).toBeCloseTo(600 * Math.LN10 - 0.5, 9);
    expect(klDivergence(new Normal(0, 1e300), new Normal(0, 1e-300))).toBe(Infinity);
    expect(klDivergence(new Normal(1e308, 1), new Normal(-1e308, 1))).toBe(Infinity);
  });
});

describe('klDivergence of vectors', () => {
  const stream = RandomStream.of(41, 'test');
  const randomMean = (d: number): Float64Array => {
    const mean = new Float64Array(d);
    stream.fillNormal(mean);
    return mean;
  };

  it.each([1, 2, 5, 12])(
    'agrees with 60-digit arithmetic for full covariances of condition number 1e6, d = %i',
    (d) => {
      for (let repetition = 0; repetition < 4; repetition++) {
        const [q, p] = [1, 1e3].map((scale) => {
          const mean = randomMean(d).map((x) => x * scale);
          return MultivariateNormal.full(mean, randomCovariance(d, 1e6, stream));
        });
        expectFortyDigits(q!, p!);
        expectFortyDigits(p!, q!);
      }
    },
  );

  it.each([1e-2, 1e-5, 1e-9])(
    'keeps its digits as q approaches p: relative distance %f, condition number 1e6',
    (distance) => {
      const d = 4;
      const p = MultivariateNormal.full(randomMean(d), randomCovariance(d, 1e6, stream));
      // Within the smallest eigenvalue, 1e-6, so that Σ stays positive definite.
      const sigma = p.covariance.map((x, i) => x + (i % (d + 1) === 0 ? distance * 1e-6 * (1 + i) : 0));
      const q = MultivariateNormal.full(
        p.mean.map((x) => x + distance * 1e-3),
        sigma,
      );
      expectFortyDigits(q, p);
      expectFortyDigits(p, q);
    },
  );

  it('agrees between diagonal and full arguments, also where a diagonal σ² rounds', () => {
    const stddev = [0.1, 0.3, 1e-8];
    for (const excess of [0, 1e-8, 1e-4, 3]) {
      const diagonal = MultivariateNormal.diagonal([1, 2, 3], stddev);
      const covariance = stddev.map((s, i) => stddev.map((_, j) => (i === j ? s * s * (1 + excess) : 0)));
      const full = MultivariateNormal.full([1, 2, 3], covariance);
      expectFortyDigits(diagonal, full);
      expectFortyDigits(full, diagonal);
    }
  });

  it('agrees when Σ_q is 1e16 times smaller or larger than Σ_p', () => {
    const covariance = randomCovariance(3, 1e6, stream);
    const p = MultivariateNormal.full([0, 0, 0], covariance);
    const q = MultivariateNormal.full(
      [0, 0, 1e-3],
      covariance.map((x) => x * 1e-16),
    );
    expectFortyDigits(q, p);
    expectFortyDigits(p, q);
  });

  it('adds up over independent dimensions, 64 of them', () => {
    const [mean, stddev] = [randomMean(64), randomMean(64).map(Math.exp)];
    const q = MultivariateNormal.diagonal(mean, stddev);
    const p = MultivariateNormal.diagonal(new Float64Array(64), new Float64Array(64).fill(1));
    const sum = mean.reduce((total, mu, j) => total + klDivergence(new Normal(mu, stddev[j]!), new Normal(0, 1)), 0);
    expect(Math.abs(klDivergence(q, p) / sum - 1)).toBeLessThan(1e-13);
  });

  it('is zero for q = p and positive else', () => {
    const covariance = randomCovariance(5, 1e6, stream);
    const p = MultivariateNormal.full(new Float64Array(5), covariance);
    expect(klDivergence(p, MultivariateNormal.full(new Float64Array(5), covariance))).toBe(0);
    expect(klDivergence(p, MultivariateNormal.full([1e-9, 0, 0, 0, 0], covariance))).toBeGreaterThan(0);
  });

  it('gives +∞, never NaN, when it overflows on the way (rule 10)', () => {
    const p = MultivariateNormal.full([0, 0], [1e-200, 0, 0, 1e-200]);
    expect(klDivergence(MultivariateNormal.full([1e300, -1e300], [1, 0.5, 0.5, 1]), p)).toBe(Infinity);
    expect(klDivergence(MultivariateNormal.full([0, 0], [1e200, 1e199, 1e199, 1e200]), p)).toBe(Infinity);
  });
});

describe('klDivergence of mixtures', () => {
  const [a, b] = [new Normal(-1, 0.5), new Normal(2, 1)];
  const q = new Normal(0.3, 0.7);
  const genuine = new GaussianMixture([0.4, 0.6], [a, b]);

  it('is the component’s where the mixture is one normal: K = 1, duplicates, zero weights (rule 6)', () => {
    const expected = klDivergence(q, a);
    const again = new Normal(-1, 0.5);
    for (const p of [
      new GaussianMixture([1], [a]),
      new GaussianMixture([0.2, 0.8], [a, again]),
      new GaussianMixture([0, 1], [b, a]),
      new GaussianMixture([0.5, 0, 0.5], [a, b, again]),
    ]) {
      expect(klDivergence(q, p)).toBe(expected);
      expect(klDivergence(p, q)).toBe(klDivergence(a, q));
      expect(klDivergence(p, p)).toBe(0);
    }
  });

  it('has no closed form otherwise, and says why and what to call instead', () => {
    for (const [first, second] of [
      [q, genuine],
      [genuine, q],
      [genuine, genuine],
    ] as const) {
      expect(() => klDivergence(first, second)).toThrow(NoClosedFormError);
    }
    expect(() => klDivergence(q, genuine)).toThrow('p is a mixture, and the expectation of the logarithm of its sum');
    expect(() => klDivergence(genuine, q)).toThrow('q is a mixture');
    expect(() => klDivergence(q, genuine)).toThrow(/call monteCarloKl .*, klBounds .* or quadratureKl/);
  });

  it('refuses arguments on different spaces, naming both shapes (rule 10)', () => {
    const vector = MultivariateNormal.diagonal([0], [1]);
    expect(() => klDivergence(q, vector)).toThrow(InvalidArgumentError);
    expect(() => klDivergence(q, vector)).toThrow(
      'p: expected event shape [], the same as q’s, got [1]'.replace('’', "'"),
    );
  });
});
