import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../src/vae/checkpoint/folder';
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

  it('refuses to mix in models of another training', async () => {
    const { err, code } = await compare(['--latent', '3']);
    expect(code).toBe(2);
    expect(err).toContain('its training has latent 2, not 3');
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
});
