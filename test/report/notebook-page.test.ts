import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Notebook, readNotebook } from '../../src/notebook/document/ipynb';
import { type NotebookPageOptions, renderNotebookPage } from '../../src/report/notebook-page';
import { code, notebookOf } from '../notebook/fixtures';

const INPUT = join(__dirname, 'input');

function pageOf(name: string, options: Partial<NotebookPageOptions> = {}) {
  return renderNotebookPage(readNotebook(join(INPUT, `${name}.ipynb`)), { name, ...options });
}

/** Contents and text of a page, with typeset maths folded back to its source so that a person can read the golden file. */
function mainOf(html: string): string {
  const main = /<div class="frame-grid[\s\S]*?<\/main>\n<\/div>/.exec(html)?.[0] ?? '';
  return foldMaths(main)
    .replace(/x{100,}/g, (run) => `x×${run.length}`)
    .replace(/(base64,[\w+/]{20})[\w+/=]+/g, '$1…')
    .replace(/(class="plot-data">).*?(<\/script>)/g, '$1…$2');
}

/** Every typeset formula, up to the end of its own element, is its source. */
function foldMaths(html: string): string {
  let folded = html;
  for (let at = folded.indexOf(FORMULA); at >= 0; at = folded.indexOf(FORMULA, at)) {
    let depth = 0;
    const tags = /<(\/?)span\b[^>]*>/g;
    tags.lastIndex = at;
    do depth += tags.exec(folded)?.[1] === '' ? 1 : -1;
    while (depth > 0);
    const tex = /<annotation[^>]*>([\s\S]*?)<\/annotation>/.exec(folded.slice(at))?.[1] ?? '';
    folded = `${folded.slice(0, at)}⟨${tex.trim()}⟩${folded.slice(tags.lastIndex)}`;
  }
  return folded;
}
const FORMULA = '<span class="katex"><span class="katex-mathml">';

describe('a page', () => {
  it.each(['hostile', 'lecture', 'course'])('of %s.ipynb looks like its golden file', async (name) => {
    await expect(mainOf(pageOf(name).html)).toMatchFileSnapshot(`output/${name}.html.txt`);
  });

  it('is one file that asks for nothing: no link, script or picture from elsewhere', () => {
    for (const name of ['lecture', 'hostile']) {
      const { html } = pageOf(name);
      const own = html
        .replace(/<script type="text\/plain" id="plotly">[\s\S]*?<\/script>/, '')
        .replace(/srcdoc="[^"]*"/g, '');
      const sources = [...own.matchAll(/(?:\ssrc|<link[^>]*href)="([^"]*)"|url\(([^)]*)\)/g)].map(
        ([, a, b]) => a ?? b ?? '',
      );
      expect(sources.filter((source) => !source.startsWith('data:'))).toEqual([]);
    }
  });

  it('carries plotly once however many figures there are, and not at all without one', () => {
    const { html } = pageOf('lecture');
    expect(html.match(/Copyright 2012-\d+, Plotly/g)).toHaveLength(1);
    expect(html.match(/<figure class="figure"/g)?.length).toBeGreaterThan(1);
    const notebook: Notebook = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [{ cell_type: 'markdown', metadata: {}, source: 'a' }],
    };
    const plain = renderNotebookPage(notebook, { name: 'plain' }).html;
    expect(plain.length).toBeLessThan(60_000);
    expect(plain).toContain('<h1>plain</h1>');
  });

  it('stays under 4 MB and carries only the fonts its maths uses', () => {
    const { html } = pageOf('lecture');
    expect(html.length).toBeLessThan(4_000_000);
    expect(html).toContain('font-family:KaTeX_Math;');
    expect(html).not.toContain('font-family:KaTeX_Fraktur;font-style');
    expect(html).not.toMatch(/url\(fonts\//);
  });

  it('ends every script it opens: no output can', () => {
    const { html } = pageOf('hostile');
    expect(html.match(/<script/g)?.length).toBe(html.match(/<\/script>/g)?.length);
    expect(html.match(/<main/g)).toHaveLength(1);
    expect(html.match(/<\/main>/g)).toHaveLength(1);
  });

  it('says which cell has maths that cannot be typeset', () => {
    expect(pageOf('hostile').problems).toEqual([
      {
        cell: 16,
        message: expect.stringMatching(
          /^KaTeX parse error: Undefined control sequence: \\nosuchcommand.* in \\nosuchcommand\{x\}$/,
        ),
      },
    ]);
  });

  it('puts what was run at the top, and why it stopped', () => {
    const { html, title, summary } = pageOf('lecture', { facts: [['Seed', '<1>']], failure: 'cell 3: RangeError' });
    expect(html).toContain('<dt>Seed</dt><dd>&lt;1&gt;</dd>');
    expect(html).toContain('<strong>The run stopped.</strong> cell 3: RangeError');
    expect(title).toBe('The KL term in closed form');
    expect(summary).toMatch(/^A variational autoencoder is trained/);
    expect(html).toContain('<title>The KL term in closed form</title>');
  });

  it('folds code, leaves the parameters open and obeys the tags that hide', () => {
    const { html } = pageOf('lecture');
    expect(html.match(/<details class="code" open>/g)).toHaveLength(1);
    expect(html).toContain('<summary>Code<code aria-hidden="true">const p = new Normal(0, 1);</code></summary>');
    const imports = "import {\n  a,\n  b,\n} from 'gmm-vae';";
    const cell = (source: string): Notebook['cells'][number] => ({
      cell_type: 'code',
      metadata: {},
      source,
      execution_count: 1,
      outputs: [],
    });
    const cells = [cell(imports), cell(`${imports}\na(b)`)];
    const previews = renderNotebookPage({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }, { name: 'x' }).html;
    expect([...previews.matchAll(/<code aria-hidden="true">(.*?)<\/code>/g)].map(([, text]) => text)).toEqual([
      'imports',
      'a(b)',
    ]);
    expect(pageOf('hostile').html).not.toContain('hidden = 1');
  });

  it('is the same bytes every time', () => {
    expect(pageOf('lecture').html).toBe(pageOf('lecture').html);
  });

  it('of a file that is no notebook does not exist: the error names the file and what is wrong', () => {
    expect(() => pageOf('missing')).toThrow(/missing\.ipynb: no such file/);
    expect(readFileSync(join(INPUT, 'corrupt.ipynb'), 'utf8')).toContain('"cells"');
    expect(() => pageOf('corrupt')).toThrow(/corrupt\.ipynb: not a notebook: not JSON/);
  });
});

describe('what an author hides', () => {
  it('is left out by echo and include, and folded by hide-input or as JupyterLab folds it', () => {
    const page = (cell: ReturnType<typeof code>): string => renderNotebookPage(notebookOf(cell), { name: 'a' }).html;
    expect(page(code('#| echo: true\nconst secret = 1;'))).toContain('secret');
    for (const option of ['echo', 'include'])
      expect(page(code(`#| ${option}: false\nconst secret = 1;`))).not.toContain('secret');
    expect(page(code('1', ['parameters']))).toContain('<details class="code" open>');
    expect(page(code('1', ['parameters', 'hide-input']))).toContain('<details class="code">');
    const folded = {
      ...code('1', ['show-input']),
      metadata: { tags: ['show-input'], jupyter: { source_hidden: true } },
    };
    expect(page(folded)).toContain('<details class="code">');
  });
});
