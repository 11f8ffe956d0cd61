import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { estimateDivergenceInParallel, estimateEntropyInParallel } from '../../src/kl/estimate-combined-in-parallel';
import { estimateKlInParallel } from '../../src/kl/estimate-in-parallel';
import { estimateKl } from '../../src/kl/estimate-kl';
import { klProblem } from '../../src/kl/estimators/problem';
import { startRun } from '../../src/kl/estimators/start-run';
import { type EstimatorName, KL_ESTIMATORS } from '../../src/kl/estimators/table';

const scalar = {
  q: new Normal(0, 1.2),
  p: new GaussianMixture([0.4, 0.6], [new Normal(-1.6, 0.7), new Normal(1.2, 0.8)]),
};
/** Weights that do not sum to 1 exactly, as a softmax in float32 gives them; one of them 0. */
const mixed = {
  q: new GaussianMixture(
    [0.3, 0.7000001, 0],
    [
      MultivariateNormal.full([1, 0], [1, 0.3, 0.3, 0.8]),
      MultivariateNormal.full([-1, 1], [0.64, 0.1, 0.1, 0.81]),
      MultivariateNormal.full([9, 9], [1, 0, 0, 1]),
    ],
  ),
  p: new GaussianMixture(
    [0.6, 0.4],
    [MultivariateNormal.diagonal([1.5, 0], [0.9, 0.8]), MultivariateNormal.full([-1, 0.5], [0.8, 0.3, 0.3, 0.9])],
  ),
};
const problems = { scalar, mixed } as const;
const cases: readonly (readonly [keyof typeof problems, EstimatorName])[] = [
  ...KL_ESTIMATORS.map((estimator) => ['scalar', estimator] as const),
  ...KL_ESTIMATORS.filter((estimator) => estimator !== 'analytic-entropy').map(
    (estimator) => ['mixed', estimator] as const,
  ),
];

describe('rows of numbers of an estimator', () => {
  it.each(cases)('come out the same after those before were skipped: %s, %s', (name, estimator) => {
    const { q, p } = problems[name];
    const begin = () => startRun(klProblem(q, p), { estimator, seed: 4, planned: 512 }).sampler;
    const made = begin();
    const count = 20;
    const all = new Float64Array(count * made.width);
    made.fill(all, count);
    const skipped = begin();
    const some = new Float64Array(3 * made.width);
    skipped.skip(5);
    skipped.fill(some, 3);
    expect(some).toEqual(all.slice(5 * made.width, 8 * made.width));
    skipped.skip(2);
    skipped.fill(some, 1);
    expect(some[0]).toBe(all[10 * made.width]);
  });
});

describe('estimateKlInParallel', () => {
  it.each(cases)('is estimateKl to the last bit: %s, %s', async (name, estimator) => {
    const { q, p } = problems[name];
    const options = { estimator, samples: 50_000, seed: 8 } as const;
    const alone = estimateKl(q, p, options);
    expect(await estimateKlInParallel(q, p, { ...options, threads: 2 })).toEqual(alone);
  });

  it.each([1, 3, 7])('is estimateKl on %d threads too', async (threads) => {
    const { q, p } = mixed;
    const options = { estimator: 'control-variate', samples: 50_001, seed: 8 } as const;
    expect(await estimateKlInParallel(q, p, { ...options, threads })).toEqual(estimateKl(q, p, options));
  });

  it('stops at the same draw for a target error, and chooses the same estimator', async () => {
    const { q, p } = scalar;
    for (const estimator of ['plain', 'best'] as const) {
      const options = { estimator, targetError: 1e-3, seed: 2 };
      expect(await estimateKlInParallel(q, p, { ...options, threads: 2 })).toEqual(estimateKl(q, p, options));
    }
  });

  it('carries an infinite divergence', async () => {
    const options = { estimator: 'plain', samples: 5000, seed: 1, threads: 2 } as const;
    const { value, standardError } = await estimateKlInParallel(new Normal(1e200, 1), new Normal(0, 1e-200), options);
    expect([value, standardError]).toEqual([Infinity, null]);
  });

  it('works in place while little is left, and starts threads where the clock says that they pay; the numbers stay', async () => {
    const { q, p } = scalar;
    const options = { estimator: 'plain', samples: 100_000, seed: 8 } as const;
    const alone = estimateKl(q, p, options);
    for (const msPerLook of [0, 100]) {
      let time = 0;
      const portions: number[] = [];
      const found = await estimateKlInParallel(q, p, {
        ...options,
        now: () => {
          time += msPerLook;
          return time;
        },
        onProgress: ({ rowsAdded }) => portions.push(rowsAdded),
      });
      expect(found).toEqual(alone);
      const steps = portions.map((rows, i) => rows - (portions[i - 1] ?? 0));
      // Portions of 4,096 draws in place; threads take larger ones.
      expect(Math.max(...steps) > 4096).toBe(msPerLook > 0 && availableParallelism() > 1);
    }
  });

  it('ends with the signal’s reason, on threads and in place', async () => {
    const { q, p } = scalar;
    for (const threads of [1, 2]) {
      const abort = new AbortController();
      const endless = { estimator: 'plain', samples: 1e12, seed: 1, threads, signal: abort.signal } as const;
      const onProgress = (): void => abort.abort(new Error('stopped by hand'));
      await expect(estimateKlInParallel(q, p, { ...endless, onProgress })).rejects.toThrow('stopped by hand');
    }
  });

  it('hands out pieces whose size does not grow with the draws, so that memory does not either', async () => {
    const { q, p } = scalar;
    const largest = async (samples: number): Promise<number> => {
      const added = [0];
      const onProgress = ({ rowsAdded }: { readonly rowsAdded: number }): void => void added.push(rowsAdded);
      await estimateKlInParallel(q, p, { estimator: 'plain', samples, seed: 1, threads: 2, onProgress });
      return Math.max(...added.map((rows, i) => rows - (added[i - 1] ?? 0)));
    };
    // A pool of two has eight pieces under way at most (test/threads): together less than 10 MB here.
    expect(await largest(2_000_000)).toBe(await largest(400_000));
    expect(8 * 8 * (await largest(400_000))).toBeLessThan(1e7);
  });

  it.each([0, 65, 1.5, 'many' as 'auto'])('refuses %s threads', async (threads) => {
    const { q, p } = scalar;
    const run = estimateKlInParallel(q, p, { estimator: 'plain', samples: 10, seed: 1, threads });
    await expect(run).rejects.toThrow(`threads: expected 'auto' or an integer from 1 to 64, got ${threads}`);
  });
});

describe('divergences and entropies on threads', () => {
  it('reject what they refuse, as every promise does, instead of throwing before there is one', async () => {
    const { q, p } = scalar;
    const draws = { estimator: 'plain', samples: 10, seed: 1 } as const;
    const named = estimateDivergenceInParallel('js' as 'jeffreys', q, p, draws);
    await expect(named).rejects.toThrow('name: expected one of kl, jeffreys, jensen-shannon, got "js"');
    await expect(estimateEntropyInParallel(p, { ...draws, seed: 0.5 })).rejects.toThrow('seed: expected an integer');
  });
});
