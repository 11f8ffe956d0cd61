import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { estimateEntropy } from '../../src/kl/estimate-combined';
import { estimateKlInParallel } from '../../src/kl/estimate-in-parallel';
import { estimateKl } from '../../src/kl/estimate-kl';
import { type EstimatorName, KL_ESTIMATORS } from '../../src/kl/estimators/table';
import { quadratureEntropy, quadratureKl } from '../../src/kl/quadrature';
import { summarize } from '../../src/math/summary';

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
    expect(warnings.join('\n')).toContain('not reliable below about 1e7 draws: components of q that are rarely drawn');
    expect(warnings.join('\n')).toContain('one of weight 1e-6 contributes about 0.5 nats');
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

  it('does not keep a target from being met that is far above what it may carry', () => {
    const far = new GaussianMixture([0.5, 0.5 - 1e-7, 1e-7], [new Normal(0, 1), new Normal(1, 1), new Normal(40, 1)]);
    const pair = new GaussianMixture([0.5, 0.5], [new Normal(0, 1), new Normal(1, 1)]);
    const options = { estimator: 'plain', targetError: 0.01, seed: 1 } as const;
    const { value, samples, stoppedBy, warnings } = estimateKl(far, pair, options);
    expect({ samples, stoppedBy }).toEqual({ samples: 4096, stoppedBy: 'target-error' });
    expect(Math.abs(value - quadratureKl(far, pair))).toBeLessThan(0.01);
    expect(warnings.join()).toContain('rarely drawn');
  });

  it.each([1e39, 1e60, 1e160, 1e200])('is warned of however far out it is: %d', (distance) => {
    const { warnings } = estimateKl(withFarComponent(1e-5, distance), p, {
      estimator: 'plain',
      samples: 4096,
      seed: 1,
    });
    expect(warnings.join()).toContain('not reliable below about 1e6 draws');
  });

  it('counts the points of pilot runs also where best leaves all of them out', () => {
    const many = new GaussianMixture(
      [1 - 1e-6, ...new Array(300).fill(1e-6 / 300)],
      [new Normal(0, 1), ...Array.from({ length: 300 }, (_, k) => new Normal(1000 + k, 1))],
    );
    const { estimator, evaluations, compared } = estimateKl(many, p, { estimator: 'best', samples: 400, seed: 1 });
    expect([estimator, compared]).toEqual(['plain', []]);
    expect(evaluations).toBeGreaterThan(400);
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

describe('few draws, and components that are not rare', () => {
  it('are not warned of: a normal has none, and half of all draws come from one of two', () => {
    const two = new GaussianMixture([0.5, 0.5], [new Normal(-2, 1), new Normal(3, 1)]);
    for (const estimator of BY_CHANCE.filter((name) => name !== 'k2')) {
      for (let seed = 0; seed < 20; seed++) {
        for (const wide of [new Normal(1, 0.5), two]) {
          const { warnings } = estimateKl(wide, new Normal(0, 4), { estimator, samples: 64, seed });
          expect(warnings.filter((sentence) => sentence.includes('rarely drawn'))).toEqual([]);
        }
      }
    }
    const { warnings } = estimateKl(two, new Normal(0, 4), { estimator: 'plain', samples: 8, seed: 1 });
    expect(warnings).toEqual([]);
  });

  it('do not widen the error of control variates where equal weights are many and small', () => {
    const components = Array.from({ length: 30 }, (_, k) => new Normal(k / 3, 0.5));
    const many = new GaussianMixture(new Array(30).fill(1 / 30), components);
    const half = new GaussianMixture([0.5, 0.5], [new Normal(0, 3), new Normal(10, 3)]);
    const runs = Array.from({ length: 100 }, (_, seed) =>
      estimateKl(many, half, { estimator: 'control-variate', samples: 270, seed }),
    );
    const spread = summarize(runs.map(({ value }) => value)).standardDeviation!;
    const reported = summarize(runs.map(({ standardError }) => standardError!)).mean;
    // The spread of 100 runs is known within 7 %: four of that. With all components counted as rare, it is 2.3 times as wide.
    expect(Math.abs(reported / spread - 1)).toBeLessThan(0.28);
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
    expect(estimate(16.02 / 256, 0).warnings.join()).toContain('gets one more of 256 draws is left to chance');
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
