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

  it('of negative or broken sizes, of text, or with an odd white are refused: their product alone may fit', () => {
    for (const shape of [
      [-2, -2],
      [1.6, 2.5],
    ])
      expect(() => imagesFromArray([1, 2, 3, 4], { shape })).toThrow(`whole numbers, got (${shape.join(', ')})`);
    for (const [value, text] of [
      ['', '""'],
      [null, 'null'],
      [true, 'a value of type boolean'],
    ] as const)
      expect(() => imagesFromArray([1, value as unknown as number], { shape: [2, 1] })).toThrow(
        `values[1]: expected a finite number, got ${text}`,
      );
    for (const white of [0, -2, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => imagesFromArray([0, 0], { shape: [2, 1], white })).toThrow(
        `white: expected a finite number > 0, got ${white}`,
      );
  });

  it('have classes that are numbers or names, and none for what is missing', () => {
    const of = (...labels: unknown[]) => imagesFromArray([1, 2], { shape: [2, 1], labels: labels as string[] });
    expect(() => of('a', undefined)).toThrow('labels[1]: expected a class, got nothing');
    expect(() => of(Number.NaN, 1)).toThrow('labels[0]: expected a class');
    expect([...(of(1, '1').labels ?? [])]).toEqual([0, 0]);
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

  it('has each column once, one use for each, and a cell for each in every row', () => {
    const values = [
      [1, 'x', 'y'],
      [3, 'y', 'x'],
    ];
    expect(() => imagesFromFrame({ columns: ['a', 'k', 'k'], values }, { labelColumn: 'k' })).toThrow(
      'frame: two columns are called "k"',
    );
    expect(() => imagesFromFrame({ columns: ['a', 'k'], values }, { labelColumn: 'k' })).toThrow(
      'frame: row 0: expected 2 cells, got 3',
    );
    expect(() =>
      imagesFromFrame({ columns: ['a', 'k', 'l'], values }, { labelColumn: 'k', categorical: ['k', 'l'] }),
    ).toThrow('frame: column "k": expected the labels or a category, got both');
  });

  it('keeps classes and categories apart that are integers beyond 2^53', () => {
    const frame = { columns: ['a', 'id'], values: [2n ** 53n, 2n ** 53n + 1n].map((id) => [1, id]) };
    expect(imagesFromFrame(frame, { labelColumn: 'id' }).classes).toEqual(['9007199254740992', '9007199254740993']);
    expect(imagesFromFrame(frame, { categorical: ['id'] }).images).toEqual(Float32Array.of(1, 1, 0, 1, 0, 1));
  });
});
