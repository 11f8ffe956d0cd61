import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Batch, Batches, pixelRows } from '../../src/data/batches';
import { takeImages } from '../../src/data/dataset';
import { meanImage } from '../../src/data/intensities';
import { loadAllImages, loadImages } from '../../src/data/load';
import { RowFile } from '../../src/data/row-file';
import { digestOf } from '../../src/data/rows';
import { holdOut } from '../../src/data/split';
import { RandomStream } from '../../src/math/random';
import { Vae } from '../../src/vae/model';
import { train } from '../../src/vae/training/train';
import { npy } from './npy-for-tests';

const ROWS = 3000;
/** Numbers of a row: 32 KiB, so that a block of a megabyte has 32 rows, and there are three windows. */
const SIZE = 32 * 1024;

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-rows-'));
  path = join(folder, 'x.npy');
  const bytes = new Uint8Array(ROWS * SIZE);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (Math.imul(i, 2654435761) >>> 24) & 255;
  await writeFile(path, npy('|u1', [ROWS, 128, 256], bytes));
});
afterAll(() => rm(folder, { recursive: true }));

/** Millions of numbers compare slowly one by one. */
const sum = (values: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');
const summary = ({ pixels, ...rest }: Batch): object => ({ ...rest, pixels: sum(pixels) });

const onDisk = () => loadAllImages(path, { largestInMemory: 0 });

describe('an array that stays on the disk', () => {
  it('has the same rows, mean and views as in memory', async () => {
    const [memory, disk] = [await loadAllImages(path), await onDisk()];
    expect(disk.images).toBeInstanceOf(RowFile);
    const some = Uint32Array.of(2999, 0, 31, 32, 1500, 0);
    expect(sum(pixelRows(disk, some))).toBe(sum(pixelRows(memory, some)));
    expect(sum(meanImage(disk))).toBe(sum(meanImage(memory)));
    const view = (set: typeof disk) =>
      sum(pixelRows(takeImages(takeImages(set, 100, 1000), 10, 50), Uint32Array.of(9, 0)));
    expect(view(disk)).toBe(view(memory));
    const held = (set: typeof disk) => holdOut(holdOut(set, 300, 1, 'test').rest, 200, 2, 'validation');
    const [one, other] = [held(memory), held(disk)];
    for (const part of ['rest', 'held'] as const) {
      const last = Uint32Array.of(0, one[part].count - 1);
      expect(other[part].count).toBe(one[part].count);
      expect(sum(pixelRows(other[part], last))).toBe(sum(pixelRows(one[part], last)));
    }
  });

  it('is shuffled by the seed: every row once, in another order each epoch', async () => {
    const { images } = await onDisk();
    const order = (epoch: number) => {
      const stream = RandomStream.of(7, `epoch ${epoch}`);
      return (images as RowFile).shuffledOrder((indices) => stream.shuffle(indices));
    };
    expect(order(0)).toEqual(order(0));
    expect(order(1)).not.toEqual(order(0));
    expect([...order(0)].sort((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, i) => i));
    // Neighbours of the file end up apart: with 1,024 rows shuffled together, fewer than one in 50 follows its neighbour.
    const neighbours = order(0).filter((row, i, all) => i > 0 && row === (all[i - 1] as number) + 1).length;
    expect(neighbours).toBeLessThan(ROWS / 50);
  });

  it('is read in few places at a time: any stretch of the order as long as a window lies in two windows of blocks', async () => {
    const { images } = await onDisk();
    const stream = RandomStream.of(7, 'order');
    const order = (images as RowFile).shuffledOrder((indices) => stream.shuffle(indices));
    const window = 32 * 32;
    for (let start = 0; start + window <= ROWS; start += 100) {
      const blocks = new Set(Array.from(order.subarray(start, start + window), (row) => Math.floor(row / 32)));
      expect(blocks.size).toBeLessThanOrEqual(64);
    }
  });

  it('gives batches that are the same behind any position, as for a training that is resumed', async () => {
    const options = { batchSize: 64, seed: 3, binarisation: 'dynamic', lastBatch: 'drop' } as const;
    const set = await onDisk();
    const whole = new Batches(set, options);
    const all = Array.from({ length: whole.perEpoch + 3 }, () => whole.next());
    const resumed = new Batches(await onDisk(), options);
    resumed.seek({ epoch: 0, index: 40 });
    for (const batch of all.slice(40)) expect(summary(resumed.next())).toEqual(summary(batch));
  });

  it('is known by its contents, and a view by its rows', async () => {
    const set = await onDisk();
    expect(digestOf(await onDisk())).toBe(digestOf(set));
    expect(digestOf(takeImages(set, 10))).not.toBe(digestOf(takeImages(set, 10, 1)));
    const { train: first } = await loadImages(path, { largestInMemory: 0, splitSeed: 1 });
    const { train: second } = await loadImages(path, { largestInMemory: 0, splitSeed: 2 });
    expect(digestOf(first)).not.toBe(digestOf(second));
  });

  it('trains to the same bits in one go, and interrupted and resumed', async () => {
    const small = join(folder, 'small.npy');
    await writeFile(
      small,
      npy(
        '|u1',
        [400, 4, 4],
        Uint8Array.from({ length: 6400 }, (_, i) => (i * 89) % 256),
      ),
    );
    const weights = async (interruptAt: number | null) => {
      const data = await loadAllImages(small, { largestInMemory: 0 });
      const checkpoint = { folder: join(folder, `run-${interruptAt}`), resume: true };
      const options = { epochs: 3, batchSize: 50, seed: 5, threads: 1, checkpoint };
      const run = async (signal: AbortSignal, onStep: (step: number) => void) => {
        const model = new Vae({ pixels: 16, latent: 2, hidden: [6], prior: { kind: 'standard-normal' }, seed: 1 });
        try {
          await train(model, data, { ...options, signal, onStep: ({ step }) => onStep(step) });
          return [...model.variables.values()].map((variable) => [...variable.dataSync()]);
        } finally {
          model.dispose();
        }
      };
      const abort = new AbortController();
      const first = await run(abort.signal, (step) => step === interruptAt && abort.abort());
      return interruptAt === null ? first : run(new AbortController().signal, () => {});
    };
    const whole = await weights(null);
    expect(whole.flat().every(Number.isFinite)).toBe(true);
    expect(await weights(11)).toEqual(whole);
  });

  it('is not read on once somebody has written to it: other numbers than those that were checked', async () => {
    const other = join(folder, 'written.npy');
    const rows = npy('|u1', [256, 128, 256], new Uint8Array(256 * SIZE).fill(1));
    await writeFile(other, rows);
    const { train: set } = await loadImages(other, { largestInMemory: 0, testShare: 0.01 });
    const file = set.images as RowFile;
    expect(file.row(0)[0]).toBe(1);
    await writeFile(other, rows.fill(2, rows.length - 256 * SIZE));
    expect(() => file.row(set.count - 1)).toThrow(`${other}: was changed while it was in use; start again`);
  });

  it('is checked, split and read in batches in less memory than it has bytes', async () => {
    // A gibibyte of zeros that takes no room on the disk: 65,536 pictures of 128 by 128.
    const large = join(folder, 'large.npy');
    const header = npy('|u1', [65_536, 128, 128], new Uint8Array(0));
    const file = await open(large, 'w');
    await file.write(header);
    await file.truncate(header.length + 2 ** 30);
    await file.close();
    const data = (name: string) => JSON.stringify(resolve(__dirname, '../../dist/data', name));
    const script = `const { loadImages } = require(${data('load.js')}); const { Batches } = require(${data('batches.js')});
      loadImages(${JSON.stringify(large)}).then(({ train }) => {
        const batches = new Batches(train, { batchSize: 100, seed: 1, binarisation: 'dynamic', lastBatch: 'drop' });
        for (let i = 0; i < 100; i++) batches.next();
        console.log(train.count, process.resourceUsage().maxRSS * 1024);
      });`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    expect(await new Promise((ended) => child.on('close', ended))).toBe(0);
    const [count, peak] = out.trim().split(' ').map(Number) as [number, number];
    expect(count).toBe(58_982);
    // Below 512 MiB on Node 20; Node 24 frees buffers later, at 592 MiB.
    expect(peak).toBeLessThan(0.75 * 2 ** 30);
  }, 120_000);
});
