import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { takeImages } from '../../src/data/dataset';
import { syntheticDigits } from '../../src/data/glyphs';

const SIZE = 28 * 28;
const { train, test } = syntheticDigits({ train: 4000, test: 1000, seed: 7 });

describe('synthetic digits', () => {
  it('are the same bytes for the same seed and others for another', () => {
    const digest = (seed: number) =>
      createHash('sha256')
        .update(syntheticDigits({ train: 200, test: 10, seed }).train.images)
        .digest('hex');
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
  });

  it('have every class equally often, also in a set that ten does not divide', () => {
    const counts = (labels: Uint8Array) =>
      [...Array(10).keys()].map((digit) => labels.filter((l) => l === digit).length);
    expect(counts(train.labels)).toEqual(Array(10).fill(400));
    expect(counts(syntheticDigits({ train: 25, test: 10, seed: 1 }).train.labels).toSorted()).toEqual([
      2, 2, 2, 2, 2, 3, 3, 3, 3, 3,
    ]);
  });

  it('show no image twice, and none of the training images in the test set', () => {
    const image = (set: typeof train, i: number) => Buffer.from(takeImages(set, 1, i).images).toString('latin1');
    const seen = new Set(Array.from({ length: train.count }, (_, i) => image(train, i)));
    expect(seen.size).toBe(train.count);
    expect(Array.from({ length: test.count }, (_, i) => image(test, i)).filter((i) => seen.has(i))).toEqual([]);
  });

  it('look like MNIST to first order: black ground, white ink, anti-aliased edges, inside the frame', () => {
    const share = (holds: (value: number) => boolean) => train.images.filter(holds).length / train.images.length;
    // MNIST: 80.9 % black pixels, mean intensity 0.1307.
    expect(share((value) => value === 0)).toBeGreaterThan(0.75);
    expect(share((value) => value > 0 && value < 255)).toBeGreaterThan(0.05);
    const mean = train.images.reduce((sum, value) => sum + value, 0) / train.images.length / 255;
    expect(mean).toBeGreaterThan(0.1);
    expect(mean).toBeLessThan(0.16);
    const border = train.images.filter((_, i) => i % 28 === 0 || i % 28 === 27 || i % SIZE < 28 || i % SIZE >= 27 * 28);
    expect(border.filter((value) => value > 0).length / border.length).toBeLessThan(0.005);
  });

  it('can be told apart by the nearest training image, at least 97 % of them', () => {
    const asked = takeImages(test, 200);
    const right = asked.labels.filter(
      (label, i) => label === nearestLabel(asked.images.subarray(i * SIZE, (i + 1) * SIZE)),
    );
    expect(right.length / asked.count).toBeGreaterThanOrEqual(0.97);
  });

  it('refuse a count or seed that is none', () => {
    expect(() => syntheticDigits({ train: 0, test: 1, seed: 1 })).toThrow(
      'train: expected a positive number of images, got 0',
    );
    expect(() => syntheticDigits({ train: 1, test: 1, seed: 0.5 })).toThrow('seed: expected an integer, got 0.5');
    expect(() => takeImages(test, 1001)).toThrow('count: expected an integer from 1 to 1000');
  });
});

function nearestLabel(image: Uint8Array): number {
  let best = { label: -1, distance: Number.POSITIVE_INFINITY };
  for (let j = 0; j < train.count; j++) {
    let distance = 0;
    for (let i = 0; i < SIZE && distance < best.distance; i++) {
      distance += ((image[i] as number) - (train.images[j * SIZE + i] as number)) ** 2;
    }
    if (distance < best.distance) best = { label: train.labels[j] as number, distance };
  }
  return best.label;
}
