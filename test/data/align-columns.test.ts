import { describe, expect, it } from 'vitest';
import { alignColumns } from '../../src/data/align-columns';
import { imagesFromArray, imagesFromFrame } from '../../src/data/from-code';

const train = imagesFromFrame(
  {
    columns: ['x', 'colour', 'y', 'size'],
    values: [
      [1, 'red', 10, 'S'],
      [2, 'blue', 20, 'L'],
      [3, 'green', 30, 'M'],
    ],
  },
  { categorical: ['colour', 'size'] },
);
const columns = train.columns ?? [];
// x, blue, green, red, y, L, M, S
const ROW = [7, 0, 0, 1, 70, 0, 1, 0];

function frame(names: string[], row: unknown[], categorical = ['colour', 'size']) {
  return imagesFromFrame({ columns: names, values: [row] }, { categorical, name: 'test' });
}

describe('a table read by itself', () => {
  it.each([
    [
      ['x', 'colour', 'y', 'size'],
      [7, 'red', 70, 'M'],
    ],
    [
      ['size', 'y', 'colour', 'x'],
      ['M', 70, 'red', 7],
    ],
  ])('has its numbers where the other has them, in columns %j', (names, row) => {
    const set = alignColumns(frame(names, row), columns);
    expect([...(set.images as Float32Array)]).toEqual(ROW);
    expect([set.count, set.height, set.width, set.columns]).toEqual([1, 1, 8, columns]);
  });

  it('stays what it is where nothing differs, and where it has no columns', () => {
    expect(alignColumns(train, columns)).toBe(train);
    const plain = imagesFromArray(Float32Array.of(1, 2), { shape: [1, 2] });
    expect(alignColumns(plain, columns)).toBe(plain);
  });

  it('goes by the place of a column where one of the files had no header, and by the names of categories still', () => {
    const rows = frame(['1', '2', '3', '4'], [7, 'red', 70, 'M'], ['2', '4']);
    expect([...(alignColumns(rows, columns).images as Float32Array)]).toEqual(ROW);
    expect(() => alignColumns(frame(['1', '2'], [7, 'red'], ['2']), columns)).toThrow('test: expected 4 columns, ');
  });

  it.each([
    [['x', 'colour', 'y'], [7, 'red', 70], ['colour'], 'test: no column "size", which the model was trained on'],
    [['x', 'colour', 'y', 'size', 'z'], [7, 'red', 70, 'M', 1], undefined, 'column "z" is none that the model was'],
    [['x', 'colour', 'y', 'size'], [7, 'pink', 70, 'M'], undefined, '"pink" is no category that the model was trained'],
    [['x', 'colour', 'y', 'size'], [7, 'red', 70, 5], ['colour'], 'column "size": expected categories (--categorical)'],
    [['x', 'colour', 'y', 'size'], [7, 'red', 70, 'M'], ['x', 'colour', 'size'], 'column "x": expected numbers'],
  ])('is refused, with what is wrong in a line: %j', (names, row, categorical, problem) => {
    expect(() => alignColumns(frame(names, row, categorical), columns)).toThrow(problem);
  });
});
