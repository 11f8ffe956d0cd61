import { describe, expect, it } from 'vitest';
import { estimateHistogramFigure } from '../../src/figures/estimate-histogram';
import type { Figure } from '../../src/figures/figure';
import { errorDecayFigure, runningEstimateFigure } from '../../src/figures/monte-carlo';

interface Histogram {
  readonly x: number[];
  readonly visible: boolean;
  readonly xbins: { readonly start: number; readonly end: number; readonly size: number };
}
interface Layout {
  readonly title: { readonly text: string };
  readonly xaxis: { readonly range: [number, number] };
  readonly meta: { readonly caption: string };
}
const layoutOf = (figure: Figure): Layout => figure.layout as Layout;
const histogram = (estimates: readonly number[], exact: number): Figure =>
  estimateHistogramFigure({ groups: [{ samples: 10, estimates }], exact });

describe('the histogram of estimates', () => {
  it.each([
    ['the largest estimate', [1, 2, 3, 4, 5, 6, 7, 8], 4.5],
    ['equal estimates', [0, 0, 0], 0],
    ['equal estimates that are the exact value', [2, 2], 2],
    ['negative estimates alone', [-3, -2, -1], -2],
    ['large estimates', [1e9, 1e9 + 1], 1e9],
  ])('has a bin for every estimate: %s', (_, estimates, exact) => {
    const { data, layout } = histogram(estimates, exact);
    const { start, end, size } = (data[0] as Histogram).xbins;
    expect(size).toBeGreaterThan(0);
    // Plotly's bins hold their left end, not their right one.
    for (const value of estimates) expect(value >= start && value < end).toBe(true);
    expect((layout as Layout).title.text).not.toContain('beyond');
    const inBars = (data as Histogram[]).flatMap(({ x }) => x).sort((a, b) => a - b);
    expect(inBars).toEqual(estimates);
  });

  it('shows the exact value where all estimates lie on one side of it', () => {
    const [low, high] = layoutOf(histogram([1, 1.1, 1.2], 4)).xaxis.range;
    expect(low < 4 && 4 < high).toBe(true);
  });

  it('counts estimates that are not finite, and refuses a group of nothing else', () => {
    expect(layoutOf(histogram([1, Number.NaN, 2, Infinity], 1.5)).title.text).toBe(
      '0.0 % of the estimates are negative; 2 of 4 are not finite',
    );
    expect(() => histogram([Number.NaN], 1)).toThrow('groups[0].estimates: expected finite numbers, got 1 values');
    expect(() => histogram([], 1)).toThrow('groups[0].estimates');
  });

  it('says that the mean is the exact value only where it is, up to chance', () => {
    const unbiased = histogram([0.9, 1.1, 1], 1);
    expect(layoutOf(unbiased).meta.caption).toContain('is the exact value, up to chance');
    const biased = histogram([0.9, 1.1, 1, 0.95, 1.05], 4);
    expect(layoutOf(biased).meta.caption).not.toContain('up to chance');
    expect(biased.alt).toContain('beside means that chance does not explain: 1 at N = 10');
    // Of one estimate there is no error to measure by.
    expect(layoutOf(histogram([1], 4)).meta.caption).toContain('up to chance');
  });
});

describe('the running estimate', () => {
  const run = { samples: [1, 2, 5], estimates: [3, 1, 2], standardErrors: [null, 1, 0.5] };

  it('has no band where a single sample has no standard error', () => {
    const [lower, upper] = runningEstimateFigure({ ...run, exact: 2 }).data as { x: number[]; y: number[] }[];
    expect([lower!.x, upper!.x]).toEqual([
      [2, 5],
      [2, 5],
    ]);
    expect(upper!.y[0]! - lower!.y[0]!).toBeCloseTo(2 * 1.96, 5);
  });

  it('says whether its last band holds the exact value', () => {
    expect(runningEstimateFigure({ ...run, exact: 2 }).alt).toContain(
      '± 2.0 at N = 2, ± 0.98 at N = 5, where it holds the exact value.',
    );
    expect(runningEstimateFigure({ ...run, exact: 3 }).alt).toContain('where it misses the exact value.');
    expect(runningEstimateFigure({ samples: [1], estimates: [3], standardErrors: [null], exact: 3 }).alt).toContain(
      'no N has a standard error',
    );
  });
});

it('the decay of an error says what four times the samples give, by the fit, and how straight the line is', () => {
  const draw = (exponent: number, errors: number[]) =>
    errorDecayFigure({ samples: [1, 4, 16], errors, fit: { factor: 1, exponent } });
  const plain = draw(-0.5, [1, 0.5, 0.25]);
  expect(layoutOf(plain).meta.caption).toBe('Four times the samples, half the error.');
  expect(plain.alt).toContain('the points lie on a straight line of slope −0.500');
  const better = draw(-1.5, [1, 0.25, 1 / 64]);
  expect(layoutOf(better).meta.caption).toBe('Four times the samples, 0.13 times the error.');
  expect(better.alt).toContain('the points lie within a factor of 2 of a straight line');
});
