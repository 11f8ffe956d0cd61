import { describe, expect, it } from 'vitest';
import { imagesFromArray, imagesFromFrame } from '../../src/data/from-code';

describe('arrays of a program', () => {
  it('are shared where they are bytes or float32, and have their labels counted from 0', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const set = imagesFromArray(bytes, { shape: [2, 1, 2], labels: ['dog', 'cat'], name: 'pets' });
    expect(set).toMatchObject({ name: 'pets', count: 2, height: 1, width: 2, channels: 1, classes: ['cat', 'dog'] });
    expect([...(set.labels ?? [])]).toEqual([1, 0]);
    expect((set.images as Uint8Array).buffer).toBe(bytes.buffer);
    expect(imagesFromArray([0.5, 1], { shape: [2, 1] }).images).toEqual(Float32Array.of(0.5, 1));
  });

  it('are refused where they do not fit or are not finite', () => {
    expect(() => imagesFromArray([1, 2, 3], { shape: [2, 2] })).toThrow('values: expected 2·2 numbers, got 3');
    expect(() => imagesFromArray([1, Number.NaN], { shape: [2, 1] })).toThrow(
      'values: row 1: expected a finite number, got NaN',
    );
    expect(() => imagesFromArray([1, 2], { shape: [2, 1], labels: [1] })).toThrow(
      'labels: expected one label for each of 2 images, got 1',
    );
    expect(() => imagesFromArray([], { shape: [0, 1] })).toThrow('0 rows');
  });
});

describe('a data frame of danfojs', () => {
  const { DataFrame } = require('danfojs-node');
  const frame = new DataFrame(
    [
      [1.5, 'x', 'a'],
      [2, 'y', 'b'],
      [-1, 'x', 'a'],
    ],
    { columns: ['n', 'kind', 'class'] },
  );

  it('gives its rows, categories and classes', () => {
    const set = imagesFromFrame(frame, { labelColumn: 'class', categorical: ['kind'] });
    expect(set.images).toEqual(Float32Array.of(1.5, 1, 0, 2, 0, 1, -1, 1, 0));
    expect([set.classes, [...(set.labels ?? [])]]).toEqual([
      ['a', 'b'],
      [0, 1, 0],
    ]);
  });

  it('is refused by row and column', () => {
    expect(() => imagesFromFrame(frame, { labelColumn: 'class' })).toThrow(
      'frame: row 0, column kind: expected a finite number, got "x"',
    );
    expect(() => imagesFromFrame(frame, { labelColumn: 'size' })).toThrow(
      'frame: no column "size"; there are n, kind, class',
    );
  });
});
