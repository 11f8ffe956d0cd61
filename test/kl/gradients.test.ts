import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { estimateKlGradient, replicateKlGradient } from '../../src/kl/gradients/estimate-gradient';
import { LogDensityGradient } from '../../src/kl/gradients/log-density-gradient';
import { quadratureKlGradient } from '../../src/kl/gradients/quadrature-gradient';
import {
  type Draw,
  GRADIENT_TERMS,
  type GradientEstimatorName,
  KL_GRADIENT_ESTIMATORS,
} from '../../src/kl/gradients/terms';
import { quadratureKl } from '../../src/kl/quadrature';
import { integrate } from '../../src/math/quadrature';

const standard = new Normal(0, 1);
const q1 = new Normal(0.3, 0.8);
const p1 = new GaussianMixture([0.4, 0.6], [new Normal(-1.6, 0.7), new Normal(1.2, 0.8)]);
const q2 = MultivariateNormal.diagonal([0.3, -0.2], [0.8, 0.6]);
const p2 = new GaussianMixture(
  [0.6, 0.4],
  [MultivariateNormal.diagonal([1.5, 0], [0.9, 0.8]), MultivariateNormal.full([-1, 0.5], [0.8, 0.3, 0.3, 0.9])],
);
const estimators = KL_GRADIENT_ESTIMATORS;

describe('quadratureKlGradient', () => {
  it('is μ and σ − 1/σ against N(0, 1), the derivatives of equation (9)', () => {
    const { mean, stddev } = quadratureKlGradient(new Normal(1.3, 0.4), standard);
    expect(mean[0]).toBeCloseTo(1.3, 9);
    expect(stddev[0]).toBeCloseTo(0.4 - 2.5, 9);
  });

  it('is Σ_p⁻¹(μ − m) and σ_j(Σ_p⁻¹)_jj − 1/σ_j against one normal, within the 1e-8 that it promises', () => {
    for (const [variance, covariance, other] of [
      [0.9, -0.3, 0.7],
      [4, 1.9, 1],
    ] as const) {
      const p = MultivariateNormal.full([1.2, 0.5], [variance, covariance, covariance, other]);
      const { mean, stddev } = quadratureKlGradient(q2, p);
      const determinant = variance * other - covariance ** 2;
      const [x, y] = [0.3 - 1.2, -0.2 - 0.5];
      expect(Math.abs(mean[0]! - (other * x - covariance * y) / determinant)).toBeLessThan(1e-8);
      expect(Math.abs(mean[1]! - (variance * y - covariance * x) / determinant)).toBeLessThan(1e-8);
      expect(Math.abs(stddev[0]! - ((0.8 * other) / determinant - 1 / 0.8))).toBeLessThan(1e-8);
      expect(Math.abs(stddev[1]! - ((0.6 * variance) / determinant - 1 / 0.6))).toBeLessThan(1e-8);
    }
  });

  it('agrees with central differences of quadratureKl in one and two dimensions', () => {
    const h = 1e-3;
    const slope = (f: (x: number) => number, x: number): number =>
      (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h);
    const one = quadratureKlGradient(q1, p1);
    // quadratureKl is good to 1e-8, divided by 0.67·h: 1.5e-5.
    expect(one.mean[0]).toBeCloseTo(
      slope((mu) => quadratureKl(new Normal(mu, 0.8), p1), 0.3),
      5,
    );
    expect(one.stddev[0]).toBeCloseTo(
      slope((sigma) => quadratureKl(new Normal(0.3, sigma), p1), 0.8),
      5,
    );
    const two = quadratureKlGradient(q2, p2);
    const mean = (mu: number) => quadratureKl(MultivariateNormal.diagonal([0.3, mu], [0.8, 0.6]), p2);
    const stddev = (sigma: number) => quadratureKl(MultivariateNormal.diagonal([0.3, -0.2], [sigma, 0.6]), p2);
    expect(two.mean[1]).toBeCloseTo(slope(mean, -0.2), 4);
    expect(two.stddev[0]).toBeCloseTo(slope(stddev, 0.8), 4);
  });

  it('refuses more than 2 dimensions', () => {
    const three = MultivariateNormal.diagonal([0, 0, 0], [1, 1, 1]);
    expect(() => quadratureKlGradient(three, three)).toThrow('q: expected at most 2 dimensions for quadrature, got 3');
  });
});

describe.each(estimators)('%s', (estimator) => {
  it.each([
    ['one dimension', q1, p1],
    ['two dimensions', q2, p2],
  ] as const)('is unbiased for μ and σ in %s: 20,000 gradients of 4 draws', (_, q, p) => {
    const exact = quadratureKlGradient(q, p);
    const { average, standardError } = replicateKlGradient(q, p, {
      estimator,
      samples: 4,
      replications: 20_000,
      seed: 1,
    });
    for (const parameter of ['mean', 'stddev'] as const) {
      exact[parameter].forEach((truth, j) => {
        // 5 standard errors, a false alarm once in 1.7 million per entry.
        expect(Math.abs(average[parameter][j]! - truth)).toBeLessThan(5 * standardError[parameter][j]!);
      });
    }
  });

  it('gives the same gradient for the same seed', () => {
    const options = { estimator, samples: 4, seed: 3 };
    expect(estimateKlGradient(q1, p1, options)).toEqual(estimateKlGradient(q1, p1, options));
    expect(estimateKlGradient(q1, p1, { ...options, seed: 4 })).not.toEqual(estimateKlGradient(q1, p1, options));
  });
});

describe('the gradient estimators, over K, dimension and distance from the nearest mode', () => {
  /** K modes of width 0.8 four apart along the first axis, and q of width 0.7 at a distance from the first of them. */
  const problem = (K: number, d: number, distance: number) => {
    const along = (first: number, rest: number) => Array.from({ length: d }, (_, j) => (j === 0 ? first : rest));
    const modes = Array.from({ length: K }, (_, k) => MultivariateNormal.diagonal(along(4 * k, 0), along(0.8, 0.8)));
    const q = MultivariateNormal.diagonal(along(distance, 0.3), along(0.7, 0.9));
    return { q, p: new GaussianMixture(new Array(K).fill(1 / K), modes) };
  };

  it.each(estimators.flatMap((estimator) => [1, 2, 8].flatMap((K) => [1, 2].map((d) => [estimator, K, d] as const))))(
    '%s, K = %d, d = %d: unbiased at distances 0, 1 and 2, of N = 2 and N = 8 draws',
    (estimator, K, d) => {
      for (const distance of [0, 1, 2]) {
        const { q, p } = problem(K, d, distance);
        const exact = quadratureKlGradient(q, p);
        for (const samples of [2, 8]) {
          const { average, standardError } = replicateKlGradient(q, p, {
            estimator,
            samples,
            replications: 2000,
            seed: 5,
          });
          for (const parameter of ['mean', 'stddev'] as const) {
            exact[parameter].forEach((truth, j) => {
              // 5 standard errors, for 432 entries in all: a false alarm once in 4,000 such suites. 1e-9 for what vanishes.
              const error = Math.abs(average[parameter][j]! - truth);
              expect(error).toBeLessThan(5 * standardError[parameter][j]! + 1e-9);
            });
          }
        }
      }
    },
  );
});

describe('the variance of one gradient', () => {
  const variance = (
    estimator: GradientEstimatorName,
    q: Normal,
    p: Normal | GaussianMixture,
    samples = 1,
    replications = 200_000,
  ) => replicateKlGradient(q, p, { estimator, samples, replications, seed: 2 }).variance;

  // Sample variances of 200,000 gradients vary by √((κ − 1)/200,000), 2 % for the largest kurtosis κ here; 5 of them.
  const near = (found: number, theory: number): void => expect(Math.abs(found / theory - 1)).toBeLessThan(0.1);

  it.each([
    [1, 0.5],
    [-0.5, 1.4],
    [2, 1],
  ])('is what theory gives against N(0, 1): μ = %d, σ = %d', (mu, sigma) => {
    const q = new Normal(mu, sigma);
    // Reparameterised: z = μ + σε for μ, and −1/σ + ε(μ + σε) for σ.
    const plain = variance('reparameterised', q, standard);
    near(plain.mean[0]!, sigma ** 2);
    near(plain.stddev[0]!, mu ** 2 + 2 * sigma ** 2);
    // Sticking the landing: μ + (σ − 1/σ)ε, and that times ε.
    const excess = sigma - 1 / sigma;
    const sticking = variance('sticking-the-landing', q, standard);
    if (excess === 0) expect(sticking.mean[0]).toBeLessThan(1e-30);
    else near(sticking.mean[0]!, excess ** 2);
    near(sticking.stddev[0]!, mu ** 2 + 2 * excess ** 2);
    // f = ln q/p = c + aε + bε², times ε/σ and (ε² − 1)/σ: moments of ε up to the eighth, 1, 3, 15 and 105.
    const [a, b, c] = [mu * sigma, (sigma ** 2 - 1) / 2, mu ** 2 / 2 - Math.log(sigma)];
    const score = variance('score-function', q, standard);
    near(score.mean[0]!, (c ** 2 + 2 * a ** 2 + 6 * b * c + 15 * b ** 2) / sigma ** 2);
    near(score.stddev[0]!, (2 * c ** 2 + 10 * a ** 2 + 20 * b * c + 74 * b ** 2) / sigma ** 2);
    // With the leave-one-out baseline it is the sample covariance S of f and the score s, of variance
    // Var S = μ₂₂/N − (N − 2)μ₁₁²/(N(N − 1)) + μ₂₀μ₀₂/(N(N − 1)), where μ_jk are the central moments of f and s.
    const N = 4;
    const ofCovariance = (m22: number, m11: number, m02: number): number =>
      m22 / N + ((a ** 2 + 2 * b ** 2) * m02 - (N - 2) * m11 ** 2) / (N * (N - 1));
    const baseline = variance('score-function-baseline', q, standard, N);
    near(baseline.mean[0]! * sigma ** 2, ofCovariance(3 * a ** 2 + 10 * b ** 2, a, 1));
    near(baseline.stddev[0]! * sigma ** 2, ofCovariance(10 * a ** 2 + 60 * b ** 2, 2 * b, 2));
  });

  it.each(['reparameterised', 'sticking-the-landing', 'score-function'] as const)(
    'is E[g²] − (E g)² by quadrature against a mixture: %s',
    (estimator) => {
      const { mean, stddev } = GRADIENT_TERMS[estimator];
      const logDensity = new LogDensityGradient(p1);
      const expectation = (f: (draw: Draw) => number): number =>
        integrate(
          (epsilon) => {
            const z = Float64Array.of(q1.mean + q1.stddev * epsilon);
            const signal = q1.logProb(z) - logDensity.at(z);
            const density = Math.exp(-0.5 * epsilon ** 2) / Math.sqrt(2 * Math.PI);
            return density * f({ epsilon, sigma: q1.stddev, pull: logDensity.gradient[0]!, signal });
          },
          [-9, -3, 0, 3, 9],
          { absolute: 1e-9, relative: 1e-9 },
        ).value;
      const found = variance(estimator, q1, p1);
      const byQuadrature = (g: (draw: Draw) => number): number =>
        expectation((draw) => g(draw) ** 2) - expectation(g) ** 2;
      near(found.mean[0]!, byQuadrature(mean));
      near(found.stddev[0]!, byQuadrature(stddev));
    },
  );

  it('vanishes at q = p for sticking-the-landing and for no reparameterised gradient', () => {
    const sticking = variance('sticking-the-landing', standard, standard);
    expect([sticking.mean[0], sticking.stddev[0]]).toEqual([0, 0]);
    expect(variance('reparameterised', standard, standard).mean[0]).toBeCloseTo(1, 1);
  });

  it('falls with a baseline once KL is large against the spread of ln q/p', () => {
    const q = new Normal(4, 1);
    // Ratios of 2.6 and 1.75, each known to some 3 % by 40,000: five standard errors above 1.5.
    const without = variance('score-function', q, standard, 8, 40_000);
    const baseline = variance('score-function-baseline', q, standard, 8, 40_000);
    expect(baseline.mean[0]).toBeLessThan(without.mean[0]! / 1.5);
    expect(baseline.stddev[0]).toBeLessThan(without.stddev[0]! / 1.5);
  });

  it('falls as 1/N', () => {
    const ratio = variance('reparameterised', q1, p1, 1).mean[0]! / variance('reparameterised', q1, p1, 4).mean[0]!;
    expect(ratio / 4).toBeCloseTo(1, 1);
  });
});

it('refuses one draw with a baseline, unknown estimators, counts that are none and shapes that differ', () => {
  const options = { estimator: 'reparameterised', samples: 1, seed: 1 } as const;
  expect(() => estimateKlGradient(q1, p1, { ...options, estimator: 'score-function-baseline' })).toThrow(
    'samples: expected an integer ≥ 2 for score-function-baseline, got 1',
  );
  expect(() => estimateKlGradient(q1, p1, { ...options, estimator: 'magic' as 'reparameterised' })).toThrow(
    'estimator: expected one of reparameterised,',
  );
  expect(() => estimateKlGradient(q1, p1, { ...options, samples: 0 })).toThrow('samples: expected an integer ≥ 1');
  expect(() => replicateKlGradient(q1, p1, { ...options, replications: 1 })).toThrow('replications: expected');
  expect(() => estimateKlGradient(q1, p2, options)).toThrow('p: expected event shape []');
  // Whose gradient would be by the entries of a matrix, or by weights.
  const full = MultivariateNormal.full([0, 0], [1, 0.5, 0.5, 1]) as unknown as typeof q1;
  const message = 'q: expected a normal with standard deviations, whose gradient by μ and σ this is, got';
  expect(() => estimateKlGradient(full, p2, options)).toThrow(`${message} a full covariance matrix`);
  expect(() => estimateKlGradient(p2 as unknown as typeof q1, p2, options)).toThrow(`${message} a mixture`);
});
