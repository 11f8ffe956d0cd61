import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { display } from '../../src/display';
import { Normal } from '../../src/distributions/normal';
import { controlFigure } from '../../src/figures/control';
import { coverageFigure } from '../../src/figures/coverage';
import { efficiencyFigure } from '../../src/figures/efficiency';
import { imageGrid } from '../../src/figures/image-grid';
import { intervalsFigure } from '../../src/figures/intervals';
import { klSurfaceFigure } from '../../src/figures/kl-surface';
import { mixtureDensityFigure } from '../../src/figures/mixture';
import { sandwichedEstimatesFigure, sandwichFigure } from '../../src/figures/sandwich';
import { seriesErrorFigure } from '../../src/figures/series';
import { percentOf } from '../../src/figures/steps';
import { seedSpreadFigure } from '../../src/figures/sweep';
import { formatValue, table } from '../../src/figures/table';
import { latentScatterFigure, lossCurvesFigure } from '../../src/figures/training';
import { winnerMapFigure } from '../../src/figures/winner-map';
import { klDivergence } from '../../src/kl/closed-form';

interface Trace {
  readonly name?: string;
  readonly x: unknown[];
  readonly y: unknown[];
  readonly z: (number | null)[][];
  readonly text: string[];
  readonly line: { readonly color: string; readonly dash?: string };
  readonly marker: { readonly color: string; readonly symbol?: string };
  readonly contours: { readonly size: number; readonly end: number };
}
const traces = ({ data }: { readonly data: readonly object[] }): Trace[] => data as Trace[];
const captionOf = ({ layout }: { readonly layout: object }): string =>
  (layout as { meta: { caption: string } }).meta.caption;

describe('rows of one name', () => {
  it('are drawn as rows of their own', () => {
    const twice = (name: string) => ({ name, mean: 1, interval: null, seeds: [1] });
    const figures = [
      seedSpreadFigure({ settings: [twice('a'), twice('a'), twice('a')], quantity: 'loss' }),
      controlFigure(
        ['a', 'a', 'a'].map((label) => ({ label, values: [1], mean: 1 })),
        { quantity: 'ln p(x)' },
      ),
      efficiencyFigure({ names: ['a', 'a', 'a'], efficiencies: [1, 2, 3] }),
    ];
    for (const figure of figures) {
      for (const { y } of traces(figure)) expect(new Set(y).size).toBe(3);
      // In a text alternative no invisible sign stands between words.
      expect(figure.alt).not.toContain('\u200b');
    }
  });
});

describe('what a figure says of its data', () => {
  const kl = (p: Normal) => (mean: number, stddev: number) => klDivergence(new Normal(mean, stddev), p);
  const grid = { means: [-4, -3, -2, -1, 0, 1, 2], stddevs: [0.5, 1, 2, 4] };

  it('marks the minimum of the surface where it is, not where that of (9) would be', () => {
    const minimum = (figure: ReturnType<typeof klSurfaceFigure>): Trace =>
      traces(figure).find(({ name }) => name === 'minimum')!;
    expect(minimum(klSurfaceFigure({ ...grid, kl: kl(new Normal(0, 1)) }))).toMatchObject({ x: [0], y: [1] });
    const other = klSurfaceFigure({ ...grid, kl: kl(new Normal(1, 2)) });
    expect(minimum(other)).toMatchObject({ x: [1], y: [2], text: ['(1, 2)'] });
    expect(other.alt).toContain('from 0 nats at its lowest point μ = 1, σ = 2');
  });

  it('has contours and cuts on every surface', () => {
    const small = klSurfaceFigure({ means: [-0.02, -0.01], stddevs: [0.99, 1], kl: kl(new Normal(0, 1)) });
    const { size, end } = traces(small)[0]!.contours;
    expect(end / size).toBeGreaterThan(4);
    const { steps } = (small.layout as { sliders: { steps: { label: string }[] }[] }).sliders[0]!;
    expect(steps.map(({ label }) => label)).toEqual(['−0.02', '−0.01']);
    const large = klSurfaceFigure({ means: [0, 100], stddevs: [1, 2], kl: kl(new Normal(0, 1)) });
    expect(traces(large)[0]!.contours.end / traces(large)[0]!.contours.size).toBeLessThan(30);
    const fine = klSurfaceFigure({ means: [0, 0.001, 0.002], stddevs: [1, 2], kl: kl(new Normal(0, 1)) });
    const [slider] = (fine.layout as { sliders: { steps: { label: string }[] }[] }).sliders;
    expect(slider!.steps.map(({ label }) => label)).toEqual(['0.000', '0.001', '0.002']);
  });

  it('says where the exact value leaves its bounds', () => {
    const draw = (exact: number[]) =>
      sandwichFigure({ x: [0, 1], parameter: 'd', lower: [0, 0], upper: [1, 1], exact }).alt;
    expect(draw([0, 1 + 1e-12])).toContain(
      'runs inside the band between the closed-form lower and upper bounds everywhere',
    );
    expect(draw([0, 1.5])).toContain('leaves the band between the closed-form lower and upper bounds at 1 of 2 points');
    expect(draw([0, Infinity])).toContain('1 of 2 points have a value that is not finite and not drawn');
  });

  it('does not count an estimate that is not finite among those between the bounds', () => {
    const draw = (estimates: number[], reach: number[]) =>
      captionOf(
        sandwichedEstimatesFigure({
          label: 'N',
          parameter: 'd',
          groups: [{ value: 2, at: [0, 1], lower: [0, 0], upper: [1, 1], estimates, reach }],
        }),
      );
    expect(draw([0.5, Number.NaN], [0.1, 0.1])).toContain(
      '1 of 2 estimates lie between the bounds. 1 of 2 have no finite value or bound.',
    );
    expect(draw([0.5, 3], [0.1, 0])).toContain('1 of 2 lie outside.');
    expect(draw([0.5, 3], [0.1, 4])).toContain('the farthest by 0.50 times');
  });

  it('calls no share 100 % or 0 % that is not', () => {
    expect([0, 0.004, 0.5, 0.996, 1].map(percentOf)).toEqual(['0 %', '0.4 %', '50 %', '99.6 %', '100 %']);
    const runs = Array.from({ length: 300 }, (_, i) => ({ value: 1, interval: [i === 0 ? 1 : 0, 2] as const }));
    expect(intervalsFigure({ runs, exact: 0.5 }).layout).toMatchObject({
      title: { text: '299 of 300 intervals hold the exact value: 99.7 %' },
    });
    expect(coverageFigure([{ name: 'q', samples: [2, 4], coverage: [0.998, 1] }]).alt).toContain('99.8 % at N = 2');
  });

  it('needs something to say it of', () => {
    expect(() => intervalsFigure({ runs: [], exact: 1 })).toThrow('runs: expected at least one run, got none');
    expect(() => coverageFigure([])).toThrow('lines: expected at least one line, got none');
    expect(() => efficiencyFigure({ names: ['a', 'b'], efficiencies: [1] })).toThrow(
      'efficiencies: expected 2 numbers',
    );
  });

  it('names the winner of a gain without bounds', () => {
    const map = winnerMapFigure({
      dimensions: [1],
      separations: [0, 1],
      winners: [[['a'], ['b']]],
      gains: [[Infinity, 100]],
    });
    expect(traces(map)[0]!.z).toEqual([[2, 2]]);
  });
});

describe('many lines of one figure', () => {
  const looks = (list: readonly Trace[]): Set<string> =>
    new Set(list.map(({ line: { color, dash = 'solid' } }) => `${color} ${dash}`));

  it('look unlike each other, and no component looks like p or q', () => {
    const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
    expect(
      looks(traces(seriesErrorFigure({ series: names.map((name) => ({ name, sums: [2, 3] })), exact: 1 }))).size,
    ).toBe(20);
    expect(
      looks(traces(lossCurvesFigure({ loss: names.map((name) => ({ name, x: [1], y: [1] })), kl: [] }))).size,
    ).toBe(20);
    const components = names.map((_, k) => new Normal(k, 1));
    const mixture = { logProb: () => 0 };
    const view = { label: '1', mixture, components, weights: names.map(() => 1), q: new Normal(0, 1) };
    expect(looks(traces(mixtureDensityFigure([view], { from: 0, to: 1, parameter: 'd' }))).size).toBe(22);
  });

  it('and classes of points have markers of their own', () => {
    const labels = Array.from({ length: 25 }, (_, i) => i);
    const figure = latentScatterFigure({
      points: labels.flatMap((i) => [i, i]),
      labels,
      ellipses: [],
      title: 'letters',
    });
    expect(new Set(traces(figure).map(({ marker: { color, symbol } }) => `${color} ${symbol}`)).size).toBe(25);
  });
});

describe('codes in the plane', () => {
  const scatter =
    (labels: number[] | null, points = [0, 0, 1, 1]) =>
    () =>
      latentScatterFigure({ points, labels, classes: ['cat', 'dog'], ellipses: [], title: 't' });

  it('have a class each, by a number that there is', () => {
    expect(scatter([0, -1])).toThrow('labels[1]: expected an integer ≥ 0 below 2, the number of classes, got -1');
    expect(scatter([0, 2])).toThrow('labels[1]');
    expect(scatter([0])).toThrow('labels: expected 2, one for each image, got 1');
    expect(scatter(null, [0, 0, 1])).toThrow('points: expected two numbers for each image, got 3');
  });
});

describe('a picture of images', () => {
  const grid = (images: ArrayLike<number>) => imageGrid({ images, height: 1, width: 1, columns: 2, alt: 'Pixels.' });

  it('refuses what would be a blot: bytes and NaN', () => {
    expect(() => grid(Uint8Array.of(0, 255))).toThrow(
      'images[1]: expected an intensity from 0 to 1, got 255; divide bytes',
    );
    expect(() => grid([0, Number.NaN])).toThrow('images[1]: expected an intensity from 0 to 1, got NaN');
    expect(grid([-0.2, 1.1]).png.length).toBeGreaterThan(0);
  });

  it('has room for the number of its last row', () => {
    const inkRight = (rows: number): number => {
      const { png } = imageGrid({
        images: new Float32Array(rows),
        height: 1,
        width: 1,
        columns: 1,
        numbered: true,
        alt: 'Rows.',
      });
      const { data, width, height } = PNG.sync.read(Buffer.from(png));
      let ink = 0;
      for (let y = 0; y < height; y++)
        for (let x = width - 5; x < width; x++) if (data[4 * (y * width + x)]! < 255) ink++;
      return ink;
    };
    expect(inkRight(120)).toBe(0);
  });
});

describe('a table', () => {
  const text = (value: unknown): string => String(table([{ x: value as number }])[display]()['text/plain']);

  it('shows large integers as they are, and refuses what is no value', () => {
    expect(text(12345678901234567890n)).toBe('                         x\n12,345,678,901,234,567,890');
    expect(() => text(new Date(0))).toThrow('data.x[0]: expected a number, a string, a boolean or null, got a date');
    expect(() => text([1, 2])).toThrow('got an array of 2');
    expect(() => text({ a: 1 })).toThrow('got a value of type object');
    expect(() => table({ x: 'ab', y: 'cd' })).toThrow('data.x: expected a list of values, got "ab"');
  });

  it('knows no negative zero, and separates thousands in all numbers of a column', () => {
    expect([-0, 999999.5, 12345.678, -12345.678, 99999.96].map((value) => formatValue(value))).toEqual([
      '0',
      '1,000,000',
      '12,346',
      '−12,346',
      '100,000',
    ]);
  });

  it('asks for digits that there can be, of columns that there are', () => {
    expect(() => table([{ kl: 1 }], { digits: { KL: 3 } })).toThrow('digits.KL: expected one of the columns kl');
    expect(() => table([{ kl: 1 }], { digits: 0 })).toThrow('digits: expected an integer from 1 to 100, got 0');
    expect(() => table([{ kl: 1 }], { digits: { kl: 2.5 } })).toThrow('digits.kl: expected an integer');
  });
});
