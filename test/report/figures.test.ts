import { describe, expect, it } from 'vitest';
import { display } from '../../src/display';
import { FIGURE_MIME, figure, PLOTLY_MIME } from '../../src/figures/figure';
import { frameSlider } from '../../src/figures/frame-slider';
import { formatValue, table } from '../../src/figures/table';
import { COLOURS, COLOURWAY } from '../../src/figures/theme';

/** Contrast ratio of WCAG 2.1, from the relative luminances. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const linear = [1, 3, 5].map((at) => {
      const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe('figure', () => {
  const spec = {
    data: [{ type: 'scatter', x: new Float64Array([1, 2, 3]), y: [Number.NaN, 0, 1 / 3] }],
    alt: 'two points',
  };

  it('is plain JSON: typed arrays become arrays, NaN a gap, six digits stay', () => {
    expect(figure(spec).data).toEqual([{ type: 'scatter', x: [1, 2, 3], y: [null, 0, 0.333333] }]);
  });

  it('shows itself as an object for plotly front ends, small HTML and its text alternative', () => {
    const bundle = figure({ ...spec, caption: 'Two points' })[display]();
    expect(Object.keys(bundle)).toEqual([PLOTLY_MIME, FIGURE_MIME, 'text/html', 'text/plain']);
    expect(bundle[PLOTLY_MIME]).toMatchObject({ layout: { meta: { alt: 'two points', caption: 'Two points' } } });
    expect(bundle['text/plain']).toBe('two points');
    expect(String(bundle['text/html']).length).toBeLessThan(8_000);
  });

  it('cannot close the script it is embedded in', () => {
    const bundle = figure({ data: [{ name: '</script><script>alert(1)</script>' }], alt: '<b>&' })[display]();
    expect(String(bundle['text/html']).match(/<\/script>/g)).toHaveLength(1);
    expect(bundle['text/html']).toContain('&lt;b&gt;&amp;');
  });

  it('refuses an empty text alternative', () => {
    expect(() => figure({ data: [], alt: ' ' })).toThrow(/^alt: expected a sentence/);
  });

  it('uses colours that are seen on white and on near-black (3:1, WCAG 1.4.11)', () => {
    expect(COLOURWAY).toHaveLength(Object.keys(COLOURS).length);
    for (const colour of COLOURWAY)
      for (const page of ['#ffffff', '#15171c'])
        expect(contrast(colour, page), `${colour} on ${page}`).toBeGreaterThan(3);
  });
});

describe('frameSlider', () => {
  const parts = frameSlider({
    label: 'σ',
    values: [1, 2, 4],
    start: 1,
    fixed: [{ name: 'prior' }],
    traces: (value) => [{ name: `q ${value}` }, { name: `log q ${value}` }],
    relayout: (value) => ({ 'title.text': `σ is ${value}` }),
  });

  it('shows the fixed traces and those of the start value', () => {
    expect(parts.data.map((trace) => (trace as { visible?: boolean }).visible)).toEqual([
      undefined,
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(parts.layout).toMatchObject({ title: { text: 'σ is 2' }, sliders: [{ active: 1 }] });
  });

  it('has one update step per value, each naming the traces it shows', () => {
    const { steps } = (parts.layout as { sliders: [{ steps: { args: [{ visible: boolean[] }, object] }[] }] })
      .sliders[0];
    expect(steps.map((step) => step.args[0].visible.flatMap((v, i) => (v ? [i] : [])))).toEqual([
      [0, 1, 2],
      [0, 3, 4],
      [0, 5, 6],
    ]);
    expect(steps[2]!.args[1]).toEqual({ 'title.text': 'σ is 4' });
  });

  it('says which value draws another number of traces', () => {
    const uneven = { label: 'k', values: [1, 2], start: 0, traces: (_: unknown, i: number) => Array(i + 1).fill({}) };
    expect(() => frameSlider(uneven)).toThrow('traces[1]: expected 1 traces as for the first value shown, got 2');
  });
});

describe('table', () => {
  it('has a caption, header scopes and right-aligned numbers, and is a danfojs DataFrame underneath', () => {
    const shown = table(
      [
        { method: 'closed form', nats: 1.23456789, samples: null },
        { method: 'Monte <Carlo>', nats: -0.000012, samples: 100000 },
      ],
      { caption: 'KL two ways' },
    );
    expect(shown.frame.columns).toEqual(['method', 'nats', 'samples']);
    expect(shown.frame.shape).toEqual([2, 3]);
    const html = String(shown[display]()['text/html']);
    expect(html).toContain('<caption>KL two ways</caption>');
    expect(html).toContain('<th scope="col" class="number" style="text-align:right">nats</th>');
    expect(html).toContain('<td style="text-align:left">Monte &lt;Carlo&gt;</td>');
    expect(html).toContain('>−1.200×10⁻⁵<');
    expect(html).toContain('>100,000<');
  });

  it('takes columns, typed arrays and row labels, and reads well as text', () => {
    const shown = table(
      { mean: new Float64Array([0.5, 10.25]), name: ['a', 'b'] },
      { index: [1, 2], digits: { mean: 3 } },
    );
    expect(shown[display]()['text/plain']).toBe('    mean  name\n1  0.500  a\n2   10.3  b');
    expect(shown[display]()['text/html']).toContain('<th scope="row" style="text-align:left">1</th>');
  });

  it('sets numbers that the caller has written as numbers, and what only begins with one as words', () => {
    const written = { step: ['−0.16', null], interval: ['+0.18 to +0.86', '1,234 ± 2×10⁻³'], share: ['5 %', '12%'] };
    const html = String(table({ ...written, words: ['2 modes', '3'] })[display]()['text/html']);
    expect(html.match(/<td class="number"/g)).toHaveLength(6);
    expect(html).toContain('<td style="text-align:left">2 modes</td>');
  });

  it('keeps every bit of a float64', () => {
    const shown = table({ x: [0.1, 1 / 3] });
    expect(shown.frame.values).toEqual([[0.1], [1 / 3]]);
  });

  it('names the column whose length is off', () => {
    expect(() => table({ a: [1, 2], b: [1] })).toThrow('data.b: expected 2 values as in the first column, got 1');
    expect(() => table([])).toThrow('data: expected at least one row');
    expect(() => table({ a: [1] }, { index: [1, 2] })).toThrow('index: expected 1 labels');
  });

  it.each([
    [0, '0'],
    [1234567, '1,234,567'],
    [0.00012344, '0.0001234'],
    [1.23456e-9, '1.235×10⁻⁹'],
    [-12.3456, '−12.35'],
    [123456.7, '123,457'],
    [6.02e23, '6.020×10²³'],
    [Number.POSITIVE_INFINITY, '∞'],
    [Number.NaN, 'NaN'],
    [null, '—'],
    [true, 'yes'],
  ])('writes %s as %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});
