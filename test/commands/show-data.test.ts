import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, npy } from '../data/npy-for-tests';
import { zip } from '../data/zip-for-tests';
import { vaeCommand } from './vae-command';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-show-'));
  // Ten images of 2 × 2, the first pixel black throughout; the test images are two of them and one of another class.
  const train = Uint8Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 0 : (i * 37) % 256));
  const test = Uint8Array.of(...train.subarray(4, 12), 0, 9, 9, 9);
  const arrays = {
    'x_train.npy': npy('|u1', [10, 2, 2], train),
    'y_train.npy': npy(
      '|u1',
      [10],
      Uint8Array.from({ length: 10 }, (_, i) => i % 2),
    ),
    'x_test.npy': npy('|u1', [3, 2, 2], test),
    'y_test.npy': npy('|u1', [3], Uint8Array.of(0, 1, 2)),
    'weights.npy': npy('|u1', [3], Uint8Array.of(0, 1, 2)),
  };
  await writeFile(join(cwd, 'a.npz'), zip(Object.entries(arrays).map(([name, contents]) => ({ name, contents }))));
  await writeFile(
    join(cwd, 'bits.npy'),
    npy(
      '|u1',
      [20, 3],
      Uint8Array.from({ length: 60 }, (_, i) => ((i * i + 3 * i) % 7 < 3 ? 1 : 0)),
    ),
  );
  await writeFile(
    join(cwd, 'wide.npy'),
    npy('<f4', [20, 2, 2], bytesOf(Float32Array.from({ length: 80 }, (_, i) => i - 8))),
  );
  await writeFile(
    join(cwd, 'scale.npy'),
    npy(
      '<f4',
      [20, 2, 2],
      bytesOf(Float32Array.from({ length: 80 }, (_, i) => (i % 4 === 3 ? 0 : 1000) / (1 + (i % 4)))),
    ),
  );
  await writeFile(
    join(cwd, 'rgb.npy'),
    npy(
      '|u1',
      [4, 1, 2, 3],
      Uint8Array.from({ length: 24 }, (_, i) => 10 * i),
    ),
  );
});
afterAll(() => rm(cwd, { recursive: true }));

const show = (args: string, more: object = {}) => vaeCommand(['data', ...args.split(' ')], { cwd, ...more });

describe('gmm-vae data PATH', () => {
  it('says counts, shape, range and labels, and warns of what is likely to be a mistake', async () => {
    const { out, err, code } = await show('a.npz');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'npz, training and test images as the files name them',
        'a.npz train: 10 of 2×2, bytes from 0 to 234, mean 87.8',
        'a.npz test: 3 of 2×2, bytes from 0 to 222, mean 64.92',
        'labels of the training images: 2 classes: 0 5, 1 5',
        'note: weights: neither images nor labels by its name, left alone',
        '',
      ].join('\n'),
    );
    expect(err.trim().split('\n')).toEqual([
      'gmm-vae: warning: constant: 1 of 4 pixels are the same in all of 10 training images',
      'gmm-vae: warning: classes of a.npz test that no training image has: 2',
      'gmm-vae: warning: duplicates between splits: 2 of 3 images of a.npz test are also trained on',
    ]);
  });

  it('warns of bytes 0 and 1, of numbers outside [0, 1], and of missing labels, and of neither once white is named', async () => {
    expect((await show('bits.npy')).err).toContain(
      'bytes 0 and 1 only: they count as intensities 0 and 1/255; say --white 1',
    );
    expect((await show('bits.npy')).err).toContain('labels missing');
    expect((await show('scale.npy')).err).toContain(
      'numbers from 0 to 1000: intensities lie in [0, 1]; say --white 1000 to divide by it',
    );
    expect((await show('scale.npy --white 1000')).err).not.toContain('intensities lie in');
    // No division brings what is negative into the range.
    expect((await show('wide.npy')).err).toContain(
      'numbers from -8 to 71: intensities lie in [0, 1]; take the numbers as they are with --likelihood normal,',
    );
    expect((await show('bits.npy --white 1')).err).not.toContain('bytes 0 and 1');
  });

  it('gives the same as JSON', async () => {
    const { format, split, sets, warnings, classes } = JSON.parse((await show('a.npz --json')).out);
    expect([format, split, warnings.length, classes]).toEqual(['npz', 'files', 3, null]);
    expect(sets[1]).toMatchObject({
      name: 'a.npz test',
      count: 3,
      shape: '2×2',
      kind: 'bytes',
      smallest: 0,
      largest: 222,
      labels: { 0: 1, 1: 1, 2: 1 },
    });
  });

  it('writes the first images as one picture, colours and light as they are', async () => {
    expect((await show('rgb.npy --output sheet.png --images 1')).code).toBe(0);
    const png = PNG.sync.read(await readFile(join(cwd, 'sheet.png')));
    const first = [...png.data.subarray(4 * (2 * png.width + 2), 4 * (2 * png.width + 4))];
    // The first image of the training part: rows are drawn by the seed, and begin at 0, 60, 120 or 180.
    const start = first[0] as number;
    expect([0, 60, 120, 180]).toContain(start);
    expect(first).toEqual([start, start + 10, start + 20, 255, start + 30, start + 40, start + 50, 255]);
  });

  it('says of numbers that no picture shows what they are, and then why there is none', async () => {
    const { code, out, err } = await show('wide.npy --output wide.png');
    expect(code).toBe(2);
    expect(out).toContain('wide.npy train: 18 of 2×2, floats from -8 to 71');
    expect(err.trim().split('\n')).toEqual([
      expect.stringContaining('intensities lie in [0, 1]; take the numbers as they are'),
      expect.stringContaining('labels missing'),
      expect.stringMatching(
        /^--output: a picture shows intensities from 0 to 1, and wide\.npy train has -\d+; leave --output out/,
      ),
    ]);
    await expect(readFile(join(cwd, 'wide.png'))).rejects.toThrow('ENOENT');
  });

  it('shows them in a terminal in its colours, two pixels a character', async () => {
    const { out } = await show('rgb.npy --images 1', { isTTY: true });
    const sheet = out.slice(out.indexOf('\u001b['));
    const start = Number(/38;2;(\d+);/.exec(sheet)?.[1]);
    const pixel = (from: number) => `\u001b[38;2;${from};${from + 10};${from + 20}m\u001b[48;2;0;0;0m▀`;
    expect(sheet.split('\n')[0]).toBe(`${pixel(start)}${pixel(start + 30)}\u001b[0m`);
    const plain = await show('rgb.npy --images 1', { isTTY: true, env: { NO_COLOR: '1' } });
    expect(plain.out).not.toContain('\u001b');
  });

  it('without a path says how it is called, and with one that is not there which', async () => {
    expect((await vaeCommand(['data'], { cwd })).out).toMatch(/^Usage: gmm-vae data /);
    const { err, code } = await show('nowhere');
    expect([err, code]).toEqual([`${join(cwd, 'nowhere')}: no such file or folder\n`, 2]);
  });

  it('warns of columns that float32 cannot tell apart, and not of those that it can', async () => {
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${1_700_000_000 + 40 * (i % 17)},${1000 + (i % 13)},7,${0.001 * (i % 5)}`,
    );
    await writeFile(join(cwd, 'times.csv'), `time,pressure,same,small\n${rows.join('\n')}\n`);
    const { err, code } = await show('times.csv');
    expect(code).toBe(0);
    expect(err).toMatch(
      /warning: too coarse in float32: column time varies by \d\d\d around 1\.70000e\+9, where float32 has steps of 1\.3e\+2; subtract/,
    );
    const trained = await vaeCommand(
      [
        'train',
        '--data',
        'times.csv',
        '--likelihood',
        'normal',
        '--epochs',
        '1',
        '--hidden',
        '4',
        '--latent',
        '2',
        '--batch-size',
        '50',
      ],
      { cwd },
    );
    expect(trained.err).toContain('warning: too coarse in float32: column time');
    expect(err.match(/too coarse/g)).toHaveLength(1);
    expect(err).not.toContain('and 1 more');
  });
});
