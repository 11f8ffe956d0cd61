import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { type KlDistribution, klDivergence } from '../../src/kl/closed-form';
import { type EstimateKlOptions, estimateKl } from '../../src/kl/estimate-kl';
import { k3DrawsNeeded } from '../../src/kl/estimators/k3-variance';
import { klProblem } from '../../src/kl/estimators/problem';
import { ESTIMATORS, type EstimatorName, KL_ESTIMATORS } from '../../src/kl/estimators/table';
import { KlEstimator } from '../../src/kl/kl-estimator';
import { monteCarloKl } from '../../src/kl/monte-carlo';
import { quadratureKl } from '../../src/kl/quadrature';
import { Moments } from '../../src/math/moments';

// Without a command-line option for whoever runs the tests.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const standard = new Normal(0, 1);
const problems = {
  'one dimension, normal q': {
    q: new Normal(0, 1.2),
    p: new GaussianMixture([0.4, 0.6], [new Normal(-1.6, 0.7), new Normal(1.2, 0.8)]),
  },
  'two dimensions, normal q': {
    q: MultivariateNormal.diagonal([0.4, -0.2], [1.1, 0.9]),
    p: new GaussianMixture(
      [0.3, 0.7],
      [MultivariateNormal.full([1.2, 0.5], [0.9, -0.3, -0.3, 0.7]), MultivariateNormal.diagonal([-0.8, 0], [0.9, 1.1])],
    ),
  },
  'two dimensions, mixture q, full covariances': {
    q: new GaussianMixture(
      [0.3, 0.7],
      [MultivariateNormal.full([1, 0], [1, 0.3, 0.3, 0.8]), MultivariateNormal.full([-1, 1], [0.64, 0, 0, 0.81])],
    ),
    p: new GaussianMixture(
      [0.6, 0.4],
      [MultivariateNormal.full([1.5, 0], [0.81, 0, 0, 0.64]), MultivariateNormal.full([-1, 0.5], [0.8, 0.3, 0.3, 0.9])],
    ),
  },
} as const;

const fourDimensional = {
  q: MultivariateNormal.diagonal([0.3, -0.2, 0.1, 0.5], [0.8, 1.1, 0.9, 0.8]),
  p: new GaussianMixture(
    [0.3, 0.3, 0.4],
    [
      MultivariateNormal.diagonal([2, 0, 1, 0], [1, 1, 1, 1]),
      MultivariateNormal.diagonal([-1, 1, 0, 0], [1, 0.9, 1.1, 1]),
      MultivariateNormal.diagonal([0, -1, 0, 1], [1, 1.5, 0.9, 0.8]),
    ],
  ),
};

const usableFor = (name: keyof typeof problems): EstimatorName[] => {
  const problem = klProblem(problems[name].q, problems[name].p);
  return KL_ESTIMATORS.filter((estimator) => ESTIMATORS[estimator].objection(problem) === null);
};

describe.each(Object.keys(problems) as (keyof typeof problems)[])('every estimator, in %s', (name) => {
  const { q, p } = problems[name];
  const truth = quadratureKl(q, p);

  it.each(usableFor(name))('%s: mean over 1,000 seeds, and the error it reports', (estimator) => {
    const values = new Moments();
    const squaredErrors = new Moments();
    for (let seed = 0; seed < 1000; seed++) {
      const { value, standardError } = estimateKl(q, p, { estimator, samples: 256, seed });
      values.push(value);
      squaredErrors.push(standardError! ** 2);
    }
    if (ESTIMATORS[estimator].unbiased) {
      // 5 standard errors: a false alarm once in 1.7 million.
      expect(Math.abs(values.mean - truth)).toBeLessThan(5 * values.standardError!);
    } else {
      const bias = 0.5 * (truth ** 2 + varianceOfLogRatio(q, p)) - truth;
      expect(Math.abs(values.mean - truth - bias)).toBeLessThan(5 * values.standardError! + 0.003);
      expect(Math.abs(bias)).toBeGreaterThan(10 * values.standardError!);
    }
    // The error reported is the error there is: variances of 1,000 estimates vary by 4.5 % (kurtosis 3), 5 of them and skewness.
    expect(squaredErrors.mean / values.variance!).toBeGreaterThan(0.75);
    expect(squaredErrors.mean / values.variance!).toBeLessThan(1.3);
  });

  /** From 400,000 draws: within some 0.5 % of the variance, which is what the looser bound above allows for. */
  function varianceOfLogRatio(a: KlDistribution, b: KlDistribution): number {
    return monteCarloKl(a, b, { samples: 400_000, seed: 99 }).standardError! ** 2 * 400_000;
  }
});

describe('the variance of one term against N(0, 1) (rule 11)', () => {
  const samples = 200_000;
  const varianceOf = (estimator: EstimatorName, q: Normal): number =>
    estimateKl(q, standard, { estimator, samples, seed: 3 }).standardError! ** 2 * samples;

  it.each([
    [0, 0.8],
    [1, 1],
    [2, 0.3],
    [-1, 1.7],
  ])('μ = %d, σ = %d: (σ² − 1)²/2 + μ²σ² plain, σ⁴/2 + μ²σ² with the entropy taken analytically', (mu, sigma) => {
    const q = new Normal(mu, sigma);
    // Sample variances of such terms (kurtosis at most 15) vary by at most 0.9 %; 4 of them.
    expect(varianceOf('plain', q) / ((sigma ** 2 - 1) ** 2 / 2 + mu ** 2 * sigma ** 2)).toBeCloseTo(1, 1.4);
    expect(varianceOf('analytic-entropy', q) / (sigma ** 4 / 2 + mu ** 2 * sigma ** 2)).toBeCloseTo(1, 1.4);
    // Mirrored pairs lose what is odd in ε: μσε. Half of the even part's variance is left, twice over per draw.
    const even = (sigma ** 2 - 1) ** 2 / 2;
    expect(Math.abs(varianceOf('antithetic', q) - 2 * even)).toBeLessThan(0.04 * 2 * even + 1e-12);
  });

  it('is that of k2, whose mean is ½(KL² + Var ln q/p), where both are known', () => {
    const q = new Normal(0.5, 0.8);
    const kl = klDivergence(q, standard);
    const mean = 0.5 * (kl ** 2 + (0.64 - 1) ** 2 / 2 + 0.25 * 0.64);
    const { value, standardError, warnings } = estimateKl(q, standard, { estimator: 'k2', samples, seed: 1 });
    expect(Math.abs(value - mean)).toBeLessThan(4 * standardError!);
    expect(warnings).toEqual([expect.stringContaining('k2 is biased')]);
  });

  it('leaves control variates nothing to estimate between normals: the integrand is a sum of controls', () => {
    const q = MultivariateNormal.diagonal([1, -2], [0.5, 2]);
    const p = MultivariateNormal.full([0, 0], [1, 0.5, 0.5, 2]);
    const { value, standardError } = estimateKl(q, p, { estimator: 'control-variate', samples: 200, seed: 1 });
    expect(value).toBeCloseTo(klDivergence(q, p), 9);
    expect(standardError).toBeLessThan(1e-6);
  });

  it('leaves component-wise conditioning nothing to estimate once the modes are 40 σ apart', () => {
    const p = new GaussianMixture([0.25, 0.75], [new Normal(-20, 1), new Normal(20, 1)]);
    const q = new GaussianMixture([0.5, 0.5], [new Normal(-20, 0.5), new Normal(20, 0.9)]);
    const { value, standardError } = estimateKl(q, p, { estimator: 'component-wise', samples: 100, seed: 1 });
    expect(value).toBeCloseTo(quadratureKl(q, p), 7);
    expect(standardError).toBeLessThan(1e-12);
  });
});

describe('k3', () => {
  it('has no standard error from σ_q² = σ_p²/2 down, and none to be believed from ¾σ_p² down: it says so', () => {
    for (const [sigma, said] of [
      [0.9, null],
      [Math.sqrt(0.75), 'the standard error of k3 is not reliable here, for any number of draws'],
      [0.71, 'the standard error of k3 is not reliable here, for any number of draws'],
      [Math.SQRT1_2, 'the variance of k3 is not finite here'],
      [0.5, 'the variance of k3 is not finite here'],
    ] as const) {
      const finite = !said?.includes('not finite');
      const { standardError, interval, warnings } = estimateKl(new Normal(0, sigma), standard, {
        estimator: 'k3',
        samples: 1000,
        seed: 1,
      });
      expect(standardError !== null).toBe(finite);
      expect(interval !== null).toBe(finite);
      expect(warnings).toEqual(said === null ? [] : [expect.stringContaining(said)]);
    }
  });

  it('says how many draws its standard error needs: 10 E[r⁴]/E[r²]², in closed form', () => {
    const needed = (q: Normal | MultivariateNormal, p: KlDistribution): number => k3DrawsNeeded(klProblem(q, p));
    // Of equal widths, ln E[r^a] = ½a(a − 1)u² for means u apart: exp(6u² − 2u²).
    expect(needed(new Normal(0.5, 1), standard)).toBeCloseTo(10 * Math.exp(4 * 0.25), 10);
    // λ = σ_p²/σ_q² = 1.2: E[r⁴] = λ^(−3/2)(4 − 3λ)^(−½), E[r²]² = 1/(λ(2 − λ)).
    const lambda = 1.2;
    const ratio = (lambda ** -1.5 * (4 - 3 * lambda) ** -0.5) / (1 / (lambda * (2 - lambda)));
    expect(needed(new Normal(0, Math.sqrt(1 / lambda)), standard)).toBeCloseTo(10 * ratio, 10);
    // The same in coordinates that are turned and stretched, where both covariances are full.
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turned = (variances: readonly [number, number], u: number) =>
      MultivariateNormal.full(
        [c * u, s * u],
        [
          c * c * variances[0] + s * s * variances[1],
          c * s * (variances[0] - variances[1]),
          c * s * (variances[0] - variances[1]),
          s * s * variances[0] + c * c * variances[1],
        ],
      );
    const straight = needed(
      MultivariateNormal.diagonal([0.5, 0], [1, 1.1]),
      MultivariateNormal.diagonal([0, 0], [0.9, 1]),
    );
    expect(needed(turned([1, 1.21], 0.5), turned([0.81, 1], 0))).toBeCloseTo(straight, 8);
    const q = new Normal(1, 1);
    const warned = (samples: number) => estimateKl(q, standard, { estimator: 'k3', samples, seed: 1 }).warnings;
    expect(warned(500)).toEqual([expect.stringContaining('is not reliable below about 550 draws here')]);
    expect(warned(600)).toEqual([]);
  });

  it('looks at every direction of a full covariance', () => {
    const q = MultivariateNormal.full([0, 0], [1, 0.9, 0.9, 1]);
    const run = (p: MultivariateNormal) => estimateKl(q, p, { estimator: 'k3', samples: 100, seed: 1 }).standardError;
    // The variances along the axes agree, but across the diagonal q's is 0.1, less than half of p's.
    expect(run(MultivariateNormal.diagonal([0, 0], [1, 1]))).toBeNull();
    expect(run(MultivariateNormal.full([0, 0], [1, 0.85, 0.85, 1]))).toBeGreaterThan(0);
  });

  it('cannot meet a target error without a variance', () => {
    const options = { estimator: 'k3', targetError: 0.1, seed: 1 } as const;
    expect(() => estimateKl(new Normal(0, 0.5), standard, options)).toThrow(
      'estimator: k3 has no finite variance here',
    );
  });
});

describe('randomised quasi-Monte Carlo', () => {
  const { q, p } = fourDimensional;

  it('reaches a standard error of 1e-4 in 4 dimensions with over 50 times fewer evaluations than plain needs', () => {
    const rqmc = estimateKl(q, p, { estimator: 'rqmc', targetError: 1e-4, seed: 1 });
    expect(rqmc.stoppedBy).toBe('target-error');
    expect(rqmc.standardError).toBeLessThanOrEqual(1e-4);
    const pilot = estimateKl(q, p, { estimator: 'plain', samples: 50_000, seed: 1 });
    expect((50_000 * (pilot.standardError! / 1e-4) ** 2) / rqmc.evaluations).toBeGreaterThan(50);
    expect(Math.abs(rqmc.value - pilot.value)).toBeLessThan(4 * pilot.standardError!);
  });

  it('takes 64 dimensions, of a mixture too, and refuses 65', () => {
    const normal = (d: number, mean: number) =>
      MultivariateNormal.diagonal(new Array(d).fill(mean), new Array(d).fill(1));
    const mixed = new GaussianMixture([0.5, 0.5], [normal(64, 0), normal(64, 0.1)]);
    const options = { estimator: 'rqmc', samples: 256, seed: 1 } as const;
    const { value: between, standardError: error } = estimateKl(mixed, normal(64, 0), options);
    // Convexity: at most ½KL of the second component, ½·½·64·0.1² = 0.16.
    expect([between > -5 * error!, between < 0.16 + 5 * error!]).toEqual([true, true]);
    const q = MultivariateNormal.diagonal(
      Array.from({ length: 64 }, (_, j) => 0.2 * Math.sin(j)),
      new Array(64).fill(0.9),
    );
    const { value, standardError } = estimateKl(q, normal(64, 0), { ...options, samples: 16_384 });
    // 6.4 of its own errors, Student's t with 15 degrees of freedom: a false alarm once in 80,000 seeds.
    expect(Math.abs(value - klDivergence(q, normal(64, 0)))).toBeLessThan(6.4 * standardError!);
    expect(standardError).toBeLessThan(
      0.5 * estimateKl(q, normal(64, 0), { ...options, estimator: 'plain', samples: 16_384 }).standardError!,
    );
    expect(() => estimateKl(normal(65, 0), normal(65, 1), options)).toThrow(
      'estimator: rqmc has direction numbers for at most 64 dimensions, got 65; use stratified or plain',
    );
  });
});

describe('estimateKl', () => {
  const { q, p } = problems['one dimension, normal q'];
  const { q: mixture } = problems['two dimensions, mixture q, full covariances'];

  it.each(KL_ESTIMATORS)('%s gives the same numbers however the draws are portioned', (estimator) => {
    const options: EstimateKlOptions = { estimator, samples: 5000, seed: 8 };
    const whole = estimateKl(q, p, options);
    for (const portion of [1, 333, 4096]) {
      const estimation = new KlEstimator(q, p, options);
      while (!estimation.done) estimation.draw(portion);
      expect(estimation.result()).toEqual(whole);
    }
    expect(estimateKl(q, p, { ...options, seed: 9 }).value).not.toBe(whole.value);
  });

  it('is monteCarloKl for plain, to the last bit', () => {
    const { value, standardError } = estimateKl(q, p, { estimator: 'plain', samples: 1000, seed: 2 });
    expect({ value, standardError, samples: 1000 }).toEqual(monteCarloKl(q, p, { samples: 1000, seed: 2 }));
  });

  it('draws until the target error is met, or says that the cap came first', () => {
    const met = estimateKl(q, p, { estimator: 'plain', targetError: 2e-3, seed: 1 });
    expect([met.stoppedBy, met.standardError! <= 2e-3]).toEqual(['target-error', true]);
    // Var f ≈ 0.51, so 126,000 draws; the steps overshoot by 5 % and the noise of the first looks.
    expect(met.samples).toBeGreaterThan(110_000);
    expect(met.samples).toBeLessThan(160_000);
    const capped = estimateKl(q, p, { estimator: 'plain', targetError: 1e-5, maxSamples: 10_000, seed: 1 });
    expect([capped.stoppedBy, capped.samples]).toEqual(['max-samples', 10_000]);
  });

  it('takes a cap below the first look, and stops at an infinite term: no draw can undo it', () => {
    for (const estimator of KL_ESTIMATORS) {
      const capped = estimateKl(q, p, { estimator, targetError: 1e-9, maxSamples: 1000, seed: 1 });
      expect([capped.stoppedBy, capped.samples > 500, capped.samples <= 1000]).toEqual(['max-samples', true, true]);
    }
    const far = estimateKl(new Normal(1e200, 1), new Normal(0, 1e-200), {
      estimator: 'plain',
      targetError: 1e-3,
      seed: 1,
    });
    expect([far.stoppedBy, far.value, far.samples]).toEqual(['infinite-value', Infinity, 4096]);
  });

  it('says that it was interrupted where it was, has no value before the first draw, and refuses to draw none', () => {
    for (const estimator of KL_ESTIMATORS) {
      const estimation = new KlEstimator(q, p, { estimator, samples: 1024, seed: 1 });
      expect(estimation.result()).toMatchObject({ value: Number.NaN, standardError: null, stoppedBy: 'interrupted' });
      for (const none of [0, -3, 0.5, Number.NaN]) {
        expect(() => estimation.draw(none)).toThrow(`samples: expected a positive integer, got ${none}`);
      }
      estimation.draw(2048);
      expect(estimation.result().stoppedBy).toBe('samples');
    }
  });

  it('picks the best estimator by pilot runs, reports them, and draws afresh', () => {
    const result = estimateKl(q, p, { estimator: 'best', samples: 50_000, seed: 1 });
    expect(result.compared?.map(({ estimator }) => estimator).toSorted()).toEqual(
      KL_ESTIMATORS.filter((name) => name !== 'k2').toSorted(),
    );
    expect(result.estimator).toBe(result.compared?.[0]?.estimator);
    const pilots = result.compared!.reduce((sum, { evaluations }) => sum + evaluations, 0);
    expect(result.evaluations).toBe(result.samples + pilots);
    const plain = estimateKl(q, p, { estimator: 'plain', samples: 50_000, seed: 1 });
    expect(result.standardError).toBeLessThan(plain.standardError! / 5);
    expect(Math.abs(result.value - quadratureKl(q, p))).toBeLessThan(5 * result.standardError!);
    // Far apart, conditioning on components leaves next to nothing to sample.
    const apart = new GaussianMixture([0.5, 0.5], [new Normal(-30, 1), new Normal(30, 1)]);
    const easy = estimateKl(new Normal(29, 2), apart, { estimator: 'best', samples: 10_000, seed: 1 });
    expect(easy.standardError).toBeLessThan(1e-9);
  });

  it('widens the interval with the confidence', () => {
    const width = (confidence: number): number => {
      const { interval } = estimateKl(q, p, { estimator: 'plain', samples: 1000, seed: 1, confidence });
      return interval![1] - interval![0];
    };
    // Student's t with 999 degrees of freedom: 2.5808 against 1.6464.
    expect(width(0.99) / width(0.9)).toBeCloseTo(2.5808 / 1.6464, 3);
  });

  it('is +∞ without a standard error where p’s log density leaves the floats (rule 10)', () => {
    for (const estimator of ['plain', 'k3', 'antithetic', 'stratified', 'rqmc', 'importance'] as const) {
      const far = estimateKl(new Normal(1e200, 1), new Normal(0, 1e-200), { estimator, samples: 512, seed: 1 });
      expect([far.value, far.standardError]).toEqual([Infinity, null]);
    }
  });

  it.each(KL_ESTIMATORS)('%s holds on to less than 1 MB after 2^18 draws, which would be 2 MB', (estimator) => {
    // The least of three: what the test runner does meanwhile has a few hundred kilobytes of its own.
    const held = (): number => {
      const bytes = Array.from({ length: 3 }, () => {
        collectGarbage();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return heapUsed + arrayBuffers;
      });
      return Math.min(...bytes);
    };
    const estimation = new KlEstimator(q, p, { estimator, samples: 2 ** 18, seed: 1 });
    estimation.draw(2 ** 14);
    const before = held();
    while (!estimation.done) estimation.draw(10_000);
    expect(held() - before).toBeLessThan(1e6);
    // Still in use, or it would have been collected with all that it holds.
    expect(estimation.result().samples).toBeGreaterThan(2 ** 17);
  });

  it.each<[string, Partial<EstimateKlOptions>]>([
    ['samples: expected exactly one of samples and targetError', {}],
    ['samples: expected exactly one of samples and targetError', { samples: 10, targetError: 1 }],
    ['samples: expected a positive integer, got 0', { samples: 0 }],
    ['samples: expected at least 32 for rqmc here, got 20', { samples: 20, estimator: 'rqmc' }],
    ['targetError: expected a finite number > 0, got -1', { targetError: -1 }],
    ['maxSamples: expected a positive integer, got 0.5', { targetError: 1, maxSamples: 0.5 }],
    ['confidence: expected a number between 0 and 1, got 95', { samples: 10, confidence: 95 }],
    [
      'confidence: expected at most 0.9999999999999998, got 0.9999999999999999',
      { samples: 10, confidence: 1 - 2 ** -53 },
    ],
    ['seed: expected an integer, got 0.5', { samples: 10, seed: 0.5 }],
    ['estimator: expected one of plain, analytic-entropy,', { samples: 10, estimator: 'magic' as 'plain' }],
  ])('refuses: %s', (message, options) => {
    expect(() => estimateKl(q, p, { estimator: 'plain', seed: 1, ...options })).toThrow(message);
  });

  it('refuses an analytic entropy for a mixture q, and shapes that differ', () => {
    const options = { estimator: 'analytic-entropy', samples: 10, seed: 1 } as const;
    expect(() => estimateKl(mixture, mixture, options)).toThrow('estimator: analytic-entropy needs an entropy');
    expect(() => estimateKl(mixture, p, options)).toThrow('p: expected event shape [2]');
  });

  it('tells 100 from "100", and an estimator from what every object has', () => {
    const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
    const with_ = (options: object) => () =>
      estimateKl(q, p, { estimator: 'plain', samples: 10, seed: 1, ...options } as never);
    expect(with_({ samples: '100' })).toThrow('samples: expected a positive integer, got "100"');
    expect(with_({ estimator: 'toString' })).toThrow(/^estimator: expected one of plain, .*, best, got "toString"$/);
    expect(with_({ confidence: '0.9' })).toThrow('confidence: expected a number between 0 and 1, got "0.9"');
    expect(with_({ samples: undefined, targetError: '1e-3' })).toThrow(
      'targetError: expected a finite number > 0, got "1e-3"',
    );
  });
});
