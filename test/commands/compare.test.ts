import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeImages } from '../../src/data/dataset';
import { syntheticDigits } from '../../src/data/glyphs';
import { readManifest } from '../../src/vae/checkpoint/folder';
import { comparePriors } from '../../src/vae/comparison/compare-priors';
import { SMALL, vaeCommand } from './vae-command';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-compare-'));
});
afterAll(() => rm(cwd, { recursive: true }));

const small = [...SMALL, '--train-images', '500', '--epochs', '2', '--warm-up', '1', '--samples', '3', '--limit', '10'];
const compare = (args: readonly string[], more: object = {}) =>
  vaeCommand(['compare', ...small, '--output', 'all', ...args], { cwd, ...more });

/** The checkpoint folder of a trial that is done, by the words that its id begins with. */
async function finishedIn(folder: string, words: string): Promise<string> {
  const trials = join(cwd, folder, 'trials');
  const id = (await readdir(trials)).find((name) => name.startsWith(words)) ?? '';
  const { attempt } = JSON.parse(await readFile(join(trials, id, 'result.json'), 'utf8'));
  return join(trials, id, 'attempts', attempt);
}

describe('gmm-vae compare', () => {
  it('stops when interrupted, goes on when run again, and then prints four priors, with no figure that is of other data', async () => {
    const abort = new AbortController();
    let epochs = 0;
    const onError = (text: string) => {
      if (text.includes('epoch') && ++epochs === 3) abort.abort();
    };
    const interrupted = await compare([], { signal: abort.signal, onError });
    expect(interrupted.code).toBe(130);
    expect(interrupted.err).toMatch(/gmm-vae: interrupted; run the command again to go on from all\n$/);

    const { out, err } = await compare([]);
    expect(err).not.toMatch(/normal: epoch/);
    const rows = out.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.map((row) => row.split(' | ')[0])).toEqual([
      '| prior',
      '| ---',
      '| N(0, I)',
      '| mixture, K = 10',
      '| mixture, K = 100',
      '| VampPrior, K = 500',
    ]);
    // The published figures are of MNIST.
    expect(out).not.toMatch(/84\.45|82\.43|[Pp]ublished/);
    expect(rows[3]).toMatch(/\| −?\d+\.\d\d ± \d+\.\d\d \| −?\d+\.\d\d ± \d+\.\d\d \|/);
    expect(out).toContain(
      '2 epochs on 500 images of synthetic digits train, seed 1, 3 samples for each of 10 test images; nats per image, ± one standard error.',
    );

    const again = JSON.parse((await compare(['--json'])).out);
    expect(again.rows[0].gain).toEqual({ mean: 0, standardError: 0 });
    expect(again.rows[1].gain.mean).toBeCloseTo(again.rows[0].nll - again.rows[1].nll, 9);
    // The kept models, with their kept scores: the table's very numbers.
    expect(rows[2]).toContain(`| −${again.rows[0].nll.toFixed(2)} ±`);
    expect(again).toMatchObject({ data: 'synthetic digits train', epochs: 2, samples: 3, images: 10 });
    const manifests = await Promise.all(
      ['normal', 'gmm-10', 'gmm-100', 'vamp-500'].map(async (name) =>
        readManifest(await finishedIn('all', `${name}-s1`), 'last'),
      ),
    );
    expect(new Set(manifests.map((manifest) => manifest?.progress.step))).toEqual(new Set([10]));
    expect(new Set(manifests.map((manifest) => JSON.stringify([manifest?.training, manifest?.data]))).size).toBe(1);
  });

  it('trains no prior twice where two begin in the same instant, and says how to go on where one is still running', async () => {
    const both = await Promise.all([1, 2].map(() => compare(['--output', 'twice'])));
    const trials = join(cwd, 'twice', 'trials');
    for (const id of await readdir(trials)) expect(await readdir(join(trials, id, 'attempts'))).toHaveLength(1);
    for (const { code, err } of both.filter((one) => one.code !== 0)) {
      expect(code).toBe(1);
      expect(err).toMatch(/gmm-vae: \S+: running\ngmm-vae: run the command again to go on\n$/);
    }
    expect(both.map(({ err }) => err).join()).toMatch(/process \d+ on \S+ is at it already: left alone/);
  });

  it('refuses to mix in models of another training', async () => {
    const { err, code } = await compare(['--latent', '3']);
    expect(code).toBe(2);
    expect(err).toContain('its training has --latent 2, not 3');
  });

  it('compares priors over the upper of two levels, apart from those over one', async () => {
    const { out, err, code } = await compare(['--hierarchy', '2', '--output', 'levels', '--epochs', '1', '--json']);
    expect(code, err).toBe(0);
    expect(JSON.parse(out).rows).toHaveLength(4);
    const manifest = await readManifest(await finishedIn('levels', 'vamp-500-s1'), 'last');
    expect(manifest?.model).toMatchObject({ latent: 4, hierarchy: { top: 2 }, prior: { kind: 'vamp' } });
    const one = await compare(['--output', 'levels', '--epochs', '1']);
    expect(one).toMatchObject({ code: 2, err: expect.stringContaining('its training has --hierarchy 2, not unset') });
  }, 120_000);

  it('refuses a flow in one line that says why', async () => {
    expect(await compare(['--flow', 'iaf'])).toMatchObject({
      code: 2,
      err: '--flow: a comparison has none: the density of its VampPrior needs q(z|u) at any z; "gmm-vae sweep" trains other priors with one\n',
    });
  });

  it('refuses before any training what the last prior would fail at', async () => {
    const { err, code } = await compare(['--output', 'few', '--train-images', '499']);
    expect(code).toBe(2);
    expect(err).toMatch(/^train: expected at least 500 images, .*, got 499\n$/);
    expect(await readdir(cwd)).not.toContain('few');
    const unavailable = await compare(['--output', 'impossible/here', '--threads', '1025']);
    expect(unavailable.err).toBe('threads: expected an integer from 1 to 1024, got 1025\n');
    expect(await readdir(cwd)).not.toContain('impossible');
  });

  it('takes over the models that comparePriors has kept, whose rows it prints again without a step', async () => {
    const { train, test } = syntheticDigits({ train: 550, test: 2000, seed: 1 });
    const rows = await comparePriors({
      train: takeImages(train, 500),
      validation: takeImages(train, 50, 500),
      test: takeImages(test, 10),
      folder: join(cwd, 'kept'),
      epochs: 2,
      samples: 3,
      latent: 2,
      hidden: [12],
      warmUpEpochs: 1,
      threads: 1,
    });
    const other = await compare(['--output', 'kept', '--latent', '3']);
    expect([other.code, other.err]).toEqual([
      2,
      expect.stringMatching(/normal: its training has --latent 2, not 3: .*\n$/),
    ]);
    const { out, err, code } = await compare(['--json', '--output', 'kept']);
    expect(code, err).toBe(0);
    expect(err).not.toMatch(/epoch/);
    expect(JSON.parse(out).rows).toEqual(rows);
    // Nor does it make a difference which of them trained.
    expect(JSON.parse((await compare(['--json'])).out).rows).toEqual(rows);
    expect((await compare(['--output', 'kept', '--epochs', '1'])).err).toMatch(
      /normal holds a model of 2 epochs, not of 1: compare that many, or name another folder\n$/,
    );
  });

  it('adds seeds to what is there, and more epochs to each, and gives means over seeds with intervals', async () => {
    const first = await compare(['--json', '--seeds', '1,2']);
    expect(first.code, first.err).toBe(0);
    expect(first.err.match(/^\d of \d: .*$/gm)?.map((line) => line.replace(/-[\da-f]{8}$/, ''))).toEqual([
      '1 of 4: normal-s2',
      '2 of 4: gmm-10-s2',
      '3 of 4: gmm-100-s2',
      '4 of 4: vamp-500-s2',
    ]);
    const { rows, seeds } = JSON.parse(first.out);
    expect([seeds, rows.map(({ n }: { n: number }) => n)]).toEqual([
      [1, 2],
      [2, 2, 2, 2],
    ]);
    const nllOf = async (words: string): Promise<number> => {
      const { metrics } = JSON.parse(await readFile(join(await finishedIn('all', words), '../../result.json'), 'utf8'));
      return metrics['test/nll'];
    };
    const [[a, b], [c, d]] = (await Promise.all(
      ['normal', 'gmm-10'].map((name) => Promise.all([1, 2].map((seed) => nllOf(`${name}-s${seed}`)))),
    )) as [[number, number], [number, number]];
    expect(rows[0].mean.nll).toBeCloseTo((a + b) / 2, 10);
    // Of two values: half their distance; 12.7 is Student's t with one degree of freedom.
    expect(rows[0].standardError.nll).toBeCloseTo(Math.abs(a - b) / 2, 10);
    expect((rows[0].interval.nll[1] - rows[0].interval.nll[0]) / 2).toBeCloseTo(12.7062 * (Math.abs(a - b) / 2), 3);
    expect(rows[0].gain).toBeNull();
    expect(rows[1].gain.bySeed.mean).toBeCloseTo((a + b - c - d) / 2, 10);
    expect(rows[1].gain.byImage).toMatchObject({ n: 10 });

    const longer = await compare(['--seeds', '1,2', '--epochs', '3']);
    expect(longer.code, longer.err).toBe(0);
    expect(new Set(longer.err.match(/epoch \d of \d/g))).toEqual(new Set(['epoch 3 of 3']));
    expect(longer.out).toContain('| prior | ln p(x) | gain over N(0, I), by seed | gain, by image | ELBO |');
    expect(longer.out).toMatch(/^\| mixture, K = 10 \| −\d+\.\d+ ± \d+/m);
    expect(longer.out).toContain(
      '3 epochs on 500 images of synthetic digits train, seeds 1, 2, 3 samples for each of 10',
    );
    expect((await compare(['--seeds', '1,x'])).err).toMatch(/^--seeds: expected a whole number, got 'x'\n$/);
  });
});
