import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors';
import { makeAttempt, progressOf, takeOverEarlier } from '../../src/sweep/attempt';
import { trialId } from '../../src/sweep/folder';
import { expand, readSpec } from '../../src/sweep/spec';
import { readCheckpoint, saveCheckpoint } from '../../src/vae/checkpoint/folder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gmm-vae-spec-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function expanded(yaml: string) {
  writeFileSync(join(folder, 's.yaml'), yaml);
  return expand(readSpec(join(folder, 's.yaml')));
}

describe('the combinations of a sweep', () => {
  it('are those of train alone, of the grid, and of lists side by side with the whole grid', () => {
    expect(expanded('train: {epochs: 3}')).toEqual([{ epochs: 3 }]);
    expect(expanded('grid: {a: [1, 2], b: [x, y]}')).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ]);
    // Three pairs, and not nine.
    const zipped = expanded(
      'train: {c: 0}\nzip: {prior: [gmm, gmm, vamp], components: [10, 100, 500]}\ngrid: {seed: [1, 2]}',
    );
    expect(zipped).toHaveLength(6);
    expect(zipped.map(({ prior, components, seed }) => `${prior} ${components} ${seed}`).sort()).toEqual([
      'gmm 10 1',
      'gmm 10 2',
      'gmm 100 1',
      'gmm 100 2',
      'vamp 500 1',
      'vamp 500 2',
    ]);
  });

  it('do without an option where its list has null', () => {
    const zipped = expanded('zip: {prior: [normal, gmm], components: [null, 10]}\ngrid: {fit-prior-after: [null, 3]}');
    expect(zipped).toEqual([
      { prior: 'normal' },
      { prior: 'normal', 'fit-prior-after': 3 },
      { prior: 'gmm', components: 10 },
      { prior: 'gmm', components: 10, 'fit-prior-after': 3 },
    ]);
  });

  it('leave out what agrees with one entry of exclude in all that it says', () => {
    const left = expanded('grid: {a: [1, 2], b: [x, y]}\nexclude: [{a: 1, b: x}, {b: y, a: 2}, {a: 3}, {c: 1}]');
    expect(left).toEqual([
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
    ]);
    // null: an option that is left out.
    const without = expanded('zip: {a: [null, 1, null], b: [x, x, y]}\nexclude: [{a: null, b: x}]');
    expect(without).toEqual([{ a: 1, b: 'x' }, { b: 'y' }]);
    expect(expanded('grid: {a: [1, 2], b: [x, y]}\nexclude: [{a: 1}]').map(({ a }) => a)).toEqual([2, 2]);
  });

  it('are refused in one line where lists differ in length, an option is said twice, or a key is none', () => {
    const refusals = [
      ['zip: {a: [1, 2], b: [1]}', 'zip: expected lists of one length, got 2 and 1'],
      ['train: {a: 1}\nzip: {a: [1]}', 'a: said twice'],
      ['grid: {a: 1}', 'grid.a'],
      ['gird: {a: [1]}', 'gird'],
      ['grid: {a: [1}', 'not YAML'],
    ] as const;
    for (const [yaml, message] of refusals) {
      expect(() => expanded(yaml)).toThrow(UsageError);
      expect(() => expanded(yaml)).toThrow(message);
      expect(() => expanded(yaml)).not.toThrow('\n');
    }
  });
});

it('an id is words and eight digits of the options, whatever their order, and another for any other value', () => {
  const id = trialId({ prior: 'gmm', components: 10, seed: 3, epochs: 2 }, null);
  expect(id).toMatch(/^gmm-10-s3-[\da-f]{8}$/);
  expect(trialId({ epochs: 2, seed: 3, components: 10, prior: 'gmm' }, null)).toBe(id);
  const others = [
    trialId({ prior: 'gmm', components: 10, seed: 3, epochs: 3 }, null),
    trialId({ prior: 'gmm', components: 10, seed: 3, epochs: 2 }, { samples: 5 }),
    trialId({ prior: 'gmm', components: 10, seed: 3, epochs: 2, device: 'cpu' }, null),
  ];
  expect(new Set([id, ...others]).size).toBe(4);
});

describe('an attempt', () => {
  const beginAttempt = async (trial: string, name: string, before: readonly string[] = []) => {
    const attempt = await makeAttempt(trial, name);
    await takeOverEarlier(trial, attempt, before);
    return attempt;
  };

  it('takes over the furthest whole checkpoint, also where the file system makes no hard links', async () => {
    const trial = join(folder, 'trial');
    await mkdir(join(trial, 'attempts'), { recursive: true });
    // Another file system, to which no hard link leads: EXDEV, as EPERM on sshfs or exFAT.
    const { dev } = await stat(trial);
    const other = (await stat('/dev/shm')).dev === dev ? '/var/tmp' : '/dev/shm';
    const elsewhere = mkdtempSync(join(other, 'gmm-vae-attempt-'));
    expect((await stat(elsewhere)).dev).not.toBe(dev);
    try {
      symlinkSync(elsewhere, join(trial, 'attempts', 'far'));
      const save = (to: string, step: number) => saveCheckpoint(to, checkpointOf(step), { best: true });
      await save(join(trial, 'attempts', 'near'), 3);
      await save(elsewhere, 7);
      const attempt = await beginAttempt(trial, 'next');
      expect((await readCheckpoint(attempt))?.manifest.progress.step).toBe(7);
      expect((await readCheckpoint(attempt, 'best'))?.weights.get('w')?.values).toEqual(Float32Array.of(7));
      // Cut short, the furthest is left for the next one that is whole.
      const [cut = ''] = (await readdir(elsewhere)).filter((name) => name.startsWith('weights'));
      await writeFile(join(elsewhere, cut), (await readFile(join(elsewhere, cut))).subarray(0, 20));
      rmSync(attempt, { recursive: true });
      const other = await beginAttempt(trial, 'next');
      expect((await readCheckpoint(other))?.manifest.progress.step).toBe(3);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('takes over the blocks of scored images of all earlier attempts, and the checkpoint of a trial with fewer epochs', async () => {
    const [trial, shorter] = [join(folder, 'trial'), join(folder, 'shorter')];
    const write = async (attempt: string, block: string) => {
      await mkdir(join(trial, 'attempts', attempt, SCORES), { recursive: true });
      await writeFile(join(trial, 'attempts', attempt, SCORES, block), block);
    };
    const SCORES = 'blocks-0123456789abcdef';
    await write('a', '000000.json');
    await write('b', '000020.json');
    await write('b', '.000040.json.1-2.tmp');
    await mkdir(join(shorter, 'attempts'), { recursive: true });
    await saveCheckpoint(join(shorter, 'attempts', 'c'), checkpointOf(5), { best: true });
    const attempt = await beginAttempt(trial, 'next', [join(shorter, 'attempts', 'c')]);
    expect((await readdir(join(attempt, SCORES))).sort()).toEqual(['000000.json', '000020.json']);
    const linked = await stat(join(attempt, SCORES, '000000.json'));
    expect(linked.ino).toBe((await stat(join(trial, 'attempts', 'a', SCORES, '000000.json'))).ino);
    expect((await readCheckpoint(attempt))?.manifest.progress.step).toBe(5);
    expect(await progressOf(attempt)).toBe('5 steps, 2 blocks');
  });

  function checkpointOf(step: number): Parameters<typeof saveCheckpoint>[1] {
    const tensors = new Map([['w', { shape: [1], values: Float32Array.of(step) }]]);
    const data = { name: 'd', count: 1, height: 1, width: 1, sha256: '' };
    return {
      manifest: {
        format: 'gmm-vae checkpoint',
        version: 1,
        model: { pixels: 1, latent: 1, hidden: [1], prior: { kind: 'standard-normal' }, seed: 1 },
        training: {
          batchSize: 1,
          seed: 1,
          learningRate: 1,
          samples: 1,
          binarisation: 'none',
          warmUpEpochs: 0,
          fitPriorAfter: null,
          bound: 'elbo',
          stickingTheLanding: false,
        },
        data: { train: data, validation: null },
        threads: 1,
        progress: {
          step,
          batches: { epoch: 0, index: 0 },
          sums: { loss: 0, reconstruction: 0, kl: 0 },
          epochs: [],
          best: null,
        },
      },
      weights: tensors,
      optimizer: tensors,
    };
  }
});
