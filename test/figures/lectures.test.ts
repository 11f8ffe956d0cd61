import { describe, expect, it } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { aggregatedPosteriorFigure } from '../../src/figures/aggregated';
import { boundGapFigure } from '../../src/figures/bound-gap';
import { controlFigure } from '../../src/figures/control';
import { coverageFigure } from '../../src/figures/coverage';
import { numberTrace } from '../../src/figures/ellipse';
import { twoGradientsFigure } from '../../src/figures/gradients';
import { type EstimatedInterval, intervalsFigure } from '../../src/figures/intervals';
import { logAxis, superscript } from '../../src/figures/log-axis';
import { seriesErrorFigure } from '../../src/figures/series';

const round = (variance: number) => ({
  logProb: ([x = 0, y = 0]: readonly number[]) => -Math.log(2 * Math.PI * variance) - (x * x + y * y) / (2 * variance),
  components: [{ meanVector: () => [0, 0], covarianceMatrix: () => [variance, 0, 0, variance] }],
});
interface Map {
  readonly z: (number | null)[][];
}

describe('the aggregated posterior beside its prior', () => {
  const view = { label: 'normal', aggregated: round(1), prior: round(0.25) };

  it('is drawn as a density and as the logarithm of the ratio, blank where neither has mass', () => {
    const [density, ratio] = aggregatedPosteriorFigure([view], { from: -6, to: 6 }).data as Map[];
    expect(density!.z[40]![40]).toBeCloseTo(1 / (2 * Math.PI), 5);
    expect(ratio!.z[40]![40]).toBeCloseTo(Math.log(0.25), 5);
    expect(ratio!.z[40]![54]).toBe(3); // at (2.1, 0) the ratio is e^5.2; it is drawn up to e³
    expect(ratio!.z[0]![0]).toBeNull();
  });

  it('has a slider for several models, with as many traces for each', () => {
    const two = { ...view, prior: { ...round(1), components: [...round(1).components, ...round(4).components] } };
    const { data, layout } = aggregatedPosteriorFigure([view, two], { from: -3, to: 3 });
    expect(data).toHaveLength(8);
    expect(layout).toHaveProperty('sliders');
  });
});

it('the map of the gaps has both on one scale, with the condition as a line', () => {
  const grid = {
    separations: [0, 4],
    stddevs: [1, 2],
    upperGap: [
      [0, 1],
      [2, 3],
    ],
    lowerGap: [
      [0, 0.5],
      [0.5, 1],
    ],
  };
  const { data, alt } = boundGapFigure({ ...grid, condition: { name: 'd/4', at: (d) => d / 4 } });
  const contours = (data as { contours?: { start: number; end: number; coloring?: string } }[]).filter(
    ({ contours }) => contours && contours.coloring !== 'none',
  );
  expect(contours.map(({ contours }) => contours!.end)).toEqual([3, 3]);
  expect((data as { name?: string; y: number[] }[]).find(({ name }) => name === 'd/4')!.y).toEqual([0, 1]);
  // Below the line lies one point, σ of q = 1 at separation 4.
  expect(alt).toContain('upper bound is at most 1.00 nats below the line “d/4”, and 3.00 nats anywhere');
  expect(alt).toContain('lower bound is at most 1.00 nats.');
});

it('the error of a series is the distance of its partial sums from the value', () => {
  const { data } = seriesErrorFigure({ series: [{ name: 's', sums: [1, 3, 2.5] }], exact: 2 });
  expect((data as { y: number[] }[])[0]!.y).toEqual([1, 1, 0.5]);
});

it('components are numbered where they stand, as tables and rows name them', () => {
  expect(numberTrace(round(1).components)).toMatchObject({ x: [0], y: [0], text: ['<b>1</b>'] });
});

describe('a logarithmic axis', () => {
  const ticks = (values: number[]) => (logAxis(values, 't') as { ticktext: string[] }).ticktext;

  it('has decades for ticks, in plain figures up to a thousand', () => {
    expect(ticks([0.01, 3000])).toEqual(['0.01', '0.1', '1', '10', '100', '1000']);
  });

  it('has powers of ten beyond, and not more ticks than can be read', () => {
    expect(ticks([1e-5, 1])).toEqual(['10⁻⁵', '10⁻⁴', '0.001', '0.01', '0.1', '1']);
    expect(ticks([1e-20, 1]).length).toBeLessThan(9);
  });

  it('takes 1, 2 and 5 where there are less than two decades', () => {
    expect(ticks([0.3, 7])).toEqual(['0.5', '1', '2', '5']);
  });

  it('leaves out what has no logarithm', () => {
    expect(ticks([0, -1, Number.NaN, 1, 100])).toEqual(['1', '10', '100']);
  });

  it('raises exponents without a caret', () => {
    expect(superscript('−0.501')).toBe('⁻⁰·⁵⁰¹');
  });
});

it('a controlled comparison is a row of dots for each prior, the first on top', () => {
  const rows = [
    { label: 'a', values: [1, 3], mean: 2 },
    { label: 'b', values: [4], mean: 4 },
  ];
  const { data, layout, alt } = controlFigure(rows, { quantity: 'ln p(x)' });
  const [dots, means] = data as { x: number[]; y: string[] }[];
  expect([dots!.x, dots!.y]).toEqual([
    [1, 3, 4],
    ['a', 'a', 'b'],
  ]);
  expect(means!.x).toEqual([2, 4]);
  expect(layout).toMatchObject({ yaxis: { autorange: 'reversed' } });
  expect(alt).toContain('a 2.00, b 4.00');
});

it('the coverage of intervals is drawn in per cent, beside what they promise', () => {
  const { data, alt } = coverageFigure([{ name: 'narrow', samples: [2, 100], coverage: [0.7, 0.95] }]);
  const [line, promise] = data as { y: number[] }[];
  expect([line!.y, promise!.y]).toEqual([
    [70, 95],
    [95, 95],
  ]);
  expect(alt).toContain('narrow: 70 % at N = 2, 95 % at N = 100');
});

it('intervals of runs are told apart by whether they hold the exact value, at its ends too', () => {
  const runs: EstimatedInterval[] = [
    { value: 1, interval: [0, 2] },
    { value: 3, interval: [2, 4] },
    { value: 2.5, interval: [2.1, 3] },
    { value: 2, interval: null },
  ];
  const { data, layout, alt } = intervalsFigure({ runs, exact: 2 });
  const [held, missed, values] = data as { x: (number | null)[]; y: (number | null)[] }[];
  expect([held!.x, held!.y]).toEqual([
    [1, 1, null, 2, 2, null],
    [0, 2, null, 2, 4, null],
  ]);
  expect([missed!.x, missed!.y]).toEqual([
    [3, 3, null],
    [2.1, 3, null],
  ]);
  expect(values!.y).toEqual([1, 3, 2.5, 2]);
  expect(layout).toMatchObject({ title: { text: '2 of 4 intervals hold the exact value: 50 %' } });
  expect(alt).toContain('2 hold the exact value 2.0000 nats, 2 miss it');
});

it('the two gradients of the same draws have the slopes of −ln p, and f times the score', () => {
  const [q, p] = [new Normal(1, 0.5), new Normal(0, 1)];
  const { data } = twoGradientsFigure({ q, p, noise: [2] }); // z = 2, where −ln p has the slope 2
  const [, tangent, bar] = data as { x: number[]; y: number[] }[];
  expect((tangent!.y[1]! - tangent!.y[0]!) / (tangent!.x[1]! - tangent!.x[0]!)).toBeCloseTo(2, 4);
  expect(bar!.x).toEqual([2]);
  expect(bar!.y[0]).toBeCloseTo(((q.logProb(2) - p.logProb(2)) * 2) / 0.5, 4);
});
