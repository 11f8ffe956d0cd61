import { describe, expect, it } from 'vitest';
import { Batches, type BatchOptions, binarise, pixelRows } from '../../src/data/batches';
import { syntheticDigits } from '../../src/data/glyphs';
import { RandomStream } from '../../src/math/random';

const set = syntheticDigits({ train: 25, test: 1, seed: 1 }).train;
const options: BatchOptions = { batchSize: 10, seed: 3, binarisation: 'dynamic', lastBatch: 'keep' };

const epochOf = (batches: Batches) => Array.from({ length: batches.perEpoch }, () => batches.next());
const all = Uint32Array.from({ length: set.count }, (_, i) => i);

describe('batches', () => {
  it('give every image once an epoch, in another order each epoch, and say what they do with the last five of 25', () => {
    const kept = new Batches(set, options);
    const [first, second] = [epochOf(kept), epochOf(kept)];
    expect(first.map((batch) => batch.images.length)).toEqual([10, 10, 5]);
    expect(first.map(({ epoch, index }) => [epoch, index])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    const order = (batches: typeof first) => batches.flatMap((batch) => [...batch.images]);
    expect(order(first).toSorted((a, b) => a - b)).toEqual([...all]);
    expect(order(second).toSorted((a, b) => a - b)).toEqual([...all]);
    expect(order(second)).not.toEqual(order(first));
    const dropped = epochOf(new Batches(set, { ...options, lastBatch: 'drop' }));
    expect(dropped.map((batch) => batch.images.length)).toEqual([10, 10]);
  });

  it('go on after a position exactly as if never interrupted, also in the middle of an epoch', () => {
    const straight = new Batches(set, options);
    for (let i = 0; i < 4; i++) straight.next();
    const resumed = new Batches(set, options);
    resumed.seek(JSON.parse(JSON.stringify(straight.position())));
    for (let i = 0; i < 5; i++) expect(resumed.next()).toEqual(straight.next());
  });

  it('are others under another seed', () => {
    expect(new Batches(set, { ...options, seed: 4 }).next().images).not.toEqual(
      new Batches(set, options).next().images,
    );
  });

  it('give intensities unless told to binarise', () => {
    const { images, pixels } = new Batches(set, { ...options, binarisation: 'none' }).next();
    const first = set.images.subarray((images[0] as number) * 784, (images[0] as number) * 784 + 784);
    expect(pixels.subarray(0, 784)).toEqual(Float32Array.from(first, (value) => value / 255));
  });

  it('have the bits that `binarise` draws from the intensities, image after image, when dynamic', () => {
    const { images, pixels } = new Batches(set, options).next();
    expect(pixels).toEqual(binarise(pixelRows(set, images), RandomStream.of(3, 'batches/binarise/0/0')));
  });

  it('draw an image’s bits once for all epochs when fixed, and anew in each when dynamic', () => {
    const bits = (binarisation: 'fixed' | 'dynamic', epochs: number) => {
      const batches = new Batches(set, { ...options, binarisation });
      return Array.from({ length: epochs }, () => {
        const rows = new Map<number, Float32Array>();
        for (const { images, pixels } of epochOf(batches)) {
          images.forEach((image, row) => {
            rows.set(image, pixels.slice(row * 784, (row + 1) * 784));
          });
        }
        return rows;
      });
    };
    const [fixed, fixedAgain] = bits('fixed', 2);
    expect(fixedAgain?.get(12)).toEqual(fixed?.get(12));
    expect(pixelRows(set, Uint32Array.of(12), { binarisation: 'fixed', seed: 3 })).toEqual(fixed?.get(12));
    const [dynamic, dynamicAgain] = bits('dynamic', 2);
    expect(dynamicAgain?.get(12)).not.toEqual(dynamic?.get(12));
    expect(new Set(dynamic?.get(12))).toEqual(new Set([0, 1]));
  });

  it('draw a pixel white with the probability of its intensity', () => {
    const draws = binarise(new Float32Array(100_000).fill(0.3), RandomStream.of(1, 'bits'));
    const share = draws.reduce((sum, bit) => sum + bit, 0) / draws.length;
    // Five standard errors of √(0.3·0.7/100,000) = 0.00145: a false alarm once in 1.7 million seeds, and the seed is fixed.
    expect(Math.abs(share - 0.3)).toBeLessThan(5 * 0.00145);
    expect(binarise(Float32Array.of(0, 1), RandomStream.of(1, 'bits'))).toEqual(Float32Array.of(0, 1));
  });

  it('refuse sizes and positions that do not exist', () => {
    expect(() => new Batches(set, { ...options, batchSize: 0 })).toThrow(
      'batchSize: expected a positive integer, got 0',
    );
    expect(() => new Batches(set, { ...options, batchSize: 26, lastBatch: 'drop' })).toThrow(
      'batchSize: expected at most 25',
    );
    expect(() => new Batches(set, options).seek({ epoch: 0, index: 3 })).toThrow(
      'index: expected an integer from 0 to 2, got 3',
    );
    expect(() => new Batches(set, options).seek({ epoch: -1, index: 0 })).toThrow('epoch: expected an integer ≥ 0');
  });
});
