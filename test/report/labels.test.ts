import { describe, expect, it } from 'vitest';
import type { Notebook, Output } from '../../src/notebook/document/ipynb';
import { splitOptions } from '../../src/report/labels';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { code, notebookOf, prose } from '../notebook/fixtures';

const figure: Output = {
  output_type: 'display_data',
  metadata: {},
  data: { 'application/vnd.plotly.v1+json': { data: [], layout: { meta: { alt: 'A line', caption: 'A line.' } } } },
};
const table: Output = {
  output_type: 'display_data',
  metadata: {},
  data: { 'text/html': '<table><caption>Numbers</caption><tbody><tr><td>1</td></tr></tbody></table>' },
};
const picture: Output = {
  output_type: 'display_data',
  metadata: {},
  data: { 'image/png': 'AAAA', 'text/plain': 'dots' },
};

const showing = (source: string, ...outputs: Output[]): Notebook['cells'][number] => ({
  ...code(source),
  cell_type: 'code',
  execution_count: 1,
  outputs,
});

function page(...cells: Notebook['cells']) {
  const { html, problems, summary } = renderNotebookPage(notebookOf(...cells), { name: 'a' });
  const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? '';
  return { main, problems, summary };
}

describe('a reference', () => {
  it('has the number of the figure or table that its author labelled, before it and after it, and leads there', () => {
    const { main, problems } = page(
      prose('See [Figure](#fig-variance), [](#tbl-numbers) and [the plot](#fig-variance).'),
      showing('plot()', figure),
      showing('//| label: fig-variance\nplot()', figure),
      showing('//| label: tbl-numbers\ntable()', table),
      prose('In [fig.](#fig-variance) above.'),
    );
    expect(main).toContain(
      '<p>See <a href="#fig-variance">Figure 2</a>, <a href="#tbl-numbers">Table 1</a> and <a href="#fig-variance">the plot</a>.</p>',
    );
    expect(main).toContain('In <a href="#fig-variance">fig. 2</a> above.');
    expect(main.match(/id="fig-variance"/g)).toHaveLength(1);
    expect(main).toContain('<figure class="figure" id="figure-1">');
    expect(main).toContain('<caption id="tbl-numbers"><b>Table 1.</b> Numbers</caption>');
    expect(problems).toEqual([]);
  });

  it('to a label, or an equation, that is not there is shown as such and told with the cell, the label and what there is', () => {
    const { main, problems } = page(
      prose('$$x \\tag{9}$$ See [Figure](#fig-varience) and [(8)](#eq-8), [Table](#tbl-none).'),
      showing('//| label: fig-variance\nplot()', figure),
    );
    expect(main.match(/<code class="maths-error"/g)).toHaveLength(3);
    expect(main).toContain('>#fig-varience</code>');
    expect(problems).toEqual([
      { cell: 1, message: 'no figure is labelled fig-varience, there is fig-variance in [Figure](#fig-varience)' },
      { cell: 1, message: 'no equation is labelled eq-8, there is eq-9 in [(8)](#eq-8)' },
      { cell: 1, message: 'no table is labelled tbl-none, there is none in [Table](#tbl-none)' },
    ]);
  });

  it('stands with its number in the summary too, and may be emphasised; links elsewhere are left alone', () => {
    const { main, summary } = page(
      prose('# T\n\nAll of [Figure](#fig-a). [*Figure*](#fig-a) [x](b.ipynb#fig-z) [y](#figure-1)'),
      showing('//| label: fig-a\nplot()', figure),
    );
    expect(summary).toContain('All of Figure 1.');
    expect(main).toContain('<a href="b.html#fig-z">x</a> <a href="#figure-1">y</a>');
  });
});

describe('an equation with a \\label', () => {
  it('has a number, and \\eqref and \\ref show it and lead there, in text and in maths, before it and after it', () => {
    const { main, problems } = page(
      prose('By \\eqref{eq:loss} and $\\ref{eq:two}$, not `\\eqref{eq:loss}`.'),
      prose(
        '\\begin{equation}\\label{eq:loss} L = \\begin{matrix} a \\\\ b \\end{matrix} \\end{equation}\n\n$$y$$\n\n\\begin{align} a &= b \\\\ c &= d \\nonumber \\\\ e &= f \\label{eq:two} \\end{align}',
      ),
      prose('$$z \\tag{A} \\label{z}$$ $$w \\label{w}$$ Of $x \\eqref{w}$ and \\ref{z}.'),
    );
    expect(problems).toEqual([]);
    expect(main).toContain('<p>By <a href="#eq:loss">(1)</a> and <a href="#eq:two">3</a>, not <code>\\eqref');
    expect(main).toContain('and <a href="#eq:z">A</a>.');
    expect(main).toContain('x \\text{(4)}');
    for (const id of ['eq:loss', 'eq:two', 'eq:z', 'eq:w'])
      expect(main.match(new RegExp(`id="${id}"`, 'g'))).toHaveLength(1);
    expect([...main.matchAll(/\\tag\{(\w+)\}/g)].map(([, tag]) => tag)).toEqual(['1', '2', '3', 'A', '4']);
  });

  it('that is not there is shown as such and told', () => {
    const { main, problems } = page(prose('As in \\eqref{eq:no} and $y \\ref{eq:x}$, $$x \\label{eq:yes}$$'));
    expect(main).toContain('>\\eqref{eq:no}</code>');
    expect(problems).toEqual([
      { cell: 1, message: 'no equation has \\label{eq:no}, there is eq:yes in \\eqref{eq:no}' },
      { cell: 1, message: 'no equation has \\label{eq:x}, there is eq:yes in \\ref{eq:x}' },
    ]);
  });

  it('may stand in an environment that KaTeX does not know', () => {
    expect(
      page(prose('\\begin{eqnarray} a &=& b \\end{eqnarray}\n\n\\begin{multline*} a \\end{multline*}')).problems,
    ).toEqual([]);
  });
});

describe('a label', () => {
  it('is no part of the code that the page shows', () => {
    const { main } = page(showing('//| label: fig-a\nplot()', figure));
    expect(main).toContain('<code aria-hidden="true">plot()</code>');
    expect(main).not.toContain('label:');
  });

  it('makes a picture a numbered figure; further ones of its cell are -2 and so on', () => {
    const { main, problems } = page(
      prose('[Figure](#fig-dots) [Figure](#fig-dots-2)'),
      showing('//| label: fig-dots\n//| fig-cap: "Some <dots>"\nx', picture, picture),
      showing('x', picture),
    );
    expect(main).toContain('<a href="#fig-dots">Figure 1</a> <a href="#fig-dots-2">Figure 2</a>');
    expect(main).toContain('<figcaption><b>Figure 1.</b> Some &lt;dots&gt;</figcaption>');
    expect(main.match(/<figure class="still"/g)).toHaveLength(2);
    expect(problems).toEqual([]);
  });

  it('gives a table without a caption one', () => {
    const bare: Output = { ...table, data: { 'text/html': '<table><tbody><tr><td>1</td></tr></tbody></table>' } };
    const { main } = page(showing('#| label: tbl-bare\n#| tbl-cap: Bare\nx', bare), showing('x', bare));
    expect(main.match(/<caption/g)).toHaveLength(1);
    expect(main).toContain('<caption id="tbl-bare"><b>Table 1.</b> Bare</caption>');
  });

  it('that is given twice is told, and names the first', () => {
    const { main, problems } = page(
      showing('//| label: fig-a\nx', figure),
      showing('//| label: fig-a\nx', figure),
      prose('[Figure](#fig-a)'),
    );
    expect(problems).toEqual([
      { cell: 2, message: 'the label fig-a is given twice; every label names one figure or table in label: fig-a' },
    ]);
    expect(main).toContain('<a href="#fig-a">Figure 1</a>');
    expect(main.match(/id="fig-a"/g)).toHaveLength(1);
  });

  it('is read from the first comment lines alone, in any language’s comment, with or without quotes', () => {
    expect(splitOptions('#| label: "fig-a"\nx')).toEqual({ options: { label: 'fig-a' }, code: 'x' });
    expect(splitOptions('x\n//| label: fig-a')).toEqual({ options: {}, code: 'x\n//| label: fig-a' });
    expect(splitOptions('//| label: setup\nx')).toEqual({ options: {}, code: 'x' });
    expect(splitOptions('#| echo: false\n#| label: fig-a\n#| fig-alt: "Dots"\nx')).toEqual({
      options: { label: 'fig-a', figureAlt: 'Dots' },
      code: '#| echo: false\nx',
    });
    expect(splitOptions('//| echo: false\nx').code).toBe('//| echo: false\nx');
  });
});

describe('a page', () => {
  it('carries no plotly for a numbered picture', () => {
    const { html } = renderNotebookPage(notebookOf(showing('#| label: fig-dots', picture)), { name: 'a' });
    expect(html).toContain('<figure class="still" id="fig-dots">');
    expect(html).not.toContain('id="plotly"');
    expect(html.length).toBeLessThan(100_000);
  });
});
