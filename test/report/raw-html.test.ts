import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMarkdownContext, renderMarkdown } from '../../src/report/markdown';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { notebookOf, prose } from '../notebook/fixtures';

function render(source: string, folder?: string) {
  const errors: string[] = [];
  const context = createMarkdownContext((message) => void errors.push(message), folder === undefined ? {} : { folder });
  return { html: renderMarkdown(source, context).trim(), errors };
}

describe('HTML in the text of a notebook', () => {
  it.each([
    ['H<sub>2</sub>O and <kbd>Esc</kbd><br/>', '<p>H<sub>2</sub>O and <kbd>Esc</kbd><br /></p>'],
    ['<center>x</center>', '<center>x</center>'],
    ['<a id="There"></a>[up](#There)', '<p><a id="There"></a><a href="#There">up</a></p>'],
    ['<a href=01-a.html>x</a>', '<p><a href="01-a.html">x</a></p>'],
    ['a <!-- b --> c', '<p>a  c</p>'],
    ['1 < 2', '<p>1 &lt; 2</p>'],
  ])('marks text up: %s', (source, html) => {
    expect(render(source).html).toBe(html);
  });

  it('may fold markdown', () => {
    const { html } = render('<details open><summary>More</summary>\n\n*text*\n\n</details>');
    expect(html).toBe('<details open><summary>More</summary>\n<p><em>text</em></p>\n</details>');
  });

  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['<style>body{display:none}</style>', '&lt;style&gt;body{display:none}&lt;/style&gt;'],
    ['<iframe src="https://x"></iframe>', '&lt;iframe src="https://x"&gt;&lt;/iframe&gt;'],
    ['</div></main><b>x', '<b>x</b>'],
    ['<b onclick="x()" style="position:fixed" title="t">x</b>', '<p><b title="t">x</b></p>'],
    ['<a href="javascript:x()">x</a>', '<p><a>x</a></p>'],
    ['<i id="plotly">x</i>', '<p><i>x</i></p>'],
    ['<img name="querySelectorAll" src="data:image/png;base64,AA">', '<img src="data:image/png;base64,AA" alt="" />'],
    ['<a name="there">x</a><b id="there" name="y">z</b>', '<p><a id="there">x</a><b>z</b></p>'],
    ['<b id="figure-1" class="toc number">x</b>', '<p><b class="nb-toc number">x</b></p>'],
    ['<b style="margin-top:-3000px">x</b><b style="color:red">y</b>', '<p><b>x</b><b style="color:red">y</b></p>'],
    ['- <div>a\n- b', '<ul>\n<li>\n<div>a\n</div></li>\n<li>b</li>\n</ul>'],
    ['*a <b>x* y</b>', '<p><em>a <b>x</b></em> y</p>'],
  ])('neither runs nor reaches out of its block: %s', (source, html) => {
    expect(render(source).html).toBe(html);
  });

  it('keeps its word for any text: every element ends where it began and nothing in it runs', () => {
    const pieces = fc.constantFrom(
      ...['<b>', '</b>', '<div>', '</div>', '</main>', '<script>', '<p', '>', '"', "'", '<!--', '-->', '<a href="'],
      ...['<b id="content">', '<a name="a">', '<b id="a" name="body">', '<b class="toc">', '# Content\n', '## a\n'],
      ...[
        '<b style="margin:-9px">',
        'javascript:',
        ' onclick="x"',
        '<details>',
        '</details>',
        'a',
        ' ',
        '\n',
        '\n\n',
        '- ',
        '> ',
        '*',
        '`',
        '|',
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
        const { html: given } = render(parts.join(''));
        // What stands in a title or an address is no tag.
        const html = given.replace(/<[a-z][^<>]*>/g, (tag) => tag.replace(/\s(title|href|src|alt)="[^"]*"/g, ''));
        expect(given).not.toMatch(/<[^>]*href="javascript/i);
        expect(html).not.toMatch(/<script|<main|<\/main|<[^>]*\sonclick=|<!--/i);
        expect(html).not.toMatch(/<[^>]*\s(name=|class="toc|style="margin:-|id="content)/);
        const ids = [...html.matchAll(/<[^>]*\sid="([^"]*)"/g)].map(([, id]) => id);
        expect(ids).toEqual([...new Set(ids)]);
        expect(unbalanced(html)).toEqual([]);
      }),
      { numRuns: 3_000, seed: 7 },
    );
  });

  /** Tags that close nothing, or are never closed. */
  function unbalanced(html: string): string[] {
    const open: string[] = [];
    const wrong: string[] = [];
    for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*)?>/g)) {
      if (/^(br|hr|img|wbr)$/.test(name)) continue;
      if (slash === '') open.push(name);
      else if (open.pop() !== name) wrong.push(name);
    }
    return [...wrong, ...open];
  }
});

describe('a picture that text names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-pictures-'));
  mkdirSync(join(folder, 'my figures'));
  writeFileSync(join(folder, 'my figures', 'a.png'), 'PNG');

  it('goes into the page, from beside the notebook, in markdown and in HTML', () => {
    expect(render('![A *plot*](my%20figures/a.png)', folder).html).toBe(
      '<p><img src="data:image/png;base64,UE5H" alt="A plot"></p>',
    );
    expect(render('<img width="80" src="my figures/a.png">', folder).html).toBe(
      '<img src="data:image/png;base64,UE5H" alt="" width="80" />',
    );
  });

  it('is a link where it lies on another machine: the page asks for nothing', () => {
    const { html, errors } = render('![Map](https://example.org/m.png) <img src="//example.org/n.png">');
    expect(html).toBe(
      '<p><a href="https://example.org/m.png">Map (on example.org)</a> <a href="https://example.org/n.png">Picture (on example.org)</a></p>',
    );
    expect(errors).toEqual([]);
  });

  it('outside the folder of an untrusted notebook is not read', () => {
    const inside = join(folder, 'my figures');
    writeFileSync(join(folder, 'b.png'), 'PNG');
    const { html } = renderNotebookPage(notebookOf(prose('![](../b.png)')), { name: 'a', folder: inside });
    expect(html).toContain('base64,UE5H');
    const { problems } = renderNotebookPage(notebookOf(prose(`![](../b.png) ![](${folder}/b.png) ![](a.png)`)), {
      ...{ name: 'a', folder: inside, trusted: false },
    });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('../b.png cannot be read'),
      expect.stringContaining('/b.png cannot be read'),
    ]);
  });

  it('that is attached, but is not there, is told', () => {
    expect(render('![a](attachment:no.png)').errors).toEqual(['the picture attachment:no.png cannot be read']);
  });

  it('that is not there, or no picture, is shown by its words and told', () => {
    const { html, errors } = render('![Gone](gone.png) ![](/etc/passwd)', folder);
    expect(html).toContain('>Gone</code>');
    expect(html).not.toContain('base64');
    expect(errors).toEqual(['the picture gone.png cannot be read', 'the picture /etc/passwd cannot be read']);
    const { problems } = renderNotebookPage(notebookOf(prose('x'), prose('![](no.png)')), { name: 'a', folder });
    expect(problems).toEqual([{ cell: 2, message: 'the picture no.png cannot be read in ![](no.png)' }]);
  });
});

describe('a link to a section', () => {
  it('finds a heading that has an anchor of its own in it, by either name', () => {
    const { html } = renderNotebookPage(
      notebookOf(prose('# T\n\n[a](#header) [b](#tag) [c](#Header)\n\n## Header<a name="tag"></a>')),
      { name: 'a' },
    );
    expect(html).toContain('<a href="#header">a</a> <a href="#tag">b</a> <a href="#header">c</a>');
    expect(html).toContain('<h2 id="header">Header<a id="tag"></a>');
  });

  it('finds it by the name Jupyter gives it too', () => {
    const { html } = renderNotebookPage(
      notebookOf(prose('[a](#My-Section) [b](#my-section) [c](#Else)\n\n## My Section')),
      {
        name: 'a',
      },
    );
    expect(html).toContain('<a href="#my-section">a</a> <a href="#my-section">b</a> <a href="#Else">c</a>');
  });
});
