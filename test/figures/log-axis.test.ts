import { describe, expect, it } from 'vitest';
import { efficiencyFigure } from '../../src/figures/efficiency';
import { gradientVarianceFigure } from '../../src/figures/gradient-variance';
import { logAxis, offLogAxis } from '../../src/figures/log-axis';
import { errorDecayFigure } from '../../src/figures/monte-carlo';
import { seriesErrorFigure } from '../../src/figures/series';

interface Axis {
  readonly range: [number, number];
  readonly tickvals: number[];
  readonly ticktext: string[];
}
const axis = (values: readonly number[]): Axis => logAxis(values, 'N') as Axis;

describe('a logarithmic axis', () => {
  it.each([
    [[3, 4.2]],
    [[0.0023, 0.0043]],
    [[30, 30]],
    [[7e-9, 7.1e-9]],
    [[23_000, 41_000]],
    [[1, 1]],
    [[6, 16]],
    [[1e-3, 1e5]],
  ])('has two ticks or more, all within its ends, with words that are their values: %j', (values) => {
    const { range, tickvals, ticktext } = axis(values);
    expect(tickvals.length).toBeGreaterThanOrEqual(2);
    expect(tickvals.length).toBeLessThanOrEqual(10);
    for (const [i, value] of tickvals.entries()) {
      expect(Math.log10(value)).toBeGreaterThanOrEqual(range[0]);
      expect(Math.log10(value)).toBeLessThanOrEqual(range[1]);
      expect(numberIn(ticktext[i]!)).toBeCloseTo(value, 12);
      expect(numberIn(ticktext[i]!) / value).toBeCloseTo(1, 9);
    }
    expect(new Set(ticktext).size).toBe(ticktext.length);
  });

  it('leaves its ends to plotly where no value has a place on it', () => {
    expect(axis([0, -1])).not.toHaveProperty('range');
  });

  it('says which values have no place on it', () => {
    expect(offLogAxis([1, 2])).toBe('');
    expect(offLogAxis([0, 1])).toBe(' 1 of 2 values has no place on the logarithmic axis: zero.');
    expect(offLogAxis([0, -1, Infinity, Number.NaN, 1])).toBe(
      ' 4 of 5 values have no place on the logarithmic axis: zero, negative, ∞, NaN.',
    );
  });

  it.each([
    ['errorDecayFigure', errorDecayFigure({ samples: [1, 4], errors: [1, 0], fit: { factor: 1, exponent: -0.5 } })],
    ['efficiencyFigure', efficiencyFigure({ names: ['plain', 'exact'], efficiencies: [1, Infinity] })],
    ['seriesErrorFigure', seriesErrorFigure({ series: [{ name: 's', sums: [1, 2] }], exact: 2 })],
    [
      'gradientVarianceFigure',
      gradientVarianceFigure({
        label: 'K',
        distances: [0, 1],
        groups: [{ value: 1, lines: [{ name: 'path', variances: [0, 1] }] }],
      }),
    ],
  ])('tells readers and listeners what it leaves out: %s', (_, { alt, layout }) => {
    const { caption } = (layout as { meta: { caption: string } }).meta;
    expect(alt).toMatch(/1 of 2 values has no place on the logarithmic axis: (zero|∞)\.$/);
    expect(caption).toContain('has no place on the logarithmic axis');
  });
});

/** `0.01`, `10⁶` or `4.1·10⁻⁹` as a number. */
function numberIn(text: string): number {
  const [, factor = '1', power] = /^(?:([\d.]+)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(text) ?? [];
  if (power === undefined) return Number(text);
  return Number(`${factor}e${[...power].map((sign) => '-0123456789'['⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign)]).join('')}`);
}
