import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Output } from '../../src/notebook/document/ipynb';
import { scriptJson } from '../../src/report/html';
import { createNumbering } from '../../src/report/labels';
import { createRoom } from '../../src/report/long-text';
import { createMarkdownContext } from '../../src/report/markdown';
import type { OutputContext } from '../../src/report/output-context';
import { renderOutputs } from '../../src/report/outputs';
import { plainOutput } from '../../src/report/sanitise/output-html';

const unexpected = (message: string): never => expect.unreachable(message);
const contextOf = (trusted = true): OutputContext => ({
  ...createNumbering(createMarkdownContext(unexpected)),
  ...createMarkdownContext(unexpected),
  trusted,
  room: createRoom(),
  live: { programs: [], hasFrames: false, note: () => {} },
});
const render = (outputs: Output[], context = contextOf()): string => renderOutputs(outputs, context).source;
const shown = (data: Record<string, unknown>): Output => ({ output_type: 'display_data', data, metadata: {} });
const stream = (text: string, name: 'stdout' | 'stderr' = 'stdout'): Output => ({ output_type: 'stream', name, text });

describe('streams', () => {
  it('joins the pieces of one stream and keeps streams apart', () => {
    const html = render([stream('a'), stream('b\n'), stream('c', 'stderr'), stream('d')]);
    expect(html).toBe(
      '<pre class="output stdout">ab\n</pre>\n<pre class="output stderr">c</pre>\n<pre class="output stdout">d</pre>',
    );
  });

  it('is text: tags in it are shown, not obeyed', () => {
    expect(render([stream('</pre><script>alert(1)</script>')])).toBe(
      '<pre class="output stdout">&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;</pre>',
    );
  });

  it('folds the middle of a long one and drops that of an enormous one, saying how much', () => {
    const long = render([stream(`START${'x'.repeat(100_000)}END`)]);
    expect(long).toMatch(/START.*<details class="rest"><summary>80,008 more characters<\/summary>.*END/);
    const enormous = render([stream(`START${'x'.repeat(5_000_000)}END`)]);
    expect(enormous.length).toBeLessThan(25_000);
    expect(enormous).toMatch(/START.*4,980,008 more characters are in the executed notebook only.*END/);
    const context = Object.assign(contextOf(), { executedHref: 'executed/a%20b.ipynb' });
    expect(render([stream('x'.repeat(5_000_000))], context)).toContain(
      '4,980,000 more characters are in <a href="executed/a%20b.ipynb">the executed notebook</a>',
    );
  });

  it('lets columns of text stand and wraps everything else', () => {
    const table = '┌───┬───┐\n│ a │ b │\n│ 1 │ 2 │\n└───┴───┘';
    for (const text of [
      table,
      'n    KL\n1    0.5\n2    0.25',
      'n\tKL\n1\t2\n3\t4',
      table.replace(/│/g, '\u001b[31m│\u001b[0m'),
    ])
      expect(render([stream(text)]), text).toContain('<pre class="output stdout aligned">');
    for (const text of ['one long sentence. '.repeat(50), '{\n  a: 1,\n  b: 2\n}'])
      expect(render([stream(text)]), text).toContain('<pre class="output stdout">');
  });

  it('cuts a long one between characters and colours, and goes on in the same colour', () => {
    const html = render([stream(`${'x'.repeat(14_999)}😀${'y'.repeat(5_000)}\u001b[31m${'z'.repeat(9_998)}`)]);
    expect(html).not.toMatch(/\p{Surrogate}/u);
    expect(html).not.toContain('\u001b');
    expect(html).toContain('😀yy');
    expect(html).toMatch(/<\/details><span class="ansi-1">z{5000}<\/span>/);
  });
});

describe('errors', () => {
  it('shows the traceback, or name and message where there is none', () => {
    const error: Output = { output_type: 'error', ename: 'RangeError', evalue: '<x>', traceback: [] };
    expect(render([error])).toBe('<pre class="output error">RangeError: &lt;x&gt;</pre>');
    expect(render([{ ...error, traceback: ['\u001b[31mRangeError\u001b[39m', ' at cell 1'] }])).toBe(
      '<pre class="output error"><span class="ansi-1">RangeError</span>\n at cell 1</pre>',
    );
  });
});

describe('MIME bundles', () => {
  it('shows the richest type it knows, of widgets and strangers their text', () => {
    expect(render([shown({ 'text/plain': 'p', 'text/html': '<b>h</b>' })])).toBe(
      '<div class="output html"><b>h</b></div>',
    );
    expect(render([shown({ 'application/vnd.jupyter.widget-view+json': {}, 'text/plain': 'Slider(3)' })])).toContain(
      'Slider(3)',
    );
    expect(render([shown({ 'application/x-odd': 1 })])).toContain('cannot show: application/x-odd');
    expect(render([shown({ 'text/latex': '$$x \\tag{3}$$' })])).toContain('id="eq-3"');
  });

  it('embeds pictures with a text alternative; svg cannot run scripts there', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const html = render([shown({ 'image/svg+xml': [svg], 'text/plain': 'A "plot"' })]);
    expect(html).toBe(
      `<p class="picture"><img src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}" alt="A &quot;plot&quot;"></p>`,
    );
    expect(render([shown({ 'image/png': 'AA\nAA\n' })])).toContain('base64,AAAA"');
  });

  it('says that a picture cannot be shown whose data is not base64, and lets none of it into the page', () => {
    const breaking = '"><script>alert(1)</script>';
    for (const mime of ['image/png', 'image/jpeg', 'image/gif']) {
      for (const data of [breaking, `AAAA${breaking}`, `AAAA"onload="alert(1)`, 'AAAAA', 'AA=A', '%22%3E']) {
        const html = render([shown({ [mime]: data, 'text/plain': 'A <plot>' })]);
        expect(html).toBe(
          `<p class="output"><strong class="rest">A picture that cannot be shown: its ${mime} is not base64. A &lt;plot&gt;</strong></p>`,
        );
      }
    }
    const figure = { 'application/vnd.plotly.v1+json': { data: [], layout: {} }, 'image/png': breaking };
    expect(render([shown(figure)])).not.toMatch(/<script>|src=/);
  });

  it('shows a picture in the size that its metadata asks for, and takes no text for a size', () => {
    const picture = (size: Record<string, unknown>, mime = 'image/png'): Output => ({
      ...{ output_type: 'display_data', data: { [mime]: 'AAAA', 'text/plain': 'p' } },
      metadata: { [mime]: size },
    });
    expect(render([picture({ width: 300, height: 200.4 })])).toContain('alt="p" width="300" height="200">');
    expect(render([picture({ width: '320' }, 'image/webp')])).toContain('image/webp;base64,AAAA" alt="p" width="320">');
    for (const width of ['"><script>', -1, 0, null, Number.NaN, {}])
      expect(render([picture({ width })])).toContain('alt="p"></p>');
  });

  it('numbers figures and captioned tables', () => {
    const context = contextOf();
    const figure = shown({
      'application/vnd.plotly.v1+json': { data: [], layout: { meta: { alt: 'A line', caption: 'Falls <as> 1/√N' } } },
    });
    const table = shown({ 'text/html': '<table><caption>Numbers</caption><tbody><tr><td>1</td></tr></tbody></table>' });
    const html = render([figure, table, figure], context);
    expect(html).toContain('<figcaption><b>Figure 1.</b> Falls &lt;as&gt; 1/√N</figcaption>');
    expect(html).toContain('id="figure-2"');
    expect(html).toContain('<caption id="table-1"><b>Table 1.</b> Numbers</caption>');
    expect(html).toContain('data-alt="A line"');
  });

  it('gives a reader without scripts the picture beside the figure, or its words', () => {
    const figure = { 'application/vnd.plotly.v1+json': { data: [], layout: {} }, 'text/plain': 'A line' };
    expect(render([shown(figure)])).toContain(
      '<noscript><p class="no-script">This figure is drawn by a script. A line</p></noscript>',
    );
    expect(render([shown({ ...figure, 'image/svg+xml': '<svg/>' })])).toContain(
      '<img class="static" src="data:image/svg+xml;base64,',
    );
  });
});

describe('what is too large for a page', () => {
  const large = `<p>${'x'.repeat(1_500_000)}</p>`;

  it('is left to the executed notebook, which the page links; the next type of the bundle that fits stands in for it', () => {
    const context = Object.assign(contextOf(), { executedHref: 'executed/a.ipynb' });
    const html = render([shown({ 'text/html': large + large, 'text/plain': 'words' })], context);
    expect(html).toBe(
      '<pre class="output result">words</pre>\n<p class="output"><strong class="rest">This output, 3.0 MB, is in <a href="executed/a.ipynb">the executed notebook</a></strong></p>',
    );
    expect(render([shown({ 'image/png': 'A'.repeat(3_000_000) })])).toMatch(
      /3\.0 MB, is in the executed notebook only/,
    );
  });

  it('is measured over the whole page', () => {
    const streams = Array.from({ length: 10 }, () => [stream('x'.repeat(499_000)), stream('y', 'stderr')]).flat();
    expect(render([shown({ 'text/html': large }), ...streams]).length).toBeLessThan(2_300_000);
  });
});

describe('the middle of long text', () => {
  it('is folded between two lines, and counted in lines', () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => `row ${i} 3.14159265`).join('\n');
    const html = render([stream(`${lines}\n`)]);
    const [, head = '', count = '', rest = '', tail = ''] =
      /^<pre[^>]*>([\s\S]*)<details class="rest"><summary>(.*?)<\/summary>([\s\S]*)<\/details>([\s\S]*)<\/pre>$/.exec(
        html,
      ) ?? [];
    expect(`${head}${rest}${tail}`).toBe(`${lines}\n`);
    for (const part of [head, rest, tail]) expect(part).toMatch(/^row \d+ 3\.14159265\n[\s\S]*\d 3\.14159265\n$/);
    expect(count).toBe(`${(rest.split('\n').length - 1).toLocaleString('en-US')} more lines`);
  });

  it('of one long line is folded between two numbers', () => {
    const numbers = `[${Array.from({ length: 9_000 }, (_, i) => (i * 1.2345).toFixed(4)).join(', ')}]`;
    const html = render([stream(numbers)]);
    const [, head = '', rest = ''] = /^<pre[^>]*>([\s\S]*)<details.*?<\/summary>([\s\S]*)<\/details>/.exec(html) ?? [];
    expect(head).toMatch(/\d\.\d{4}, $/);
    expect(rest).toMatch(/^\d+\.\d{4},[\s\S]*\d\.\d{4}, $/);
  });

  it('of 300 outputs leaves a page within its 2 MB, each output still there', () => {
    const outputs = Array.from({ length: 300 }, (_, i) =>
      shown({ 'text/plain': `START${i} ${'word '.repeat(20_000)}` }),
    );
    const html = render(outputs);
    expect(html.length).toBeLessThan(2_400_000);
    expect(html.match(/START\d+/g)).toHaveLength(300);
  });
});

describe('what other programs leave', () => {
  it('may lack a layout, a description, or anything at all', () => {
    const bare = { 'application/vnd.plotly.v1+json': { data: null, layout: null }, 'text/plain': 'A line' };
    expect(render([shown(bare)])).toContain('data-alt="A line"');
    expect(render([shown({ 'text/plain': '' }), shown({ 'text/plain': [] })]).trim()).toBe('');
    expect(render([shown({ 'text/html': '<img src="data:image/png;base64,AAAA">' })])).toContain(
      '<img alt="Picture made by this cell" src=',
    );
  });

  it('shows the picture beside a figure that this plotly cannot draw', () => {
    const surface = { data: [{ type: 'surface', z: [[1]] }], layout: {} };
    const html = render([shown({ 'application/vnd.plotly.v1+json': surface, 'image/png': 'AAAA', 'text/plain': 's' })]);
    expect(html).toBe('<p class="picture"><img src="data:image/png;base64,AAAA" alt="s"></p>');
    expect(render([shown({ 'application/vnd.plotly.v1+json': surface })])).toContain('cannot show: application/vnd');
  });
});

describe('HTML of outputs', () => {
  it.each([
    ['<table class="a"><tbody><tr><td style="text-align:right">1</td></tr></tbody></table>', true],
    ['a < b', true],
    ['<b>a', false],
    ['<b><i>a</b></i>', false],
    ['</div></main>', true],
    ['<p>a<p>b', false],
    ['<p onclick="x()">a</p>', false],
    ['<p style="position:fixed">a</p>', false],
    ['<p style="margin-top:-3000px">a</p>', false],
    ['<p style="margin: 0 -9em">a</p>', false],
    ['<p style="translate: 0 90px">a</p>', false],
    ['<p style="color: red; margin: 0 1.5em">a</p>', true],
    ['<p style="background:url(http://x/)">a</p>', false],
    ['<a href="javascript:x()">a</a>', false],
    ['<a href="https://example.org/">a</a>', true],
    ['<img src="data:image/png;base64,AAAA" alt="a">', true],
    ['<img src="https://example.org/a.png">', false],
    ['<img src="data:image/svg+xml;base64,AAAA">', true],
    ['<img src="data:image/png;base64,AAAA" style="image-rendering:pixelated;max-width:100%" alt="a">', true],
    ['<script>x</script>', false],
    ['<style>body{display:none}</style>', false],
    ['a <!-- b -->', true],
    ['<img src="data:text/html,x">', false],
    ['<p style="color:rgb(1, 2, 3)">a</p>', true],
    ['<p id="content">a</p>', false],
  ])('%s is plain markup: %s', (html, plain) => {
    expect(plainOutput(html, '') !== undefined).toBe(plain);
  });

  it('that is not plain markup gets a sandbox, whose source cannot leave its attribute', () => {
    const html = render([shown({ 'text/html': '</div><script>"\'</script><b title="x">' })]);
    expect(html).toMatch(/^<iframe [^<>]*sandbox="allow-scripts allow-popups" srcdoc="[^"<>]*"><\/iframe>$/);
    expect(html).not.toContain('allow-same-origin');
  });

  it('of pandas is a table of the page', () => {
    const style = '<style scoped>\n  .dataframe tbody tr th { vertical-align: top; }\n</style>';
    const table = '<tr style="text-align: right;"><th></th><th>a</th></tr>';
    expect(
      render([
        shown({
          'text/html': `<div>\n${style}\n<table border="1" class="dataframe">${table}</table><p>1 row</p></div>`,
        }),
      ]),
    ).toBe(
      `<div class="output html scroll"><div>\n<table class="nb-dataframe">${table.replace(': right;', ':right')}</table><p>1 row</p></div></div>`,
    );
  });

  it('has its maths typeset, as in the headers of pandas; prices, code and what KaTeX refuses stay as they are', () => {
    const table =
      '<table><tr><th>$\\sigma_{a&amp;b}$</th><td>$\\sigma$ &lt; 1</td><td>$5</td><td>$6</td><td>$5 and $6</td></tr></table>';
    const html = render([shown({ 'text/html': `${table}<code>$x$</code><p>$\\nosuch$</p>` })]);
    expect(html.match(/<math/g)).toHaveLength(1);
    expect(html).toContain('<td>$5</td><td>$6</td><td>$5 and $6</td>');
    expect(html).toContain('<code>$x$</code><p>$\\nosuch$</p>');
    expect(html).toContain('$\\sigma_{a&amp;b}$');
  });

  it('of an untrusted notebook runs nothing before a click', () => {
    const html = render([shown({ 'text/html': '<script>x()</script>' })], contextOf(false));
    expect(html).toContain('sandbox="allow-scripts"');
    const [, allowed] = /script-src 'sha256-([^']*)'/.exec(html.replace(/&#39;|&#x27;/g, "'")) ?? [];
    const [frame = ''] = html.split('<button');
    const scripts = [...frame.matchAll(/&lt;script&gt;([\s\S]*?)&lt;\/script&gt;/g)].map(([, text = '']) =>
      createHash('sha256').update(text.replace(/&gt;/g, '>').replace(/&amp;/g, '&')).digest('base64'),
    );
    expect(scripts.map((hash) => hash === allowed)).toEqual([true]);
    expect(html).toContain('class="run-frame" data-output="');
  });

  it('keeps its classes apart from the page’s own', () => {
    expect(render([shown({ 'text/html': '<div class="toc run-frame"><a href="#x">class="toc"</a></div>' })])).toBe(
      '<div class="output html"><div class="nb-toc nb-run-frame"><a href="#x">class="toc"</a></div></div>',
    );
  });

  it('keeps its word for any text: plain markup never holds a script or an open element', () => {
    const pieces = fc.constantFrom(
      '<b>',
      '</b>',
      '<script>',
      '<p',
      '>',
      '"',
      "'",
      '<!--',
      '<a href="',
      'javascript:',
      'onclick="x"',
      '<td/>',
      'a',
      ' ',
      '\n',
      '&',
      '<img src=x>',
      ...['<p class="toc">', '<p name="querySelectorAll">', '<p id="content">', '</p>', '<p style="margin:-9px">'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const html = parts.join('');
        const plain = plainOutput(html, '');
        if (!plain) return;
        expect(plain.source).not.toMatch(
          /<script|<[^>]*onclick=|<!--|<a href="javascript|<img src=x|<p (name|id|style)=/i,
        );
        expect(plain.source.match(/<b>/g)?.length ?? 0).toBe(plain.source.match(/<\/b>/g)?.length ?? 0);
      }),
      { numRuns: 3_000, seed: 7 },
    );
  });
});

describe('JSON inside a script element', () => {
  it('reads back as it was and cannot end the script', () => {
    const value = { text: '</script><!-- \u2028', n: 1 };
    expect(scriptJson(value).source).not.toMatch(/<|\u2028/);
    expect(JSON.parse(scriptJson(value).source)).toEqual(value);
  });
});
