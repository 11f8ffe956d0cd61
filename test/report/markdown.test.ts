import { describe, expect, it } from 'vitest';
import { createMarkdownContext, renderMarkdown } from '../../src/report/markdown';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { notebookOf, prose } from '../notebook/fixtures';

function render(source: string) {
  const errors: string[] = [];
  const context = createMarkdownContext((message, tex) => void errors.push(`${message} | ${tex}`));
  const html = renderMarkdown(source, context);
  /** The TeX sources that were typeset, in order. */
  const maths = [...html.matchAll(/<annotation encoding="application\/x-tex">([\s\S]*?)<\/annotation>/g)].map(
    ([, tex = '']) => tex.trim(),
  );
  return { html, context, errors, maths };
}

describe('maths in markdown', () => {
  it('is typeset inside a line without markdown touching it', () => {
    const { maths, html } = render('a $x_1 * y_1 * z$ b');
    expect(maths).toEqual(['x_1 * y_1 * z']);
    expect(html).not.toContain('<em>');
  });

  it('stays text inside code, after a backslash and where the line has one dollar', () => {
    expect(render('`$a$`').maths).toEqual([]);
    expect(render('```\n$$a$$\n```').maths).toEqual([]);
    expect(render('\\$5 and \\$6').html).toContain('<p>$5 and $6</p>');
    expect(render('it costs $5').html).toContain('<p>it costs $5</p>');
  });

  it('is display between double dollars, also where its lines look like markdown', () => {
    const { maths, html } = render('$$\na\n= b\n- c\n+ d\n$$');
    expect(maths).toEqual(['a\n= b\n- c\n+ d']);
    expect(html).toContain('katex-display');
    expect(html).not.toMatch(/<h1|<li/);
  });

  it('interrupts a paragraph and goes on inside lists and quotes', () => {
    expect(render('text\n$$x$$\ntext').maths).toEqual(['x']);
    expect(render('- item\n\n  $$\n  x\n  $$').maths).toEqual(['x']);
    expect(render('> $$x$$').html).toMatch(/<blockquote>[\s\S]*katex-display/);
  });

  it('knows bare environments and the escaped brackets of Jupyter', () => {
    expect(render('\\begin{align}\na &= b\n\\end{align}').maths).toHaveLength(1);
    expect(render('a \\\\(x\\\\) b').maths).toEqual(['x']);
    expect(render('\\\\[x\\\\]').html).toContain('katex-display');
  });

  it('links equations by their numbers, one anchor per tag, the first use of a number winning', () => {
    const { html } = render(
      '$$a \\tag{9}$$\n\nsee [(9)](#eq-9)\n\n$$a \\tag{9}$$\n\n\\begin{align}b\\tag{1}\\\\c\\tag{2}\\end{align}',
    );
    expect(html.match(/id="eq-9"/g)).toHaveLength(1);
    expect(html).toContain('<a href="#eq-9">(9)</a>');
    expect(html).toMatch(/id="eq-1"><span id="eq-2">/);
  });

  it('lets \\newcommand of one cell reach the next', () => {
    const context = createMarkdownContext((message) => expect.unreachable(message));
    renderMarkdown('$\\newcommand{\\KL}{\\mathrm{KL}}$', context);
    expect(renderMarkdown('$\\KL$', context)).toContain('<mi mathvariant="normal">K</mi>');
  });

  it('lets \\newcommand define what KaTeX or an earlier cell has defined', () => {
    const { errors, maths } = render('$\\newcommand{\\R}{\\mathbb{R}} \\newcommand\\R[1]{\\mathbb{R}^#1} \\R{2}$');
    expect(errors).toEqual([]);
    expect(maths).toHaveLength(1);
  });

  it('shows the source of maths that KaTeX refuses and says why', () => {
    const { html, errors } = render('$\\frac{1$ and $\\nosuch{x}$');
    expect(html.match(/class="maths-error"/g)).toHaveLength(2);
    expect(errors[1]).toMatch(/^KaTeX parse error: Undefined control sequence: \\nosuch .* \| \\nosuch\{x\}$/);
  });

  it('takes the comma after it along, so that no line begins with one; long maths and headings stay as they are', () => {
    const { html } = render('far from $q$, only the nearest');
    expect(html).toMatch(
      /^<p>far from <span class="unbroken"><span class="katex">.*<\/span>,<\/span> only the nearest/,
    );
    expect(render(`$${'a+'.repeat(30)}b$, x`).html).not.toContain('unbroken');
    expect(render('# On $q$, and p').context.title?.text).toBe('On q, and p');
  });

  it('draws nothing wider than the column', () => {
    expect(render('$\\rule{500em}{500em}$').html).not.toMatch(/style="[^"]*500em/);
  });

  it('carries MathML for screen readers', () => {
    expect(render('$x$').html).toContain('<math xmlns="http://www.w3.org/1998/Math/MathML">');
  });
});

describe('the outline', () => {
  it('takes the first level-1 heading as title, out of the text, and the first prose as summary', () => {
    const { html, context } = render('# On $\\sigma$\n\n$$x$$\n\nThe *first* [words](#a).\n\nMore.');
    expect(context.title).toMatchObject({ text: 'On \\sigma', id: 'on-sigma' });
    expect(html).not.toContain('<h1');
    expect(context.summary).toBe('The <em>first</em> words.');
  });

  it('gives every heading its own anchor, also to equal and to empty ones', () => {
    const { context, html } = render('## Same\n\n## Same\n\n## ***\n\n### Über');
    expect(context.headings.map(({ id, level }) => [id, level])).toEqual([
      ['same', 2],
      ['same-2', 2],
      ['section', 2],
      ['uber', 3],
    ]);
    expect(html).toContain('<a class="anchor" href="#same-2" aria-label="Link to this section">');
  });

  it('keeps clear of the names that the page gives, whatever a heading is called', () => {
    const { context } = render('## Plotly\n\n## Content\n\n## Figure 1\n\n## Eq 9\n\n<a id="later"></a>\n\n## Later');
    expect(context.headings.map(({ id }) => id)).toEqual([
      ...['section-plotly', 'section-content', 'section-figure-1', 'section-eq-9', 'later'],
    ]);
  });

  it('typesets headings and summary once: commands defined there, numbers and errors', () => {
    const { html, context, errors } = render(
      '# On $\\newcommand{\\KL}{D}\\KL$\n\nThe $\\newcommand{\\q}{q}\\q$ and $\\nosuch$.\n\n## $\\newcommand{\\p}{p}\\p$, $\\q$',
    );
    expect(errors.map((text) => text.replace(/.*\| /, ''))).toEqual(['\\nosuch']);
    expect([context.title?.html, context.headings[0]?.html, context.summary].join()).not.toContain('redefine');
    expect(html).not.toContain('redefine');
    const tagged = render('The number $$x \\tag{9}$$ of it.');
    expect(tagged.html).toContain('id="eq-9"');
    expect(tagged.context.summary).not.toContain('id=');
  });

  it('leads to a section of a sibling notebook by the name that Jupyter gives it, and to labels as they are', () => {
    const { html } = render('[a](b.ipynb#The-Density) [b](b.ipynb#eq-9) [c](b.ipynb#figure-2) [d](b.ipynb#%E0)');
    for (const id of ['the-density', 'eq-9', 'figure-2', '%E0']) expect(html).toContain(`href="b.html#${id}"`);
  });

  it('leads from a sibling notebook to its report, and leaves other links alone', () => {
    const { html } = render('[next](02-gmm-prior.ipynb#the-density) [there](https://example.org/a.ipynb)');
    expect(html).toContain('<a href="02-gmm-prior.html#the-density">');
    expect(html).toContain('<a href="https://example.org/a.ipynb">');
  });

  it('sets attachments in place of their names', () => {
    const context = createMarkdownContext(() => {});
    context.attachments = { 'a b.png': 'data:image/png;base64,AAAA' };
    expect(renderMarkdown('![a *plot*](attachment:a%20b.png)', context)).toContain(
      '<img src="data:image/png;base64,AAAA" alt="a plot">',
    );
    expect(renderMarkdown('<img src="attachment:a b.png">', context)).toContain('src="data:image/png;base64,AAAA"');
  });
});

describe('maths as Jupyter reads it', () => {
  const set = (source: string): string =>
    renderMarkdown(
      source,
      createMarkdownContext((message) => expect.unreachable(message)),
    );
  const annotations = (html: string): string[] =>
    [...html.matchAll(/<annotation[^>]*>(.*?)<\/annotation>/gs)].map(([, tex = '']) => tex);

  it('keeps bars within maths in their cell of a table', () => {
    const html = set('| a | b | c |\n|---|---|---|\n| $q(z|x)$ | encoder | 1 |\n| $\\|x\\|$ | norm | $|y|$ |');
    expect(html.match(/<td>/g)).toHaveLength(6);
    expect(annotations(html)).toEqual(['q(z|x)', '\\|x\\|', '|y|']);
  });

  it('takes prices in a table for no maths, and leaves code as it stands', () => {
    expect(set('| a | b |\n|---|---|\n| $5 | $6 |').match(/<td>/g)).toHaveLength(2);
    expect(set('```\n$a|b$\n```\n\n`$a|b$`').match(/\$a\|b\$/g)).toHaveLength(2);
  });

  it.each(['align', 'align*', 'equation*', 'gather'])('sets %s in single dollars as display', (name) => {
    const html = set(`$\\begin{${name}} a = b \\end{${name}}$`);
    expect(html).toContain('class="equation"');
    expect(html).toContain('display="block"');
  });

  it('counts rows once: none for a line break before the end, one for multline', () => {
    const source =
      '\\begin{align}\na &= b \\\\\nc &= d \\\\\n\\end{align}\n\n\\begin{multline} a + b \\\\ + c \\end{multline}\n\n\\begin{align} e &= f \\\\[2pt] \\end{align}';
    const html = set(source);
    const tags = annotations(html).flatMap((tex) => [...tex.matchAll(/\\tag\{(\d+)\}/g)].map(([, n]) => n));
    expect(tags).toEqual(['1', '2', '3', '4']);
    expect(html.match(/<span class="mord text">/g)).toHaveLength(4);
    expect(html).not.toContain('class="eqn-num"');
  });

  it.each([
    ['a $x\n- y$ b', ['x\n- y']],
    ['a $$x\n=\ny$$ where', ['x\n=\ny']],
    ['a \\begin{align}\n+ x\n\\end{align} b', ['\\begin{align}\n+ x \\tag{1}\n\\end{align}']],
    ['> a $x\n> - y$ b', ['x\n- y']],
    ['| a |\n|---|\n| $x$, $$y|z$$ |', ['x', 'y|z']],
    ['| a | b |\n|---|---|\n| `$` | $x|y$ |', ['x|y']],
  ])('is taken out before blocks are read: %j', (source, tex) => {
    const html = set(source);
    expect(annotations(html).map((one) => one.replace(/&amp;/g, '&').trim())).toEqual(tex);
    expect(html).not.toMatch(/<(ul|h1|h2)/);
  });

  it.each([
    ['It costs $5; set `$HOME`, then `$PATH`', [], ['$HOME', '$PATH']],
    ['| $5 | $6 |\n|---|---|\n| `$a` | `$b$` |', [], ['$a', '$b$']],
    ["$x$ of $\\text{``good''}$, $\\text{`fair'}$ and `$y`", ['x', "\\text{``good''}", "\\text{`fair'}"], ['$y']],
    ['$5 in ``a`$b`` and $`z`$', ['`z`'], ['a`$b']],
  ])('ends nowhere in code, as before a price: %s', (source, tex, code) => {
    const html = set(source);
    expect(annotations(html).map((one) => one.replaceAll('&#x27;', "'"))).toEqual(tex);
    expect([...html.matchAll(/<code>(.*?)<\/code>/g)].map(([, one]) => one)).toEqual(code);
  });

  it('takes prices in two items of a list for no maths', () => {
    expect(annotations(set('- $7\n- $8'))).toEqual([]);
  });

  it('gives no equation a number that the author has given to another, before it or after', () => {
    const page = (...cells: string[]): string =>
      renderNotebookPage(notebookOf(...cells.map(prose)), { name: 'a' }).html;
    const html = page(
      '\\begin{align}a\\\\b\\label{b}\\end{align}',
      '$$c\\tag{2}$$ \\eqref{b}',
      '$$\\begin{equation}d\\end{equation}$$',
    );
    const tags = annotations(html).flatMap((tex) => [...tex.matchAll(/\\tag\{(\d+)\}/g)].map(([, n]) => n));
    expect(tags).toEqual(['1', '3', '2', '4']);
    expect(html).toContain('(3)</a>');
  });

  it('is typeset in blocks of HTML, outside code and attributes', () => {
    const html = set('<div title="$t$">$a &lt; b$ <code>$c$</code></div>');
    expect(annotations(html)).toEqual(['a &lt; b']);
    expect(html).toContain('title="$t$"');
    expect(html).toContain('<code>$c$</code>');
  });
});
