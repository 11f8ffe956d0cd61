import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Cell, Output } from '../../src/notebook/document/ipynb';
import { toMarkdown } from '../../src/report/to-markdown';
import { code, notebookOf, prose } from '../notebook/fixtures';

const write = (...cells: Cell[]): string => toMarkdown(notebookOf(...cells), { name: 'my notes' }).text;
const showing = (source: string, ...outputs: Output[]): Cell => ({
  ...{ ...code(source), cell_type: 'code' as const, execution_count: 1, outputs },
});
const shown = (data: Record<string, unknown>): Output => ({ output_type: 'display_data', metadata: {}, data });

describe('a notebook as Markdown', () => {
  it('keeps text as it is, and fences code and printed text', () => {
    const printed: Output = { output_type: 'stream', name: 'stdout', text: '\u001b[31m1\u001b[0m\n' };
    expect(write(prose('# T\n\n*x* $a$'), showing('f()', printed))).toBe(
      '# T\n\n*x* $a$\n\n```typescript\nf()\n```\n\n```text\n1\n```\n',
    );
    expect(write(showing('`````', printed))).toContain('``````typescript\n`````\n``````');
  });

  it('lays pictures of outputs, attachments and text beside it, under addresses without spaces', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-markdown-'));
    writeFileSync(join(folder, 'a b.png'), 'PNG');
    const text = {
      ...prose('![x](a%20b.png) <img src="a b.png"> ![y](attachment:c.png) ![z](https://example.org/d.png)'),
      attachments: { 'c.png': { 'image/png': 'AAAA' } },
    };
    const picture = showing('x', shown({ 'image/png': 'UE5H', 'text/plain': 'a [dot]' }));
    const { text: markdown, files } = toMarkdown(notebookOf(text, picture), { name: 'my notes', folder });
    expect(markdown).toContain(
      '![x](my%20notes_files/1-a-b.png) <img src="my%20notes_files/1-a-b.png"> ![y](my%20notes_files/1-c.png) ![z](https://example.org/d.png)',
    );
    expect(markdown).toContain('![a \\[dot\\]](my%20notes_files/output-2-1.png)');
    expect([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString()])).toContainEqual(
      ...[['my notes_files/output-2-1.png', 'PNG']],
    );
    expect(files.get('my notes_files/1-a-b.png')).toEqual(readFileSync(join(folder, 'a b.png')));
  });

  it('gives notebooks of like names folders of their own, and pictures of like names in one cell files of their own', () => {
    const picture = showing('x', shown({ 'image/png': 'UE5H' }));
    const placeOf = (name: string): string => [...toMarkdown(notebookOf(picture), { name }).files.keys()].join();
    const names = ['a b', 'a-b', 'a#b', 'v1.1', 'v1.2', 'v1', 'a (b)'];
    expect(new Set(names.map(placeOf)).size).toBe(names.length);
    expect(toMarkdown(notebookOf(picture), { name: 'a (b) 100%' }).text).toContain(
      '](a%20%28b%29%20100%25_files/output-1-1.png)',
    );
    const text = {
      ...prose('![x](attachment:a%20b.png) ![y](attachment:a-b.png) ![x](attachment:a%20b.png)'),
      attachments: { 'a b.png': { 'image/png': 'AAAA' }, 'a-b.png': { 'image/png': 'UE5H' } },
    };
    expect(toMarkdown(notebookOf(text), { name: 'n' }).text).toBe(
      '![x](n_files/1-a-b.png) ![y](n_files/1-a-b-2.png) ![x](n_files/1-a-b.png)\n',
    );
  });

  it('sets dollars where GitHub needs them, and keeps bars in maths from ending a cell', () => {
    expect(write(prose('a\n\\begin{align}\nx\n\\end{align}\nb'))).toBe(
      'a\n\n\n$$\n\\begin{align}\nx\n\\end{align}\n$$\n\n\nb\n',
    );
    expect(write(prose('$\\begin{align}x\\end{align}$'))).toBe('$$\n\\begin{align}x\\end{align}\n$$\n');
    expect(write(prose('$$\\begin{align}x\\end{align}$$'))).toBe('$$\\begin{align}x\\end{align}$$\n');
    expect(write(prose('```\n\\begin{align}x\\end{align}\n```'))).toContain('```\n\\begin{align}x\\end{align}\n```');
    expect(write(prose('| a |\n|---|\n| $q(z|x)$ `a|b` $\\|x\\|$ |'))).toContain(
      '| $q(z\\vert x)$ `a|b` $\\Vert x\\Vert $ |',
    );
  });

  it.each(['~~~\n| $x|y$ |\n|---|---|\n![p](p.png)\n~~~', '`![p](p.png)` and `$a|b$`', '```md\n| $x|y$ |\n```'])(
    'leaves code of a text as it is: %j',
    (source) => {
      const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-markdown-'));
      writeFileSync(join(folder, 'p.png'), 'PNG');
      const { text, files } = toMarkdown(notebookOf(prose(source)), { name: 'n', folder });
      expect({ text, files: [...files] }).toEqual({ text: `${source}\n`, files: [] });
    },
  );

  it('keeps bars in maths from ending a cell of a table without outer bars, and leaves other lines alone', () => {
    expect(write(prose('a | b\n--|--\n$x|y$ | 2\n\n$x|y$'))).toBe('a | b\n--|--\n$x\\vert y$ | 2\n\n$x|y$\n');
  });

  it('shows tables as HTML without a blank line, and says where the page has more', () => {
    expect(write(showing('', shown({ 'text/html': '<table class="a">\n\n<tr><td>1</td></tr></table>' })))).toBe(
      '<table>\n<tr><td>1</td></tr></table>\n',
    );
    expect(write(showing('', shown({ 'text/html': '<script>x</script>' })))).toBe(
      '*Markdown cannot show this output: it is in [the page](my%20notes.html).*\n',
    );
    expect(write(showing('', shown({ 'text/html': '<script>x</script>', 'text/plain': 'words' })))).toBe(
      '```text\nwords\n```\n',
    );
  });

  it('obeys the tags and options that leave out and fold, and Quarto’s header', () => {
    const printed: Output = { output_type: 'stream', name: 'stdout', text: 'seen' };
    const tagged = (tag: string): Cell => ({ ...showing('x', printed), metadata: { tags: [tag] } });
    expect(write(tagged('remove-cell'), tagged('remove-input'))).toBe('```text\nseen\n```\n');
    expect(write(tagged('hide-output'))).toContain(
      '<details><summary>Output</summary>\n\n```text\nseen\n```\n\n</details>',
    );
    expect(write(showing('#| echo: false\nx', printed))).toBe('```text\nseen\n```\n');
    expect(write(prose('---\ntitle: T\n---'), prose('x'))).toBe('# T\n\nx\n');
    expect(write(showing('#| label: fig-a\n#| fig-cap: Dots.\n', shown({ 'image/png': 'AAAA' })))).toMatch(
      /<a id="fig-a"><\/a>\n\n!\[.*\]\(.*\)\n\n\*Dots\.\*/,
    );
  });
});
