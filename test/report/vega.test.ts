import { describe, expect, it } from 'vitest';
import type { Cell, Output } from '../../src/notebook/document/ipynb';
import { withCharts } from '../../src/report/vega';
import { code, notebookOf } from '../notebook/fixtures';

const lite = {
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  description: 'two bars',
  data: {
    values: [
      { a: 'A', b: 28 },
      { a: 'B', b: 55 },
    ],
  },
  mark: 'bar',
  encoding: { x: { field: 'a', type: 'nominal' }, y: { field: 'b', type: 'quantitative' } },
};
const full = {
  $schema: 'https://vega.github.io/schema/vega/v5.json',
  ...{ width: 50, height: 50 },
  data: [{ name: 'd', values: [{ x: 1 }, { x: 2 }] }],
  marks: [
    { type: 'symbol', from: { data: 'd' }, encode: { enter: { x: { field: 'x' }, y: { signal: 'datum.x * 2' } } } },
  ],
};

async function drawn(data: Record<string, unknown>) {
  const cell: Cell = {
    ...{ ...code('chart'), cell_type: 'code' as const, execution_count: 1 },
    outputs: [{ output_type: 'display_data', metadata: {}, data }],
  };
  const { notebook, problems } = await withCharts(notebookOf(cell));
  const shown = notebook.cells[0] as Cell & { cell_type: 'code' };
  return { data: (shown.outputs[0] as Output & { output_type: 'display_data' }).data, problems };
}

describe('a chart', () => {
  it('of Vega-Lite is drawn as a picture with its bars, and described in its author’s words', async () => {
    const { data, problems } = await drawn({ 'application/vnd.vegalite.v5+json': lite, 'text/plain': '<Chart>' });
    const svg = String(data['image/svg+xml']);
    expect(problems).toEqual([]);
    expect(svg.match(/aria-roledescription="bar"/g)).toHaveLength(2);
    expect(svg).toMatch(/<text[^>]*>A<\/text>/);
    expect(data['text/plain']).toBe('two bars');
  });

  it('of Vega is drawn, its expressions interpreted', async () => {
    const { data } = await drawn({ 'application/vnd.vega.v5+json': full });
    expect(String(data['image/svg+xml'])).toMatch(/translate\(1,2\)[\s\S]*translate\(2,4\)/);
  });

  it('that Altair left as a script for a browser is drawn from the same JSON', async () => {
    const script = `<div id="altair-viz-1"></div>\n<script type="text/javascript">\n(function(spec, embedOpt){ load("https://cdn.jsdelivr.net/npm/vega@5"); })(${JSON.stringify(lite)}, {"mode": "vega-lite"});\n</script>`;
    const { data } = await drawn({ 'text/html': script });
    expect(Object.keys(data).sort()).toEqual(['image/svg+xml', 'text/plain']);
  });

  it('that asks for data elsewhere, on disk, or is no chart, is told and leaves what the notebook has', async () => {
    for (const url of ['https://example.org/cars.json', '/etc/passwd']) {
      const { data, problems } = await drawn({ 'application/vnd.vegalite.v5+json': { ...lite, data: { url } } });
      expect(data['image/svg+xml']).toBeUndefined();
      expect(problems).toEqual([{ cell: 1, message: expect.stringContaining(`it asks for ${url}`) }]);
    }
    expect((await drawn({ 'application/vnd.vegalite.v5+json': { mark: 'nosuch' } })).problems).toHaveLength(1);
  });

  it('that has a picture already keeps it', async () => {
    const { data } = await drawn({ 'application/vnd.vegalite.v5+json': lite, 'image/svg+xml': '<svg/>' });
    expect(data['image/svg+xml']).toBe('<svg/>');
  });

  it('cannot run code of this process', async () => {
    const escaping = {
      ...full,
      signals: [{ name: 's', update: 'constructor.constructor("globalThis.escaped = 1")()' }],
    };
    await drawn({ 'application/vnd.vega.v5+json': escaping });
    expect((globalThis as { escaped?: unknown }).escaped).toBeUndefined();
  });
});
