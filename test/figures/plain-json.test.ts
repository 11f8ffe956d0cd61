import { describe, expect, it } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { coverageFigure } from '../../src/figures/coverage';
import { densityFigure } from '../../src/figures/density';
import { figure } from '../../src/figures/figure';
import { mixtureContourFigure } from '../../src/figures/mixture';
import { sandwichFigure } from '../../src/figures/sandwich';
import { seedSpreadFigure } from '../../src/figures/sweep';
import { lossCurvesFigure } from '../../src/figures/training';

const drawn = (trace: object): { readonly [name: string]: unknown } =>
  figure({ data: [trace], alt: 'A trace.' }).data[0] as { readonly [name: string]: unknown };

describe('the numbers of a figure', () => {
  it('keep six digits of what they differ by, however far from zero they lie', () => {
    const [, q] = densityFigure(new Normal(1e6, 1), new Normal(1e6, 2), { from: 1e6 - 5, to: 1e6 + 5 }).data as {
      readonly x: number[];
      readonly y: number[];
    }[];
    expect(new Set(q!.x).size).toBe(241);
    // The grid has its mean as its middle point, and its neighbours are 10/240 apart.
    expect(q!.x[120]).toBe(1e6);
    expect(q!.x[121]! - q!.x[120]!).toBeCloseTo(10 / 240, 5);
  });

  it('are rounded to six digits where they lie about zero', () => {
    expect(drawn({ x: [0, 1 / 3, 1] }).x).toEqual([0, 0.333333, 1]);
    expect(drawn({ x: new Float32Array([0.1, 0.7, Number.NaN]) }).x).toEqual([0.1, 0.7, null]);
    expect(drawn({ x: [1.23456789e-12, 1] }).x).toEqual([1.23457e-12, 1]);
  });

  it('are whole where they were: a count of steps is not rounded', () => {
    expect(drawn({ x: [1_234_567, 12_345_678, 0.5] }).x).toEqual([1_234_567, 12_345_678, 0.5]);
  });

  it('are rounded by all rows of a map, not by each', () => {
    const z = [
      [1e6, 1e6 + 0.25],
      [1e6 + 0.5, 1e6 + 0.5],
    ];
    expect(drawn({ type: 'heatmap', z }).z).toEqual(z);
    expect(
      drawn({
        type: 'heatmap',
        z: [
          [0, 1],
          [1 / 3, 1 / 3],
        ],
      }).z,
    ).toEqual([
      [0, 1],
      [0.333333, 0.333333],
    ]);
  });

  it('keep all digits where they are equal: another trace may lie beside them', () => {
    expect(drawn({ y: [1234567.25, 1234567.25] }).y).toEqual([1234567.25, 1234567.25]);
  });

  it('are left alone among words', () => {
    expect(
      drawn({
        colorscale: [
          [0, '#fff'],
          [0.123456789, '#000'],
        ],
      }).colorscale,
    ).toEqual([
      [0, '#fff'],
      [0.123456789, '#000'],
    ]);
  });
});

describe('arrays of unequal length, of which plotly would draw the shorter', () => {
  it.each([
    ['a curve', () => lossCurvesFigure({ loss: [{ name: 'K = 10', x: [1, 2, 3], y: [9, 8] }], kl: [] }), 'data[0].y'],
    [
      'a band',
      () => sandwichFigure({ x: [1, 2], parameter: 'd', lower: [0, 0], upper: [1], exact: [1, 1] }),
      'data[1].y',
    ],
    ['shares', () => coverageFigure([{ name: 'q', samples: [1, 2, 3], coverage: [0.9, 0.95] }]), 'data[0].y'],
    ['bars of error', () => figure({ data: [{ y: [1, 2], error_y: { array: [1] } }], alt: 'Bars.' }), 'error_y.array'],
    ['rows of a map', () => figure({ data: [{ type: 'heatmap', z: [[1, 2], [1]] }], alt: 'A map.' }), 'data[0].z[1]'],
    ['a map', () => figure({ data: [{ type: 'contour', x: [1], z: [[1, 2]] }], alt: 'A map.' }), 'data[0].z'],
    ['a map on its side', () => figure({ data: [{ type: 'contour', y: [1, 2], z: [[1, 2]] }], alt: 'A map.' }), 'z'],
  ])('are refused: %s', (_, draw, where) => {
    expect(draw).toThrow(where);
  });

  it('may be the edges of a heatmap’s cells', () => {
    expect(drawn({ type: 'heatmap', x: [0, 1, 2], y: [0, 1], z: [[1, 2]] }).x).toEqual([0, 1, 2]);
  });

  it('are not found where there are none', () => {
    const mixture = { logProb: () => 0 };
    expect(mixtureContourFigure({ mixture, ellipses: [], from: 0, to: 1 }).data).toHaveLength(2);
    const settings = [{ name: 'one', mean: 1, interval: null, seeds: [1] }];
    expect(seedSpreadFigure({ settings, quantity: 'loss' }).data).toHaveLength(2);
  });
});
