import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeIdx, parseIdx } from '../../src/data/idx';
import { imageSet } from '../../src/data/mnist';

// Written by hand from the format's description: two images of 1×3, and their two labels.
const IMAGES = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 253, 254, 255);
const LABELS = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9);

describe('IDX files', () => {
  it('are read as shape and bytes', () => {
    expect(parseIdx(IMAGES, 'images', 3)).toEqual({ shape: [2, 1, 3], values: Uint8Array.of(1, 2, 3, 253, 254, 255) });
    expect(parseIdx(LABELS, 'labels', 1)).toEqual({ shape: [2], values: Uint8Array.of(7, 9) });
  });

  it('are written byte for byte as the format says', () => {
    expect(encodeIdx({ shape: [2, 1, 3], values: Uint8Array.of(1, 2, 3, 253, 254, 255) })).toEqual(IMAGES);
    expect(() => encodeIdx({ shape: [2, 2], values: new Uint8Array(3) })).toThrow(
      'values: expected 4 bytes for 2×2, got 3',
    );
  });

  it('come back unchanged for any shape', () => {
    const shapes = fc.array(fc.nat(5), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat(255)), (shape, bytes) => {
        const count = shape.reduce((all, size) => all * size, 1);
        const values = Uint8Array.from({ length: count }, () => bytes.next().value as number);
        expect(parseIdx(encodeIdx({ shape, values }), 'x', shape.length)).toEqual({ shape, values });
      }),
    );
  });

  it('are refused at every length but the right one, with both lengths named', () => {
    for (let length = 0; length < IMAGES.length; length++) {
      expect(() => parseIdx(IMAGES.subarray(0, length), 'a-file', 3)).toThrow(
        /^a-file: truncated: expected (an IDX header of 16|22) bytes.*, got \d+$/,
      );
    }
    expect(() => parseIdx(Uint8Array.of(...IMAGES, 0, 0), 'a-file', 3)).toThrow(
      'a-file: 2 trailing bytes after the shape 2×1×3 (22 bytes)',
    );
  });

  it('are refused with another magic number, also labels given as images', () => {
    expect(() => parseIdx(LABELS, 'a-file', 3)).toThrow(
      'a-file: expected the magic number 0x00000803 (IDX, unsigned bytes, 3 dimensions), got 0x00000801',
    );
    expect(() => parseIdx(new TextEncoder().encode('<html>'), 'a-file', 1)).toThrow(/magic number 0x00000801/);
  });

  it('make an image set only when every image has its label', () => {
    expect(imageSet('two', IMAGES, LABELS)).toMatchObject({ name: 'two', count: 2, height: 1, width: 3 });
    expect(() => imageSet('two', IMAGES, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7))).toThrow(
      'two labels: expected one for each of 2 images, got 1',
    );
  });
});
