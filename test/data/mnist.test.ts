import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../src/data/cache-folder';
import { loadDigits } from '../../src/data/digits';
import { findMnist, loadMnist } from '../../src/data/mnist';
import { MNIST_FILES } from '../../src/data/mnist-files';
import { mnistForTests } from './digits-for-tests';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-mnist-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** An environment in which nothing is found but what the test puts into `folder`. */
const nowhere = () => ({ XDG_CACHE_HOME: join(folder, 'cache') });

async function writeFakes(
  into: string,
  names: readonly string[] = Object.values(MNIST_FILES).map(({ name }) => name),
): Promise<void> {
  await mkdir(into, { recursive: true });
  for (const name of names) await writeFile(join(into, name), 'not MNIST');
}

describe('MNIST', () => {
  it('has the published counts of images per class and the published mean intensity', async () => {
    const mnist = await mnistForTests();
    if (!mnist) return; // Only outside CI: `mnistForTests` throws there.
    const counts = (labels: Uint8Array) =>
      labels.reduce((all, label) => all.with(label, (all[label] ?? 0) + 1), Array(10).fill(0));
    // Class counts as published with the database; mean 0.1307 is the constant by which everybody normalises it.
    expect(counts(mnist.train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(counts(mnist.test.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const mean = mnist.train.images.reduce((sum, value) => sum + value, 0) / mnist.train.images.length / 255;
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(mnist.train).toMatchObject({ name: 'MNIST train', count: 60_000, height: 28, width: 28 });
  });

  it('is found in a folder, in its mnist/, through GMM_VAE_DATA and in the cache, plain or gzipped', async () => {
    const at = (base: string) => ({ testLabels: join(base, MNIST_FILES.testLabels.name) });
    await writeFakes(join(folder, 'data/mnist'));
    expect(await findMnist({ folder: join(folder, 'data/mnist') })).toMatchObject(at(join(folder, 'data/mnist')));
    expect(await findMnist({ folder: join(folder, 'data') })).toMatchObject(at(join(folder, 'data/mnist')));
    const env = { ...nowhere(), GMM_VAE_DATA: join(folder, 'data') };
    expect(await findMnist({ env })).toMatchObject(at(join(folder, 'data/mnist')));
    expect(await findMnist({ env: nowhere() })).toBeNull();
    await writeFakes(
      join(folder, 'cache/gmm-vae/mnist'),
      Object.values(MNIST_FILES).map(({ name }) => `${name}.gz`),
    );
    expect((await findMnist({ env: nowhere() }))?.trainImages).toMatch(
      /cache\/gmm-vae\/mnist\/train-images-idx3-ubyte\.gz$/,
    );
  });

  it('is refused when a file is another, with the file and both sums', async () => {
    await writeFakes(folder);
    // SHA-256 of the nine bytes "not MNIST", from coreutils' sha256sum.
    await expect(loadMnist({ folder })).rejects.toThrow(
      /\/t(rain|10k)-(images|labels)-idx[13]-ubyte: not MNIST's .*: got 9 bytes with SHA-256 [0-9a-f]{64}, expected \d+ bytes with SHA-256 [0-9a-f]{64} \(uncompressed\)/,
    );
    await expect(loadMnist({ folder })).rejects.toThrow(
      'SHA-256 a7ea9da4c5907a887c3f4208653c984fd3b9ff5fa3d09fb24a1978de93c666ac,',
    );
  });

  it('is refused when a gzipped file is cut, however much is left, or has a flipped bit', async () => {
    if (!(await mnistForTests())) return; // Only outside CI.
    const paths = await findMnist();
    for (const [key, { name }] of Object.entries(MNIST_FILES)) {
      await writeFile(join(folder, `${name}.gz`), await readFile(paths?.[key as keyof typeof MNIST_FILES] ?? ''));
    }
    const labels = join(folder, `${MNIST_FILES.testLabels.name}.gz`);
    const whole = await readFile(labels);
    await truncate(labels, whole.length - 10);
    await expect(loadMnist({ folder })).rejects.toThrow(
      /t10k-labels-idx1-ubyte\.gz: not MNIST's .* got \d+ bytes .* expected 10008 bytes with SHA-256 ff7bcfd4/,
    );
    const plain = gunzipSync(whole);
    plain[5000] = (plain[5000] as number) ^ 1;
    await writeFile(labels, plain);
    await expect(loadMnist({ folder })).rejects.toThrow(/got 10008 bytes with SHA-256 .* expected 10008 bytes/);
    await writeFile(labels, whole);
    expect((await loadMnist({ folder })).test.count).toBe(10_000);
  });

  it('is refused when a file is missing: the file is named with its sum, and nothing falls back to other digits', async () => {
    await writeFakes(folder, ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-labels-idx1-ubyte']);
    const missing = new RegExp(
      `MNIST is incomplete, missing t10k-images-idx3-ubyte\\[.gz\\] \\(SHA-256 ${MNIST_FILES.testImages.sha256}\\)`,
    );
    await expect(loadMnist({ folder })).rejects.toThrow(missing);
    await expect(loadDigits({ folder })).rejects.toThrow(missing);
  });

  it('names the places searched and the way to get it when it is nowhere', async () => {
    await expect(loadMnist({ env: nowhere() })).rejects.toThrow(
      `MNIST is not here (looked in ${join(folder, 'cache/gmm-vae/mnist')}): run "gmm-vae data mnist"`,
    );
    const env = { ...nowhere(), GMM_VAE_DATA: join(folder, 'typo') };
    await expect(loadMnist({ env })).rejects.toThrow(`GMM_VAE_DATA: no such folder: ${join(folder, 'typo')}`);
  });

  it('is replaced by synthetic digits where it is not, and the name says so', async () => {
    const digits = await loadDigits({ env: nowhere() }, { train: 30, test: 10, seed: 1 });
    expect(digits.train).toMatchObject({ name: 'synthetic digits train', count: 30 });
  });
});

describe('the cache folder', () => {
  it('follows XDG_CACHE_HOME, ignores a relative one, and else each platform’s custom', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/me')).toBe('/x/gmm-vae');
    expect(cacheFolder({ XDG_CACHE_HOME: 'x' }, 'linux', '/home/me')).toBe('/home/me/.cache/gmm-vae');
    expect(cacheFolder({}, 'darwin', '/Users/me')).toBe('/Users/me/Library/Caches/gmm-vae');
    expect(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32', '/me')).toBe('/local/gmm-vae/cache');
    expect(() => cacheFolder({}, 'linux', '')).toThrow('set XDG_CACHE_HOME or GMM_VAE_DATA');
  });
});
