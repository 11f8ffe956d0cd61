import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import type { KlDistribution } from '../../src/kl/closed-form';
import { quadratureDivergence } from '../../src/kl/divergences';
import { estimateDivergence, estimateEntropy } from '../../src/kl/estimate-combined';
import { estimateKlInParallel } from '../../src/kl/estimate-in-parallel';
import { estimateKl } from '../../src/kl/estimate-kl';
import { rareLogOdds } from '../../src/kl/estimators/log-odds';
import { type EstimatorName, KL_ESTIMATORS } from '../../src/kl/estimators/table';
import { oddsAt, placeTilted, tilted } from '../../src/kl/estimators/tilt';
import { quadratureEntropy, quadratureKl } from '../../src/kl/quadrature';
import { integrate } from '../../src/math/quadrature';
import { RandomStream } from '../../src/math/random';
import { summarize } from '../../src/math/summary';
import { randomProblems } from './random-problems';

const pair = (distance: number, weight = 0.5, width = 1): GaussianMixture =>
  new GaussianMixture([1 - weight, weight], [new Normal(0, 1), new Normal(distance, width)]);
const BY_CHANCE = ['plain', 'antithetic', 'stratified', 'control-variate'] satisfies EstimatorName[];

describe('modes apart, of which each one’s draws hardly reach the other', () => {
  // Four standard errors: once in 16,000 of these, for a fair one.
  it.each([4.5, 5, 6, 7, 8, 9, 10, 12, 14])(
    'component-wise knows the entropy, and its error: %d σ apart',
    (distance) => {
      const q = pair(distance);
      const { value, standardError } = estimateEntropy(q, { estimator: 'component-wise', samples: 4000, seed: 1 });
      expect(Math.abs(value - quadratureEntropy(q))).toBeLessThan(4 * standardError! + 1e-14);
      // What the modes share, ½·ln 2πe + ln 2 − H(q), to 5 %: draws from q itself need 10⁴ to 10¹⁴ draws for that.
      const shared = 0.5 * Math.log(2 * Math.PI * Math.E) + Math.LN2 - quadratureEntropy(q);
      expect(standardError).toBeLessThan(0.05 * shared + 1e-14);
    },
  );

  it.each([
    ['a rare one', pair(7, 1e-3), new Normal(0, 1)],
    ['a narrow one', pair(5, 0.4, 0.3), new Normal(0, 2)],
    ['a wide one', pair(25, 0.4, 4), pair(24, 0.5, 5)],
    ['mixtures on both sides', pair(8), pair(7.5, 0.3, 1.2)],
    ['p alone has two', new Normal(0, 1), pair(6.5, 0.2)],
    [
      'axes of their own',
      new GaussianMixture(
        [0.3, 0.7],
        [MultivariateNormal.full([0, 0], [1, 0.8, 0.8, 1]), MultivariateNormal.full([7, -2], [1, -0.5, -0.5, 2])],
      ),
      MultivariateNormal.full([1, 0], [9, 1, 1, 9]),
    ],
    [
      'a diagonal and a full one',
      new GaussianMixture(
        [0.5, 0.5],
        [MultivariateNormal.diagonal([0, 0], [1, 0.1]), MultivariateNormal.full([0, 1], [1, 0.05, 0.05, 0.01])],
      ),
      new GaussianMixture(
        [0.5, 0.5],
        [MultivariateNormal.diagonal([0, 0], [1, 0.11]), MultivariateNormal.diagonal([0, 1.1], [1, 0.1])],
      ),
    ],
  ] as [string, KlDistribution, KlDistribution][])('component-wise is right by its own error: %s', (_, q, p) => {
    const exact = quadratureKl(q, p);
    for (const seed of [1, 2, 3]) {
      const { value, standardError } = estimateKl(q, p, { estimator: 'component-wise', samples: 4000, seed });
      expect(Math.abs(value - exact)).toBeLessThan(4 * standardError! + 1e-8 * Math.max(1, exact));
    }
  });

  it('has intervals of 95 % that hold the truth nine times in ten and more', () => {
    const q = pair(9);
    const exact = quadratureEntropy(q);
    const held = Array.from({ length: 400 }, (_, seed) => {
      const { interval } = estimateEntropy(q, { estimator: 'component-wise', samples: 512, seed });
      return interval![0] <= exact && exact <= interval![1];
    }).filter(Boolean).length;
    // With 95 % each, 360 of 400 and fewer come about once in 30,000 times.
    expect(held).toBeGreaterThan(360);
  });

  it('sees what a Jensen–Shannon divergence of overlapping modes lacks to ln 2, beside what they have in common', () => {
    const [q, p] = [pair(1), new GaussianMixture([0.5, 0.5], [new Normal(10, 1), new Normal(11, 1)])];
    const exact = quadratureDivergence('jensen-shannon', q, p);
    const options = { samples: 20_000, seed: 1 };
    for (const estimator of ['component-wise', 'best'] as const) {
      const { value, standardError } = estimateDivergence('jensen-shannon', q, p, { estimator, ...options });
      expect(Math.abs(value - exact)).toBeLessThan(4 * standardError!);
      expect(standardError).toBeLessThan(0.1 * (Math.LN2 - exact));
    }
    const { warnings } = estimateDivergence('jensen-shannon', q, p, { estimator: 'plain', ...options });
    expect(warnings.join()).toContain('places between components');
  });

  it('comes out the same on threads, which pass over the draws of the others', async () => {
    const [q, p] = [pair(8), pair(7.5, 0.3, 1.2)];
    const options = { estimator: 'component-wise', samples: 20_001, seed: 5 } as const;
    expect(await estimateKlInParallel(q, p, { ...options, threads: 2 })).toEqual(estimateKl(q, p, options));
  });
});

describe('estimators whose draws come between the modes by chance', () => {
  const [q, p] = [new Normal(0, 1), new Normal(10, 1)];
  const exact = quadratureDivergence('jensen-shannon', q, p);

  it.each(BY_CHANCE)('say so where that is what the divergence is made of: %s', (estimator) => {
    const { value, standardError, warnings } = estimateDivergence('jensen-shannon', q, p, {
      estimator,
      samples: 20_000,
      seed: 1,
    });
    // The fault that is warned of: some are off by thousands of their standard errors.
    expect(Math.abs(value - exact)).toBeGreaterThan(2 * standardError!);
    expect(warnings.join()).toContain('places between components, where about one draw in');
    expect(warnings.join()).toContain('use the estimator component-wise');
  });

  it('are passed over by best', () => {
    const { value, standardError, warnings } = estimateDivergence('jensen-shannon', q, p, {
      estimator: 'best',
      samples: 20_000,
      seed: 1,
    });
    expect(warnings).toEqual([]);
    expect(standardError).toBeLessThan(1e-7);
    expect(Math.abs(value - exact)).toBeLessThan(4 * standardError!);
  });

  it('go on until a target error covers it', () => {
    const m = pair(8);
    const options = { estimator: 'plain', targetError: 2e-5, seed: 1 } as const;
    const { value, samples, stoppedBy } = estimateKl(new Normal(0, 1), m, options);
    expect(stoppedBy).toBe('target-error');
    expect(samples).toBeGreaterThan(20_000);
    // Four times the target, once in some hundred seeds: few draws come, and the number of them is skewed.
    expect(Math.abs(value - quadratureKl(new Normal(0, 1), m))).toBeLessThan(8e-5);
  });

  it.each(KL_ESTIMATORS.filter((name) => name !== 'analytic-entropy' && name !== 'k2'))(
    'have nothing to say of it where q is p: %s',
    (estimator) => {
      const { warnings } = estimateKl(pair(8), pair(8), { estimator, samples: 4096, seed: 1 });
      expect(warnings).toEqual([]);
    },
  );

  it.each(['plain', 'control-variate', 'rqmc'] satisfies EstimatorName[])(
    'nor where modes overlap, or the rest has a larger error: %s',
    (estimator) => {
      for (const [own, other] of [
        [pair(3), new Normal(0, 1)],
        [pair(9), new Normal(0, 3)],
        [new Normal(0, 1.2), pair(3, 0.6, 0.8)],
      ] as const) {
        expect(estimateKl(own, other, { estimator: 'plain', samples: 4096, seed: 1 }).warnings).toEqual([]);
      }
      expect(estimateKl(new Normal(0, 1.2), pair(3), { estimator, samples: 4096, seed: 1 }).warnings).toEqual([]);
    },
  );
});

describe('tilted normals', () => {
  const sight = { common: 0.25, negligible: -45 };
  const weighted = (component: Gaussian, weight = 0.5) => ({ logWeight: Math.log(weight), component });

  it.each([
    ['one width', new Normal(0, 1), new Normal(6, 1), 0.5],
    ['a narrow one', new Normal(0, 1), new Normal(6, 0.2), 0.5],
    ['a wide one', new Normal(0, 1), new Normal(20, 5), 0.5],
    ['a rare one, nearer', new Normal(0, 1), new Normal(3, 1), 1e-4],
  ])('have ψ(θ) = ln ∫ q e^θl, and l about zero or θ = 1: %s', (_, from, to, weight) => {
    const found = rareLogOdds(from, weighted(to, weight), weighted(from), sight);
    if (typeof found === 'string') throw new Error(found);
    const { odds, tilt } = found;
    const l = (x: number): number => oddsAt(odds, Float64Array.of(x));
    const at = Float64Array.of(1.7);
    expect(l(1.7)).toBeCloseTo(Math.log(weight / 0.5) + to.logProbAt(at, 0) - from.logProbAt(at, 0), 10);
    const mass = (x: number): number => Math.exp(tilt.theta * l(x) + from.logProbAt(Float64Array.of(x), 0));
    const tolerance = { absolute: 0, relative: 1e-10 };
    const total = integrate(mass, [-40, 0, 6, 20, 60], tolerance).value;
    expect(Math.log(total)).toBeCloseTo(tilt.psi, 8);
    const mean = integrate((x) => l(x) * mass(x), [-40, 0, 6, 20, 60], { absolute: 1e-12, relative: 1e-10 }).value;
    expect(mean / total).toBeCloseTo(tilt.mean, 6);
    if (tilt.theta < 1) expect(Math.abs(tilt.mean)).toBeLessThanOrEqual(0.01 * Math.sqrt(tilt.variance));
    else expect(tilt.mean).toBeLessThanOrEqual(0);
  });

  it('are drawn from with the density that they are weighted by, axes turned', () => {
    const from = MultivariateNormal.full([0, 0, 0], [2, 0.5, 0, 0.5, 1, 0.2, 0, 0.2, 3]);
    const to = MultivariateNormal.full([6, -3, 2], [1, 0.3, 0.1, 0.3, 2, 0, 0.1, 0, 0.5]);
    const found = rareLogOdds(from, weighted(to), weighted(from), sight);
    if (typeof found === 'string') throw new Error(found);
    const { odds } = found;
    const { theta, psi } = tilted(odds, 0.3);
    const stream = RandomStream.of(1, 'tilted');
    const [eta, x] = [new Float64Array(3), new Float64Array(3)];
    // P(l > −25) under q by its own draws, and by those of h with the weight q/h, which is at most e^(ψ + 25θ) there.
    const from25 = (weight: (l: number) => number, drawn: () => void) =>
      summarize(
        Array.from({ length: 20_000 }, () => {
          drawn();
          const l = oddsAt(odds, x);
          return l > -25 ? weight(l) : 0;
        }),
      );
    const direct = from25(
      () => 1,
      () => stream.fillNormal(x),
    );
    const tiltedDraws = from25(
      (l) => Math.exp(psi - theta * l),
      () => {
        stream.fillNormal(eta);
        placeTilted(odds, theta, eta, x);
      },
    );
    expect(direct.mean).toBeGreaterThan(0.05);
    // Once in 16,000, were the seed not fixed.
    const error = Math.hypot(direct.standardDeviation!, tiltedDraws.standardDeviation!) / Math.sqrt(20_000);
    expect(Math.abs(tiltedDraws.mean - direct.mean)).toBeLessThan(4 * error);
    expect(tiltedDraws.standardDeviation).toBeLessThan(3 * direct.standardDeviation!);
  });

  it('are not made where nothing is rare, or nothing comes', () => {
    const from = new Normal(0, 1);
    expect(rareLogOdds(from, weighted(new Normal(1.3, 1)), weighted(from), sight)).toBe('common');
    expect(rareLogOdds(from, weighted(new Normal(30, 1)), weighted(from), sight)).toBe('negligible');
    expect(rareLogOdds(from, weighted(new Normal(1e300, 1)), weighted(from), sight)).toBe('negligible');
    const [wide, slanted] = [
      [1, 0.5, 0.5, 1],
      [1, 0, 0, 1],
    ].map((c) => MultivariateNormal.full([0, 0], c));
    expect(rareLogOdds(wide!, weighted(slanted!), weighted(wide!), sight)).toBe('common');
  });
});

describe('random mixtures, from overlapping to far apart', () => {
  it.each(['component-wise', 'best'] as const)(
    'are never off by seven standard errors without a warning: 150 of them by %s',
    (estimator) => {
      for (const { exact, estimate, seed } of randomProblems(2, 150)) {
        const made = estimate({ estimator, samples: 4096, seed });
        if (made === null || made.warnings.length > 0) continue;
        // Fewer than one in 10⁸, were they normal; component-wise gives rare components 32 draws, with Student's tails (31 degrees: 7e-8).
        const most = 7 * made.standardError + 1e-8 * Math.max(1, Math.abs(exact));
        expect(Math.abs(made.value - exact)).toBeLessThan(most);
      }
    },
  );
});
