import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { NoClosedFormError } from '../../src/distributions/no-closed-form';
import { Normal } from '../../src/distributions/normal';
import { klDivergence } from '../../src/kl/closed-form';
import { type DivergenceName, divergence, divergenceBounds, quadratureDivergence } from '../../src/kl/divergences';
import { estimateDivergence } from '../../src/kl/estimate-combined';
import { estimateDivergenceInParallel } from '../../src/kl/estimate-combined-in-parallel';
import { quadratureKl } from '../../src/kl/quadrature';

const normal = new Normal(0.5, 0.75);
const q = new GaussianMixture([0.25, 0.75], [new Normal(-1, 0.5), new Normal(2, 1)]);
const p = new GaussianMixture([0.5, 0.5], [new Normal(-2, 1), new Normal(0.5, 1)]);

/** By mpmath with 30 digits. */
const TRUTHS = [
  ['jeffreys', q, p, 2.92656311784477403],
  ['jensen-shannon', q, p, 0.207536243751240215],
  ['jensen-shannon', normal, q, 0.223856000182746666],
] as const;

describe.each(TRUTHS)('%s', (name, a, b, truth) => {
  it('agrees with 30-digit quadrature, and is symmetric', () => {
    expect(Math.abs(quadratureDivergence(name, a, b) - truth)).toBeLessThan(2e-8 * Math.max(1, truth));
    expect(quadratureDivergence(name, b, a)).toBeCloseTo(truth, 7);
  });

  // Each misses by more than 4.5 standard errors once in 150,000 seeds.
  it.each(['plain', 'stratified', 'rqmc', 'control-variate', 'importance', 'component-wise'] as const)(
    'is estimated within its error: %s',
    (estimator) => {
      const { value, standardError } = estimateDivergence(name, a, b, { estimator, samples: 16384, seed: 2 });
      expect(Math.abs(value - truth)).toBeLessThan(4.5 * standardError!);
    },
  );

  it('lies between its bounds', () => {
    const { lower, upper } = divergenceBounds(name, a, b);
    expect(lower).toBeLessThanOrEqual(truth);
    expect(upper).toBeGreaterThanOrEqual(truth);
  });
});

describe('divergence', () => {
  it('is, between normals, KL there and back for Jeffreys', () => {
    const [a, b] = [MultivariateNormal.full([0, 1], [2, 0.5, 0.5, 1]), MultivariateNormal.diagonal([1, 1], [1, 2])];
    expect(divergence('jeffreys', a, b)).toBe(klDivergence(a, b) + klDivergence(b, a));
    expect(divergence('kl', a, b)).toBe(klDivergence(a, b));
  });

  it('says what to call where there is no closed form', () => {
    expect(() => divergence('jeffreys', q, p)).toThrow(NoClosedFormError);
    expect(() => divergence('jensen-shannon', normal, new Normal(0, 1))).toThrow(
      /^the Jensen–Shannon divergence .* has no known closed form here: .* call estimateDivergence/,
    );
    expect(divergence('jensen-shannon', normal, new Normal(0.5, 0.75))).toBe(0);
  });

  it('refuses a name that is none, also one that every object has, and other shapes', () => {
    for (const name of ['toString', 'js']) {
      expect(() => divergence(name as DivergenceName, q, p)).toThrow(
        `name: expected one of kl, jeffreys, jensen-shannon, got "${name}"`,
      );
    }
    expect(() => divergence('jeffreys', q, MultivariateNormal.diagonal([0], [1]))).toThrow(
      'p: expected event shape []',
    );
  });
});

describe('the Jensen–Shannon divergence', () => {
  it('is ln 2 for distributions that share nothing, however far apart', () => {
    for (const distance of [1e3, 1e150]) {
      const [a, b] = [new Normal(-distance, 1), new Normal(distance, 1)];
      expect(quadratureDivergence('jensen-shannon', a, b)).toBeCloseTo(Math.LN2, 8);
      expect(divergenceBounds('jensen-shannon', a, b).upper).toBe(Math.LN2);
      const { value } = estimateDivergence('jensen-shannon', a, b, { estimator: 'plain', samples: 64, seed: 1 });
      expect(value).toBeCloseTo(Math.LN2, 12);
    }
  });

  it('is at most ln 2 by quadrature, too, whose error may be beyond', () => {
    const at = (shift: number): GaussianMixture =>
      new GaussianMixture([0.25, 0.75], [new Normal(0.625 + shift, 1), new Normal(0.25 + shift, 5 / 1024)]);
    expect(quadratureDivergence('jensen-shannon', at(0), at(100))).toBe(Math.LN2);
  });

  it('is at most a quarter of Jeffreys’ (Lin 1991)', () => {
    const any = fc
      .tuple(fc.double({ min: -4, max: 4, noNaN: true }), fc.double({ min: 0.2, max: 3, noNaN: true }))
      .map(([mean, stddev]) => new Normal(mean, stddev));
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(quadratureDivergence('jensen-shannon', a, b)).toBeLessThanOrEqual(
          divergence('jeffreys', a, b) / 4 + 1e-8,
        );
      }),
      { numRuns: 40, seed: 73 },
    );
  });
});

describe('estimateDivergence', () => {
  it('draws its two parts independently, meets a target error in all, and adds up what they cost', () => {
    const found = estimateDivergence('jeffreys', q, p, { estimator: 'best', targetError: 2e-3, seed: 4 });
    const [there, back] = found.parts;
    expect(found.standardError).toBeLessThanOrEqual(2e-3);
    expect(found.standardError).toBeCloseTo(Math.hypot(there!.standardError!, back!.standardError!), 15);
    expect(found.value).toBe(there!.value + back!.value);
    expect(found.evaluations).toBe(there!.evaluations + back!.evaluations);
    // The same problem twice, were the random numbers the same: equal values.
    const twice = estimateDivergence('jeffreys', q, q, { estimator: 'k3', samples: 100, seed: 1 });
    expect(twice.value).toBeCloseTo(0, 12);
    const same = estimateDivergence('jeffreys', normal, new Normal(0.5, 0.7500001), {
      estimator: 'plain',
      samples: 50,
      seed: 1,
    });
    expect(same.parts[0]!.value).not.toBeCloseTo(-same.parts[1]!.value, 9);
  });

  it('covers the truth with its intervals of 95 %: at least 178 times of 200', () => {
    const truth = TRUTHS[0][3];
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { interval } = estimateDivergence('jeffreys', q, p, { estimator: 'plain', samples: 200, seed });
      if (interval![0] <= truth && truth <= interval![1]) covered++;
    }
    // Outside this once in 10,000 times if intervals cover as they say.
    expect(covered).toBeGreaterThanOrEqual(178);
  });

  it('is the same to the last bit on threads', async () => {
    const options = { estimator: 'plain', samples: 5000, seed: 9 } as const;
    expect(await estimateDivergenceInParallel('jensen-shannon', q, p, { ...options, threads: 2 })).toEqual(
      estimateDivergence('jensen-shannon', q, p, options),
    );
  });

  it('is infinite where one part is', () => {
    const far = new Normal(1e200, 1e-200);
    expect(estimateDivergence('jeffreys', far, normal, { estimator: 'plain', samples: 10, seed: 1 }).value).toBe(
      Infinity,
    );
    expect(quadratureKl(far, normal)).toBe(Infinity);
  });
});
