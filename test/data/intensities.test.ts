import { describe, expect, it } from 'vitest';
import { intensities, meanImage } from '../../src/data/intensities';

const set = {
  name: 'two images',
  count: 2,
  height: 1,
  width: 2,
  images: Uint8Array.of(0, 255, 51, 0),
  labels: Uint8Array.of(0, 1),
};

describe('intensities', () => {
  it('map bytes 0…255 to 0…1', () => {
    expect([...intensities(set)]).toEqual([0, 1, Math.fround(0.2), 0]);
  });
});

describe('meanImage', () => {
  it('averages every pixel over the images', () => {
    expect([...meanImage(set)]).toEqual([Math.fround(0.1), 0.5]);
  });
});
