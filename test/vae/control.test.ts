import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeImages } from '../../src/data/dataset';
import { syntheticDigits } from '../../src/data/glyphs';
import { intensities } from '../../src/data/intensities';
import { RandomStream } from '../../src/math/random';
import { summarize } from '../../src/math/summary';
import { tf } from '../../src/tensors';
import { type ControlledRun, rungs, runRungs } from '../../src/vae/comparison/control';
import { readControlResults, summarizeControl } from '../../src/vae/comparison/control-results';
import { elboTerms, sampleTerms } from '../../src/vae/elbo';
import { loadCheckpoint } from '../../src/vae/load';
import { Vae } from '../../src/vae/model';
import { train } from '../../src/vae/training/train';

const digits = syntheticDigits({ train: 200, test: 20, seed: 1 });
const settings = {
  ...digits,
  latent: 2,
  hidden: [8],
  network: { kind: 'dense' },
  epochs: 2,
  learningRate: 1e-3,
  warmUpEpochs: 0,
  fitPriorAfter: 1,
  samples: 3,
  threads: 1,
} as const;

const run = (prior: string, seed: number, logLikelihood: number): ControlledRun => ({
  prior,
  seed,
  logLikelihood,
  elbo: -4,
  reconstruction: -3,
  kl: 1,
  mutualInformation: 0.75,
  marginalKl: 0.25,
  activeUnits: 2,
  effectiveComponents: 1,
  clusterAccuracy: 0.1,
  gain: { mean: 0, standardError: 0 },
});
const LADDER = [
  { name: 'a', label: 'A' },
  { name: 'b', label: 'B' },
];

describe('a controlled comparison', () => {
  it('climbs from the closed form over its estimate and one learned normal to mixtures', () => {
    expect(rungs([10, 100]).map(({ name, prior }) => [name, prior])).toEqual([
      ['normal', { kind: 'standard-normal' }],
      ['sampled', { kind: 'standard-normal', sampledKl: true }],
      ['single', { kind: 'gaussian-mixture', components: 1 }],
      ['mixture-10', { kind: 'gaussian-mixture', components: 10 }],
      ['mixture-100', { kind: 'gaussian-mixture', components: 100 }],
    ]);
  });

  it('scores every rung on the same images, the first with no gain over itself', async () => {
    const seen: string[] = [];
    const runs = await runRungs(rungs([3]), settings, 5, ({ prior }) => void seen.push(prior));
    expect(seen).toEqual(['normal', 'sampled', 'single', 'mixture-3']);
    expect(runs[0]!.gain).toEqual({ mean: 0, standardError: 0 });
    for (const { logLikelihood, elbo, reconstruction, kl, gain } of runs) {
      expect(logLikelihood).toBeGreaterThan(elbo - 0.5);
      expect(elbo).toBeCloseTo(reconstruction - kl, 3);
      expect(gain.mean).toBeCloseTo(logLikelihood - runs[0]!.logLikelihood, 9);
    }
  });
});

describe('the summary of a controlled comparison', () => {
  it('takes each step seed by seed, with an interval from the spread between seeds', () => {
    const runs = [run('a', 1, -10), run('b', 1, -9), run('a', 2, -20), run('b', 2, -17), run('b', 3, 0)];
    const [a, b] = summarizeControl({ rungs: LADDER, runs });
    expect(a!.step).toBeNull();
    expect(a!.logLikelihood.mean).toBe(-15);
    expect(b!.step!.mean).toBe(2); // seed 3 has no run of a
    // Two differences, 1 and 3: standard error 1, and t with one degree of freedom is 12.706.
    expect(b!.step!.interval[1]).toBeCloseTo(2 + 12.7062, 3);
  });

  it('refuses runs without a seed that all priors have', () => {
    expect(() => summarizeControl({ rungs: LADDER, runs: [run('a', 1, -10)] })).toThrow('no seed has a run of every');
  });

  it('names what is wrong with a file', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'control-')), 'results.json');
    writeFileSync(path, '{"command": "x"}');
    expect(() => readControlResults(path)).toThrow(`${path}: no results of a controlled comparison: data: `);
    writeFileSync(path, '{');
    expect(() => readControlResults(path)).toThrow('it is not JSON');
  });
});

describe('a standard normal prior with a sampled KL term', () => {
  const shape = { pixels: 784, latent: 2, hidden: [8], seed: 2 } as const;
  const sampled = { kind: 'standard-normal', sampledKl: true } as const;

  it('estimates what the closed form says: within four standard errors over 2,000 draws (false alarm: one in 16,000)', () => {
    const exact = new Vae({ ...shape, prior: { kind: 'standard-normal' } });
    const estimated = new Vae({ ...shape, prior: sampled });
    const x = tf.tensor2d(intensities(takeImages(digits.train, 1)), [1, 784]);
    const noise = new Float32Array(2 * 2000);
    RandomStream.of(1, 'test').fillNormal(noise);
    const draws = tf.tensor(noise, [2000, 1, 2]) as tf.Tensor3D;
    const kl = (model: Vae) => elboTerms(model, x, draws).kl.dataSync()[0]!;
    const terms = sampleTerms(estimated, x, draws).logRatio.dataSync();
    expect(Math.abs(kl(estimated) - kl(exact))).toBeLessThan(4 * summarize(terms).standardError!);
    expect(kl(estimated)).not.toBe(kl(exact));
  });

  it('is one again when its checkpoint is loaded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sampled-'));
    const model = new Vae({ ...shape, prior: sampled });
    await train(model, digits.train, { epochs: 1, seed: 1, threads: 1, checkpoint: { folder } });
    const { model: loaded } = await loadCheckpoint(folder);
    expect(loaded.prior.closedFormKl).toBeNull();
  });
});
