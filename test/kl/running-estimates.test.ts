import { expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { estimateKl } from '../../src/kl/estimate-kl';
import { KL_ESTIMATORS } from '../../src/kl/estimators/table';
import { runningEstimates } from '../../src/kl/running-estimates';

const q = new Normal(0, 1.2);
const p = new GaussianMixture([0.4, 0.6], [new Normal(-1.6, 0.7), new Normal(1.2, 0.8)]);

it('has an estimate for each draw while they are few', () => {
  const runs = runningEstimates(q, p, { estimator: 'plain', samples: 25, seed: 3 });
  expect(runs.map(({ samples }) => samples)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  for (const run of runs) expect(run).toEqual(estimateKl(q, p, { estimator: 'plain', samples: run.samples, seed: 3 }));
});

it.each(KL_ESTIMATORS)('follows %s to where it stops, by steps that grow', (estimator) => {
  const options = { estimator, targetError: 2e-3, maxSamples: 20_000, seed: 3, confidence: 0.9 };
  const runs = runningEstimates(q, p, options);
  expect(runs.at(-1)).toEqual(estimateKl(q, p, options));
  const counts = runs.map(({ samples }) => samples);
  expect(counts.length).toBeGreaterThan(2);
  expect(counts.length).toBeLessThanOrEqual(40);
  expect(counts).toEqual([...new Set(counts)].toSorted((a, b) => a - b));
});

it('keeps the estimator that `best` has chosen', () => {
  const runs = runningEstimates(q, p, { estimator: 'best', samples: 2000, seed: 3 });
  expect(new Set(runs.map(({ estimator }) => estimator)).size).toBe(1);
});
