import { describe, expect, it } from 'vitest';
import type { Cell, Notebook, Output } from '../../src/notebook/document/ipynb';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { code, notebookOf, prose } from '../notebook/fixtures';

const text: Output = { output_type: 'stream', name: 'stdout', text: 'seen' };
const showing = (source: string, metadata: Cell['metadata'] = {}): Cell => ({
  ...{ ...code(source), cell_type: 'code' as const, execution_count: 1 },
  ...{ metadata, outputs: [text] },
});
const pageOf = (notebook: Notebook) => {
  const { html, problems, title } = renderNotebookPage(notebook, { name: 'a' });
  return { main: /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? '', title, problems };
};
const page = (...cells: Cell[]): string => pageOf(notebookOf(...cells)).main;

describe('a code cell', () => {
  it.each<[string, Cell['metadata']]>([
    ['the tag hide-output', { tags: ['hide-output'] }],
    ['the tag hide-cell', { tags: ['hide-cell'] }],
    ['JupyterLab’s outputs_hidden', { jupyter: { outputs_hidden: true } }],
    ['collapsed, as Jupyter Notebook has it', { collapsed: true }],
  ])('folds its outputs by %s', (_, metadata) => {
    expect(page(showing('x', metadata))).toMatch(
      /<details class="hidden-output"><summary>Output<\/summary><pre class="output stdout">seen<\/pre><\/details>/,
    );
  });

  it.each([
    ['#| code-fold: false', true],
    ['#| code-fold: show', true],
    ['#| code-fold: true', false],
    ['// plain', false],
  ])('with %s lies open: %s', (option, open) => {
    expect(page(showing(`${option}\n1`)).includes('<details class="code" open>')).toBe(open);
  });

  it('of the parameters is folded where it says code-fold', () => {
    expect(page(showing('//| code-fold: true\n1', { tags: ['parameters'] }))).not.toContain(
      '<details class="code" open>',
    );
  });

  it('is left out by remove-cell, as any other cell', () => {
    const tags = ['remove-cell'];
    const main = page({ ...prose('gone'), metadata: { tags } }, showing('gone', { tags }), prose('stays'));
    expect(main).toContain('stays');
    expect(main).not.toMatch(/gone|seen/);
  });
});

describe('a raw cell', () => {
  const raw = (source: string, metadata: Cell['metadata']): Cell => ({ cell_type: 'raw', metadata, source });

  it('of HTML is HTML, of Markdown is Markdown, and for other formats is left out', () => {
    expect(page(raw('<b>x</b>', { format: 'text/html' }))).toContain('<div class="output html"><b>x</b></div>');
    expect(page(raw('<b>x</b>', { raw_mimetype: 'text/html' }))).toContain('<b>x</b>');
    expect(page(raw('*x*', { format: 'text/markdown' }))).toContain('<em>x</em>');
    expect(page(raw('\\newpage', { format: 'text/latex' }))).not.toContain('newpage');
    expect(page(raw('<b>x</b>', {}))).toContain('<pre class="raw">&lt;b&gt;x&lt;/b&gt;</pre>');
  });
});

describe('what a notebook says of itself', () => {
  const header =
    '---\ntitle: "On *x*"\nauthor:\n  - name: Ada\n  - name: {given: Emmy, family: Noether}\ndate: 2026-01-02\n---\n';

  it('in Quarto’s header stands in the title block, not in the text', () => {
    for (const first of [{ ...prose(header), cell_type: 'raw' as const }, prose(`${header}\nText`)]) {
      const { main, title } = pageOf(notebookOf(first, prose('# Section')));
      expect(title).toBe('On *x*');
      expect(main).toContain('<h1 id="title">On *x*</h1>');
      expect(main).toContain('<dt>Authors</dt><dd>Ada, Emmy Noether</dd><dt>Date</dt><dd>2026-01-02</dd>');
      expect(main).toContain('<h1 id="section">Section');
      expect(main).not.toContain('---');
    }
  });

  it('in a header that is no YAML, or no fields, stays text', () => {
    expect(page(prose('---\na: [\n---\n\nText'))).toContain('a: [');
    expect(page(prose('---\njust words\n---'))).toContain('just words');
  });

  it('as metadata.title is its title; a first heading that repeats it is not a second one', () => {
    const titled = { ...notebookOf(prose('# Same')), metadata: { title: 'Same' } };
    expect(pageOf(titled).main.match(/Same/g)).toHaveLength(1);
    expect(pageOf({ ...titled, metadata: { title: 'Other <b>' } }).main).toContain(
      '<h1 id="title">Other &lt;b&gt;</h1>',
    );
  });

  it('counts cells as the notebook has them where something is wrong', () => {
    expect(pageOf(notebookOf(prose('---\ntitle: x\n---'), prose('$\\nosuch$'))).problems).toMatchObject([{ cell: 2 }]);
  });
});

describe('Markdown as GitHub and Jupyter have it', () => {
  it('has lists of tasks', () => {
    const main = page(prose('- [x] done\n- [ ] to do\n- [y] not one'));
    expect(main).toContain('<li class="task"><input type="checkbox" disabled aria-label="done" checked> done</li>');
    expect(main).toContain('<li class="task"><input type="checkbox" disabled aria-label="to do"> to do</li>');
    expect(main).toContain('<li>[y] not one</li>');
  });

  it.each(['Note', 'Tip', 'Important', 'Warning', 'Caution'])('has alerts: %s', (title) => {
    expect(page(prose(`> [!${title.toUpperCase()}]\n> *words*`))).toContain(
      `<blockquote class="alert alert-${title.toLowerCase()}" role="note">\n<p><strong class="alert-title">${title}</strong><em>words</em></p>`,
    );
    expect(page(prose('> [!NOSUCH]\n> x'))).toContain('<blockquote>');
  });

  it('lets text from right to left run so', () => {
    const main = page(prose('שלום $x$\n\nplain\n\n- مرحبا\n\n# عنوان\n\n## عنوان'));
    expect(main).toContain('<p dir="auto">שלום');
    expect(main).toContain('<li dir="auto">مرحبا');
    expect(main).toContain('<h2 dir="auto"');
    expect(main).toContain('<p>plain</p>');
  });

  it('sets attachments whose names have spaces', () => {
    const cell = {
      ...prose('![a](attachment:my pic (1).png) ![b](<attachment:my pic (1).png>)'),
      attachments: { 'my pic (1).png': { 'image/png': 'AAAA' } },
    };
    expect(page(cell).match(/<img src="data:image\/png;base64,AAAA"/g)).toHaveLength(2);
  });

  it.each(['constructor', '__proto__', 'toString'])('has no attachment called %s unless it is there', (name) => {
    expect(page(prose(`![none](attachment:${name})`))).not.toContain('<img');
    const attachments = JSON.parse(`{"${name}": {"image/png": "AAAA"}}`);
    expect(page({ ...prose(`![one](attachment:${name})`), attachments })).toContain(
      '<img src="data:image/png;base64,AAAA"',
    );
  });
});

describe('maths as MathJax has it', () => {
  it.each([
    ['\\ce{H2O}', 'H'],
    ['\\require{mhchem}\\ce{CO2}', 'CO'],
    ['\\mbox{a b}', 'a b'],
    ['\\DeclareMathOperator{\\KL}{KL} \\KL(q)', 'KL'],
    ['\\DeclareMathOperator*{\\argmin}{arg\\,min} \\argmin_x', 'arg'],
    ['\\text{a_b & 5% of #1}', 'a_b'],
    ['\\text{already a\\_b}', 'a_b'],
  ])('knows %s', (tex, seen) => {
    const { main, problems } = pageOf(notebookOf(prose(`$$${tex}$$`)));
    expect(problems).toEqual([]);
    const shown = main
      .replace(/<annotation[\s\S]*?<\/annotation>/g, '')
      .replace(/<[^>]+>/g, '')
      .replace(/\u00a0/g, ' ');
    expect(shown).toContain(seen);
  });

  it('keeps an operator that an earlier cell has declared', () => {
    expect(pageOf(notebookOf(prose('$\\DeclareMathOperator{\\tr}{tr}$'), prose('$\\tr A$'))).problems).toEqual([]);
  });
});
