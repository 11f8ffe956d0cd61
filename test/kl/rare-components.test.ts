import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { estimateEntropy } from '../../src/kl/estimate-combined';
import { estimateKlInParallel } from '../../src/kl/estimate-in-parallel';
import { estimateKl } from '../../src/kl/estimate-kl';
import { type EstimatorName, KL_ESTIMATORS } from '../../src/kl/estimators/table';
import { quadratureEntropy, quadratureKl } from '../../src/kl/quadrature';

/** A component of weight w, a distance away from one N(0, 1) with the rest. */
const withFarComponent = (w: number, distance: number): GaussianMixture =>
  new GaussianMixture([1 - w, w], [new Normal(0, 1), new Normal(distance, 1)]);

const p = new Normal(0, 1);
/** ½·10⁶ nats in one of a million draws: 0.5 in all. */
const q = withFarComponent(1e-6, 1000);
const BY_CHANCE = KL_ESTIMATORS.filter((name) => name !== 'analytic-entropy' && name !== 'component-wise');

describe('a component of q that the draws miss', () => {
  it.each(BY_CHANCE)('is warned of where it carries the divergence: %s', (estimator) => {
    const { warnings } = estimateKl(q, p, { estimator, samples: 4096, seed: 1 });
    expect(warnings.join('\n')).toContain('cannot be believed below some 1.0e+7 draws here: components of q');
    expect(warnings.join('\n')).toContain('one of weight 0.0000010 adds some 0.50 nats');
  });

  it('is seen by component-wise, and so by best, which has looked at what the others miss', () => {
    const exact = quadratureKl(q, p);
    expect(exact).toBeCloseTo(0.5 - 1.4816e-5, 8);
    for (const options of [{ samples: 10_000 }, { targetError: 0.01 }]) {
      const { value, estimator, warnings } = estimateKl(q, p, { estimator: 'best', seed: 1, ...options });
      expect(estimator).toBe('component-wise');
      expect(value).toBeCloseTo(exact, 8);
      expect(warnings).toEqual([]);
    }
  });

  it('keeps a target error from ending the drawing before there is an error to meet it', async () => {
    const rare = withFarComponent(1e-4, 30);
    const options = { estimator: 'plain', targetError: 0.01, seed: 1 } as const;
    const { value, standardError, samples, stoppedBy, warnings } = estimateKl(rare, p, options);
    expect(samples).toBeGreaterThan(4096);
    expect({ stoppedBy, warnings }).toEqual({ stoppedBy: 'target-error', warnings: [] });
    // Some ten draws of the component: a skewed estimate, within 4 standard errors but once in some 200 seeds.
    expect(Math.abs(value - quadratureKl(rare, p))).toBeLessThan(4 * standardError!);
    expect(await estimateKlInParallel(rare, p, { ...options, threads: 2 })).toEqual(
      estimateKl(rare, p, { ...options }),
    );
  });

  it('is not warned of where it carries next to nothing, nor where equal weights are many and small', () => {
    const samples = { samples: 2000, seed: 1 };
    const near = withFarComponent(1e-6, 3);
    expect(estimateKl(near, new Normal(1, 2), { estimator: 'plain', ...samples }).warnings).toEqual([]);
    const many = Array.from({ length: 500 }, (_, k) => new Normal(k / 50, 0.5));
    const even = new GaussianMixture(new Array(500).fill(1 / 500), many);
    expect(estimateKl(even, new Normal(5, 3), { estimator: 'plain', ...samples }).warnings).toEqual([]);
  });
});

describe('draws that are spread evenly', () => {
  const withShare = (share: number): GaussianMixture =>
    new GaussianMixture([share, 1 - share], [new Normal(-30, 1), new Normal(0, 1)]);
  const estimate = (share: number, seed: number) =>
    estimateKl(withShare(share), p, { estimator: 'rqmc', samples: 4096, seed });

  it('are warned of where a component gets one more of them in few of the 16 repetitions', () => {
    // 256 draws together: 16 of the component, and 17 with probability 0.02, so in none of 16 repetitions with probability 0.72. One is 450/256 nats.
    const exact = quadratureKl(withShare(16.02 / 256), p);
    let warned = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { value, standardError, warnings } = estimate(16.02 / 256, seed);
      if (warnings.length > 0) warned++;
      else expect(Math.abs(value - exact)).toBeLessThan(4 * standardError!);
    }
    // 29 on average, and fewer than 20 once in 500 such tests.
    expect(warned).toBeGreaterThanOrEqual(20);
    expect(estimate(16.02 / 256, 0).warnings.join()).toContain('gets one draw more of 256 is left to chance');
  });

  it('are not warned of where each repetition gets as many, or where about half get one more', () => {
    for (const share of [16 / 256, 16.5 / 256]) {
      for (let seed = 0; seed < 5; seed++) expect(estimate(share, seed).warnings).toEqual([]);
    }
  });

  it('are left out by best, which sees it in its pilot runs', () => {
    const { estimator, value } = estimateKl(withShare(16.02 / 256), p, { estimator: 'best', samples: 4096, seed: 1 });
    expect(estimator).toBe('component-wise');
    expect(value).toBeCloseTo(quadratureKl(withShare(16.02 / 256), p), 6);
  });
});

describe('the entropy of a mixture with a component far out', () => {
  it.each<EstimatorName>([
    'plain',
    'antithetic',
    'stratified',
    'rqmc',
    'control-variate',
    'importance',
    'component-wise',
  ])('is within its error though no draw sees the component: %s', (estimator) => {
    for (const [w, distance] of [
      [1e-6, 1e4],
      [1e-9, 1e8],
      [1e-4, -50],
    ] as const) {
      const far = withFarComponent(w, distance);
      const { value, standardError } = estimateEntropy(far, { estimator, samples: 4096, seed: 1 });
      expect(Math.abs(value - quadratureEntropy(far))).toBeLessThan(5 * standardError! + 1e-9);
    }
  });
});
