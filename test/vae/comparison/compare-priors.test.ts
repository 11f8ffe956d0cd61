import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeImages } from '../../../src/data/dataset';
import { syntheticDigits } from '../../../src/data/glyphs';
import { comparePriors } from '../../../src/vae/comparison/compare-priors';
import type { ComparedPrior, ComparePriorsOptions } from '../../../src/vae/comparison/options';
import { asPublished, PROTOCOL } from '../../../src/vae/comparison/protocol';
import { evaluate } from '../../../src/vae/evaluation/evaluate';
import { loadCheckpoint } from '../../../src/vae/load';

const digits = syntheticDigits({ train: 530, test: 12, seed: 1 });
const data = {
  train: takeImages(digits.train, 500),
  validation: takeImages(digits.train, 30, 500),
  test: digits.test,
};
const small = { ...data, epochs: 2, samples: 3, latent: 2, hidden: [8], warmUpEpochs: 1, threads: 1 };

let scratch: string;
let rows: ComparedPrior[];
const options = (more: Partial<ComparePriorsOptions> = {}): ComparePriorsOptions => ({
  ...small,
  folder: join(scratch, 'all'),
  ...more,
});

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gmm-vae-comparison-'));
  rows = await comparePriors(options());
});
afterAll(() => rm(scratch, { recursive: true }));

describe('the comparison of priors', () => {
  it('gives for each prior the scores of its kept model, and what it gains image by image', async () => {
    expect(rows.map(({ name }) => name)).toEqual(['normal', 'gmm-10', 'gmm-100', 'vamp-500']);
    expect(rows.map(({ published }) => published)).toEqual([null, null, null, null]);
    const likelihoods: Float64Array[] = [];
    for (const row of rows) {
      const { model } = await loadCheckpoint(join(scratch, 'all', row.name));
      const { report, scores } = await evaluate(model, data.test, { samples: 3, seed: 1, threads: 1 });
      expect(row).toMatchObject({ ...report });
      likelihoods.push(scores.logLikelihood);
      model.dispose();
    }
    const differences = [...(likelihoods[3] as Float64Array)].map((value, i) => value - (likelihoods[0]?.[i] ?? 0));
    const mean = differences.reduce((sum, value) => sum + value, 0) / 12;
    const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 11;
    expect(rows[3]?.gain.mean).toBeCloseTo(mean, 9);
    expect(rows[3]?.gain.standardError).toBeCloseTo(Math.sqrt(variance / 12), 9);
    expect(rows[0]?.gain).toEqual({ mean: 0, standardError: 0 });
  });

  it('sets published figures beside their own protocol only: MNIST, its split, sizes and learning rate', () => {
    const set = (name: string, count: number) => ({ ...data.train, name, count });
    const theirs = { ...PROTOCOL, train: set('MNIST train', 50_000), validation: set('MNIST train', 10_000) };
    expect(asPublished(theirs)).toBe(true);
    const others = [
      { train: set('synthetic digits train', 50_000) },
      { train: set('MNIST train', 49_000) },
      { validation: set('MNIST train', 5000) },
      { latent: 2 },
      { hidden: [300] },
      { learningRate: 1e-3 },
      { hierarchy: { top: 2 } },
    ];
    for (const change of others) expect(asPublished({ ...theirs, ...change }), JSON.stringify(change)).toBe(false);
  });

  it('refuses images that do not fit, or are too few, before it trains', async () => {
    const refused = (more: Partial<ComparePriorsOptions>) =>
      expect(comparePriors(options({ folder: join(scratch, 'refused'), ...more }))).rejects;
    await refused({ test: { ...data.test, height: 14 } }).toThrow('test: expected images of 784 pixels');
    await refused({ train: takeImages(data.train, 400) }).toThrow('train: expected at least 500 images');
    const flow = { flow: { kind: 'iaf', length: 2 } } as Partial<ComparePriorsOptions>;
    await refused(flow).toThrow('flow: expected none: a comparison has none: the density of its VampPrior needs');
    expect(await readdir(scratch)).not.toContain('refused');
  });

  it('trains and scores nothing twice', async () => {
    const seen: unknown[] = [];
    const follow = () => ({ onStep: () => seen.push('step'), onScored: () => seen.push('score') });
    expect(await comparePriors(options({ follow }))).toEqual(rows);
    expect(seen).toEqual([]);
  });

  it('refuses to call a kept model one of fewer epochs', async () => {
    await expect(comparePriors(options({ epochs: 1 }))).rejects.toThrow(/normal holds a model of \d epochs, not of 1/);
  });

  it('scores again where samples, images, labels or seed differ, or the kept scores cannot be read', async () => {
    const counting = async (more: Partial<ComparePriorsOptions>) => {
      let scored = 0;
      const follow = () => ({ onScored: () => void scored++ });
      const again = await comparePriors(options({ ...more, follow }));
      return { again, scored };
    };
    expect((await counting({ samples: 4 })).scored).toBeGreaterThan(0);
    expect((await counting({ test: takeImages(data.test, 5) })).scored).toBeGreaterThan(0);
    // Other labels change the cluster measures, and no score of an image.
    const constant = await comparePriors(options({ test: { ...data.test, labels: data.test.labels.map(() => 3) } }));
    expect(constant.map(({ nll, nmi }) => [nll, nmi])).toEqual(rows.map(({ nll }) => [nll, 0]));
    const folder = join(scratch, 'all', 'gmm-10');
    const kept = await readdir(folder, { recursive: true, withFileTypes: true });
    const scores = kept.filter((entry) => entry.isFile() && /scores-/.test(join(entry.parentPath, entry.name)));
    for (const name of scores.map((entry) => relative(folder, join(entry.parentPath, entry.name)))) {
      const text = await readFile(join(folder, name), 'utf8');
      await writeFile(join(folder, name), text.slice(0, text.length / 2));
    }
    const { again, scored } = await counting({});
    expect(scored).toBeGreaterThan(0);
    expect(again).toEqual(rows);
  });

  it('ends where it is interrupted, in training or in scoring, and goes on from there to the same rows', async () => {
    const folder = join(scratch, 'interrupted');
    const stop = async (at: 'onEpoch' | 'onScored') => {
      const abort = new AbortController();
      const follow = () => ({ [at]: () => abort.abort(new Error(`stopped ${at}`)) });
      const more = { folder, follow, signal: abort.signal };
      await expect(comparePriors(options(more))).rejects.toThrow(`stopped ${at}`);
    };
    await stop('onEpoch');
    await stop('onScored');
    const bare = ({ warnings: _w, ...row }: ComparedPrior) => row;
    expect((await comparePriors(options({ folder }))).map(bare)).toEqual(rows.map(bare));
  });

  it('refuses models of another training', async () => {
    await expect(comparePriors(options({ seed: 2 }))).rejects.toThrow('its training has model.seed 1, not 2');
  });
});
