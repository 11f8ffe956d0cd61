import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pixelRows } from '../../../src/data/batches';
import { takeImages } from '../../../src/data/dataset';
import { syntheticDigits } from '../../../src/data/glyphs';
import { meanImage } from '../../../src/data/intensities';
import { GaussianMixture } from '../../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../../src/distributions/multivariate-normal';
import { logSumExp } from '../../../src/math/log-sum-exp';
import { RandomStream } from '../../../src/math/random';
import { tf } from '../../../src/tensors';
import { evaluate } from '../../../src/vae/evaluation/evaluate';
import { importanceScores } from '../../../src/vae/evaluation/importance';
import { pairedDifference } from '../../../src/vae/evaluation/paired';
import { StreamingLogSumExp } from '../../../src/vae/evaluation/score-images';
import { scoreAll } from '../../../src/vae/evaluation/scorer';
import { encode } from '../../../src/vae/inference';
import { Vae } from '../../../src/vae/model';
import type { GaussianMixturePrior } from '../../../src/vae/priors/diagonal-mixture';
import { train } from '../../../src/vae/training/train';
import { expectClose } from '../gradients';

const { train: digits, test: unseen } = syntheticDigits({ train: 300, test: 40, seed: 1 });
const tiny = {
  name: 'four pixels',
  count: 2,
  height: 2,
  width: 2,
  images: Uint8Array.of(255, 0, 255, 255, 0, 0, 255, 0),
  labels: Uint8Array.of(0, 1),
};

let model: Vae;
beforeAll(async () => {
  const prior = { kind: 'gaussian-mixture', components: 3 } as const;
  model = new Vae({ pixels: 784, latent: 2, hidden: [16], prior, seed: 1, meanImage: meanImage(digits) });
  await train(model, digits, { epochs: 4, batchSize: 25, seed: 1, learningRate: 5e-3 });
});
afterAll(() => model.dispose());

describe('the streaming log-sum-exp', () => {
  it('is the one in one go, over 600 nats and past −∞', () => {
    const terms = [-700, -100, Number.NEGATIVE_INFINITY, -99, -350, -100.5];
    const streaming = new StreamingLogSumExp();
    expect(streaming.value).toBe(Number.NEGATIVE_INFINITY);
    for (const term of terms) streaming.push(term);
    expect(streaming.value).toBeCloseTo(logSumExp(Float64Array.from(terms)), 12);
  });
});

describe('importance weighting', () => {
  it('finds ln p(x) as integration over a grid does', async () => {
    const small = new Vae({
      pixels: 4,
      latent: 1,
      hidden: [8],
      network: { kind: 'dense', activation: 'tanh' },
      prior: { kind: 'standard-normal' },
      seed: 3,
    });
    const grid = Array.from({ length: 2001 }, (_, i) => -10 + i / 100);
    const prior = MultivariateNormal.diagonal([0], [1]);
    const exact = [
      [1, 0, 1, 1],
      [0, 0, 1, 0],
    ].map((x) => {
      const logits = tf.tidy(() => small.decode(tf.tensor2d(grid, [grid.length, 1])).arraySync() as number[][]);
      const joint = grid.map((z, g) => {
        const likelihood = (logits[g] as number[]).reduce((sum, l, i) => sum - Math.log1p(Math.exp(x[i] ? -l : l)), 0);
        return prior.logProb([z]) + likelihood;
      });
      return logSumExp(Float64Array.from(joint)) - Math.log(100);
    });
    const { logLikelihood } = await importanceScores(small, tiny, { samples: 20_000, seed: 1 });
    // The weights' relative standard deviation is below 1 here: five standard errors are 0.035.
    logLikelihood.forEach((value, i) => {
      expect(Math.abs(value - (exact[i] as number))).toBeLessThan(0.035);
    });
    small.dispose();
  });

  it('takes exactly as many samples as asked, whatever the chunk, compiled as well as eagerly', async () => {
    const images = takeImages(unseen, 7);
    const [whole, ...others] = await Promise.all(
      [{ chunk: 1000 }, { chunk: 3 }, { chunk: 17 }, { chunk: 29, device: 'eager' as const }].map((options) =>
        importanceScores(model, images, { samples: 13, seed: 1, ...options }),
      ),
    );
    for (const other of others) {
      for (const term of ['logLikelihood', 'reconstruction', 'kl', 'means'] as const) {
        expectClose(other[term], whole?.[term] ?? [], 1e-6);
      }
    }
    const more = await importanceScores(model, images, { samples: 14, seed: 1 });
    expect(Math.abs((more.kl[0] as number) - (whole?.kl[0] as number))).toBeGreaterThan(1e-4);
  });

  it('is the plain formula, to float32 rounding, for the same noise', async () => {
    const images = takeImages(unseen, 3);
    const { logLikelihood, reconstruction, means } = await importanceScores(model, images, { samples: 200, seed: 5 });
    const x = pixelRows(images, Uint32Array.of(0, 1, 2), { binarisation: 'fixed', seed: 5 });
    const encoded = encode(model, x);
    const prior = model.prior.distribution();
    for (let i = 0; i < 3; i++) {
      const [mean, stddev] = [encoded.means, encoded.stddevs].map((of) => [...of.subarray(2 * i, 2 * i + 2)]);
      const posterior = MultivariateNormal.diagonal(mean as number[], stddev as number[]);
      const stream = RandomStream.of(5, `vae/importance/noise/${i}`);
      const points = Array.from({ length: 200 }, () =>
        (mean as number[]).map((m, j) => m + (stddev?.[j] as number) * stream.normal()),
      );
      const logits = tf.tidy(() => model.decode(tf.tensor2d(points, [200, 2])).arraySync() as number[][]);
      const pixels = x.subarray(784 * i, 784 * (i + 1));
      const likelihoods = logits.map((row) =>
        row.reduce(
          (sum, l, j) => sum + (pixels[j] as number) * l - Math.max(l, 0) - Math.log1p(Math.exp(-Math.abs(l))),
          0,
        ),
      );
      const logWeights = points.map((z, s) => (likelihoods[s] as number) + prior.logProb(z) - posterior.logProb(z));
      expectClose([logLikelihood[i] as number], [logSumExp(Float64Array.from(logWeights)) - Math.log(200)], 1e-6);
      expectClose([reconstruction[i] as number], [-likelihoods.reduce((a, b) => a + b) / 200], 1e-6);
      expectClose(means.subarray(2 * i, 2 * i + 2), mean as number[], 1e-5);
    }
  });

  it('has the same bits for any number of threads', async () => {
    const images = takeImages(unseen, 9);
    const scoring = { shape: { images: 1, samples: 20 }, samples: 40, seed: 1, latent: 2, closedFormKl: false };
    const scored = async (threads: number) => {
      const rows: Float64Array[] = [];
      const work = Array.from({ length: 9 }, (_, first) => ({
        job: () => ({ first, count: 1, x: pixelRows(images, Uint32Array.of(first)) }),
        consume: (row: Float64Array) => rows.push(row),
      }));
      let clock = 0;
      // Every image seems to take a second, so that threads pay after the first.
      const inThreads = await scoreAll(model, scoring, work, { threads, now: () => (clock += 1000) });
      return { rows, inThreads };
    };
    const [one, two, three] = [await scored(1), await scored(2), await scored(3)];
    expect([one.inThreads, two.inThreads, three.inThreads]).toEqual([0, 8, 8]);
    expect(two.rows).toEqual(one.rows);
    expect(three.rows).toEqual(one.rows);
  });

  it('ends with the error of a block that cannot be kept', async () => {
    const keep = { folder: join(__filename, 'no-folder'), weights: 'w' };
    const scoring = importanceScores(model, takeImages(unseen, 2), { samples: 3, seed: 1, keep });
    await expect(scoring).rejects.toThrow('ENOTDIR');
  });

  it('ends its threads with the reason of the signal', async () => {
    const abort = new AbortController();
    const scoring = { shape: { images: 1, samples: 20 }, samples: 40, seed: 1, latent: 2, closedFormKl: false };
    const work = Array.from({ length: 40 }, (_, first) => ({
      job: () => ({ first, count: 1, x: pixelRows(unseen, Uint32Array.of(first)) }),
      consume: () => {
        if (first === 4) abort.abort(new Error('enough'));
      },
    }));
    let clock = 0;
    const ended = scoreAll(model, scoring, work, { threads: 2, signal: abort.signal, now: () => (clock += 1000) });
    await expect(ended).rejects.toThrow('enough');
  });

  it('is the ELBO with one sample, and above it with more', async () => {
    const one = await importanceScores(model, unseen, { samples: 1, seed: 1 });
    expectClose(
      one.logLikelihood,
      one.reconstruction.map((r, i) => -r - (one.kl[i] as number)),
      1e-6,
    );
    const many = await importanceScores(model, unseen, { samples: 100, seed: 1 });
    const gap = pairedDifference(
      many.reconstruction.map((r, i) => -r - (many.kl[i] as number)),
      many.logLikelihood,
    );
    expect(gap.mean).toBeGreaterThan(5 * (gap.standardError as number));
  });

  it('stops between two chunks when it is told to', async () => {
    const abort = new AbortController();
    const scoring = importanceScores(model, unseen, {
      samples: 10,
      seed: 1,
      chunk: 10,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(scoring).rejects.toThrow('aborted');
  });
});

describe('the test report', () => {
  it('puts the scores together, with exactly the promised fields', async () => {
    const { report, scores } = await evaluate(model, unseen, { samples: 20, seed: 1 });
    expect(Object.keys(report)).toEqual([
      'nll',
      'standardError',
      'bitsPerDimension',
      'elbo',
      'kl',
      'reconstruction',
      'activeUnits',
      'effectiveComponents',
      'clusterAccuracy',
      'nmi',
    ]);
    const mean = scores.logLikelihood.reduce((sum, value) => sum + value, 0) / 40;
    expect(report.nll).toBeCloseTo(-mean, 9);
    expect(report.elbo).toBeCloseTo(-report.reconstruction - report.kl, 9);
    expect(report.elbo).toBeLessThan(-report.nll);
    expect(report.standardError).toBeGreaterThan(0);
  });

  it('counts the clusters of the latent space against the labels', async () => {
    const { means } = (await evaluate(model, unseen, { samples: 1, seed: 1 })).scores;
    const prior = model.prior as GaussianMixturePrior;
    const kept = prior.distribution();
    // Two components that split the images at the median of the first dimension, and labels that say the same.
    const first = Float64Array.from({ length: 40 }, (_, i) => means[2 * i] as number);
    const sorted = [...first].sort((a, b) => a - b);
    const median = ((sorted[19] as number) + (sorted[20] as number)) / 2;
    const at = (x: number) => MultivariateNormal.diagonal([x, 0], [1, 1]);
    prior.assign(new GaussianMixture([0.5, 0.5, 0], [at(median - 1), at(median + 1), at(1000)]));
    const labels = Uint8Array.from(first, (z) => (z < median ? 7 : 3));
    const { report, warnings } = await evaluate(model, { ...unseen, labels }, { samples: 1, seed: 1 });
    expect(report.bitsPerDimension).toBeCloseTo(report.nll / Math.log(2) / model.pixels, 9);
    expect(report.clusterAccuracy).toBe(1);
    expect(report.nmi).toBeCloseTo(1, 9);
    expect(report.effectiveComponents).toBeCloseTo(2, 5);
    expect(warnings).toEqual(['empty components: 1 of 3 are the most likely one of none of 40 images']);
    prior.assign(kept);
  });

  it('warns of posterior collapse, with numbers', async () => {
    const collapsed = new Vae({ pixels: 784, latent: 3, hidden: [4], prior: { kind: 'standard-normal' }, seed: 1 });
    const output = collapsed.variables.get('encoder/output/kernel') as tf.Variable;
    output.assign(tf.zerosLike(output));
    const { report, warnings } = await evaluate(collapsed, unseen, { samples: 1, seed: 1 });
    expect(report.activeUnits).toBe(0);
    const { warnings: ofFew } = await evaluate(collapsed, takeImages(unseen, 9), { samples: 1, seed: 1 });
    expect(ofFew, 'nine images may lie together by chance').toEqual([]);
    expect(warnings).toEqual([
      'posterior collapse: 3 of 3 latent dimensions are inactive (variance of their posterior means ≤ 0.01); KL 0.00 nats',
    ]);
    collapsed.dispose();
  });

  it('refuses images that do not fit the network', async () => {
    await expect(evaluate(model, tiny, { samples: 1, seed: 1 })).rejects.toThrow(
      'data: expected images of 784 pixels for this model, got 2×2',
    );
    const nothing = { ...unseen, count: 0, images: new Uint8Array(0), labels: new Uint8Array(0) };
    await expect(evaluate(model, nothing, { samples: 1, seed: 1 })).rejects.toThrow(
      'data.count: expected at least one image, got 0',
    );
    const unlabelled = { ...unseen, labels: unseen.labels.subarray(1) };
    await expect(evaluate(model, unlabelled, { samples: 1, seed: 1 })).rejects.toThrow(
      'data.labels: expected 40 labels, got 39',
    );
    const dynamic = { samples: 1, seed: 1, binarisation: 'dynamic' as 'fixed' };
    await expect(evaluate(model, unseen, dynamic)).rejects.toThrow(
      'binarisation: expected none or fixed, got "dynamic"',
    );
  });
});

describe('a paired difference', () => {
  it('has the standard error of the differences, not of the means', () => {
    const { mean, standardError } = pairedDifference([-100, -90, -80], [-99, -88.5, -78.5]);
    expect(mean).toBeCloseTo(4 / 3, 12);
    // Differences 1, 1.5, 1.5: standard deviation √(1/12), over √3.
    expect(standardError).toBeCloseTo(Math.sqrt(1 / 12 / 3), 12);
    expect(() => pairedDifference([1], [1, 2])).toThrow('b: expected 1 scores, got 2');
    expect(() => pairedDifference([], [])).toThrow('a: expected at least one score, got none');
  });
});
