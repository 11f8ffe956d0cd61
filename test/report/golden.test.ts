import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gmmVae } from '../command-line';
import { textOfPage, words } from './page-text';

const FOLDER = join(__dirname, 'golden');
const NAMES = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.ipynb') ? [basename(file, '.ipynb')] : []));

interface Page {
  readonly code: number;
  readonly stderr: string;
  readonly html: string;
  readonly text: string;
}

const pages = new Map<string, Page>();
const page = (name: string): Page => pages.get(name) as Page;

describe('notebooks that other kernels executed', () => {
  const output = mkdtempSync(join(tmpdir(), 'gmm-vae-golden-'));
  beforeAll(async () => {
    for (const name of NAMES) {
      const { code, stderr } = await gmmVae(
        ['report', join(FOLDER, `${name}.ipynb`), '--from-executed', '--no-pictures', '--output-dir', output],
        { cwd: output },
      );
      const html = readFileSync(join(output, `${name}.html`), 'utf8');
      pages.set(name, { code, stderr, html, text: textOfPage(html) });
    }
  }, 120_000);
  afterAll(() => rmSync(output, { recursive: true }));

  it.each(NAMES)('%s: keeps every word of its text and of what was printed', (name) => {
    const { text } = page(name);
    expect(words(join(FOLDER, `${name}.ipynb`)).filter((word) => !text.includes(word))).toEqual([]);
  });

  it.each(NAMES)(
    '%s: leaves no TeX, asks for nothing from elsewhere, and claims no version of this package',
    (name) => {
      const { text, html } = page(name);
      expect(text).not.toMatch(/\\(begin|frac|hat|sum|label|eqref)\b/);
      expect(html).not.toMatch(/<(?:img|script|link|iframe)\b[^>]*(?:src|href)="https?:/);
      expect(text).not.toMatch(/gmm-vae \d/);
    },
  );

  it('python: numbers the equation and refers to it, typesets maths in tables and in the headers of a data frame', () => {
    const { code, html, text } = page('python');
    expect(code).toBe(0);
    expect(html.match(/class="katex"/g)?.length).toBe(7);
    expect(html).toMatch(/<a[^>]*href="#eq[^"]*"[^>]*>\(1\)<\/a>/);
    expect(text).toContain('costs $5 a row');
    const frame = /<table[^>]*nb-dataframe[\s\S]*?<\/table>/.exec(html)?.[0] ?? '';
    expect(frame).toMatch(/<th[^>]*>[\s\S]*class="katex"/);
    expect(frame).toContain('y &lt; 9 &amp; more');
    expect(frame.match(/<td/g)?.length).toBe(6);
  });

  it('python: shows tasks, a note, the plot and the warning', () => {
    const { html, text } = page('python');
    expect(html.match(/type="checkbox"/g)?.length).toBe(2);
    expect(text).toContain('Note');
    expect(html).toMatch(/<img[^>]*src="data:image\/png;base64,/);
    expect(text).toContain('UserWarning: a warning on stderr');
  });

  it('python-displays: shows each kind of output as what it is', () => {
    const { html, text } = page('python-displays');
    expect(html).toContain('<b>bold</b>');
    expect(html).toContain('<em>Markdown</em>');
    expect(html.match(/class="katex-display/g)?.length).toBe(1);
    expect(html).toMatch(/<img[^>]*src="data:image\/svg\+xml/);
    expect(text).toContain('"answer": [ 42 ]');
    expect(text).toContain('step 3 of 3');
    expect(text).not.toContain('step 2 of 3');
  });

  it('python-displays: names the cell that failed, with exit code 1, and shows the traceback and what follows', () => {
    const { code, stderr, text } = page('python-displays');
    expect(code).toBe(1);
    expect(stderr).toContain('ZeroDivisionError');
    expect(text).toContain('ZeroDivisionError: division by zero');
    expect(text).toContain('Grüße, 数学, עברית');
  });

  it('r: prefers the tables of data frames, with caption and header, and shows the plot', () => {
    const { code, html, text } = page('r');
    expect(code).toBe(0);
    expect(html.match(/<table/g)?.length).toBe(2);
    expect(text).toContain('A data.frame: 3 × 2');
    expect(html).toMatch(/<th[^>]*>Species<\/th>/);
    expect(text).toContain('setosa 5.006 versicolor 5.936 virginica 6.588');
    expect(html).toMatch(/<img[^>]*src="data:image\/png;base64,/);
    expect(text).toContain('0.6511');
  });

  it('typescript: shows printed values, a table, a drawing and the error of tslab’s own kernel', () => {
    const { html, text } = page('typescript');
    expect(text).toContain('[ { n: 1, sum: 1 }, { n: 2, sum: 3 }, { n: 3, sum: 6 } ]');
    expect(html.match(/<tr>|<tr /g)?.length).toBe(4);
    expect(html).toMatch(/<img[^>]*src="data:image\/svg\+xml/);
    expect(text).toContain('RangeError: n is negative');
  });

  it('javascript: shows what scripts return, and a list that is numbered', () => {
    const { code, html, text } = page('javascript');
    expect(code).toBe(0);
    expect(text).toContain('{ to: 2, be: 2, or: 1, not: 1 }');
    expect(text).toContain('4 different words');
    expect(html).toMatch(/<ol>\s*<li>Split it\./);
  });
});
