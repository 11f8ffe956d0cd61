import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLOTLY_MIME } from '../../src/figures/figure';
import { type Notebook, readNotebook, writeNotebook } from '../../src/notebook/document/ipynb';
import { findBrowser } from '../../src/report/browser';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { printPdf } from '../../src/report/pdf';
import { addPictures } from '../../src/report/pictures';
import { DESK, open, readThrough, startBrowser } from './pages';

const LECTURE = join(__dirname, '../report/input/lecture.ipynb');
const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-paper-'));

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

function writePage(name: string, notebook: Notebook, trusted = true): string {
  const path = join(folder, `${name}.html`);
  writeFileSync(path, renderNotebookPage(notebook, { name, trusted }).html);
  return path;
}

/** What a tool of poppler-utils prints about a PDF. */
const poppler = (tool: string, ...args: string[]): string =>
  execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 1e8 });

interface Word {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly text: string;
}

function wordsOf(pdf: string): Word[] {
  const found = poppler('pdftotext', '-bbox', pdf, '-').matchAll(
    /xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)<\/word>/g,
  );
  return [...found].map(([, left, top, right, bottom, text = '']) => ({
    ...{ left: Number(left), top: Number(top), right: Number(right), bottom: Number(bottom), text },
  }));
}

/** Words outside the margins: 18 mm at the sides, 20 above, 22 below, where the page's number stands. A letter's box may stand out by 2 points. */
function outside(pdf: string): Word[] {
  const [width, height, mm] = [595, 842, 72 / 25.4];
  return wordsOf(pdf).filter(({ left, top, right, bottom, text }) => {
    const isFooter = top > height - 22 * mm && /^(\d+|\/)$/.test(text);
    const isIn =
      left > 18 * mm - 2 && right < width - 18 * mm + 2 && top > 20 * mm - 2 && bottom < height - 22 * mm + 2;
    return !isFooter && !isIn;
  });
}

describe('a report as PDF', () => {
  let pdf: string;
  beforeAll(async () => {
    pdf = join(folder, 'lecture.pdf');
    writeFileSync(pdf, await printPdf(browser, writePage('lecture', readNotebook(LECTURE))));
  });

  it('has A4 pages with numbers, tags and an outline', () => {
    const info = poppler('pdfinfo', pdf);
    const pages = Number(/Pages:\s*(\d+)/.exec(info)?.[1]);
    expect(pages).toBeGreaterThanOrEqual(3);
    expect(info).toMatch(/Page size:\s*59[45](\.\d+)? x 84[12](\.\d+)? pts \(A4\)/);
    expect(info).toMatch(/Tagged:\s*yes/);
    expect(poppler('pdftotext', '-f', '2', '-l', '2', pdf, '-')).toMatch(new RegExp(`^2 ?/ ?${pages}$`, 'm'));
  });

  it('has contents whose numbers are those of the pages on which the sections begin', async () => {
    const words = 'Words of a paragraph. '.repeat(150);
    const sections = Array.from(
      { length: 9 },
      (_, i) => `## Über ${'x'.repeat(i)} $a_${i}$ part${i}\n\n${words}\n\n${words}`,
    );
    const cell = { cell_type: 'markdown' as const, metadata: {}, source: `# T\n\n${sections.join('\n\n')}` };
    const path = join(folder, 'sections.pdf');
    const page = writePage('sections', { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] });
    writeFileSync(path, await printPdf(browser, page));
    const [first = '', ...pages] = poppler('pdftotext', '-layout', path, '-').split('\f');
    const said = sections.map((_, i) => Number(new RegExp(`part${i}[\\s\\u200b]+(\\d+)`).exec(first)?.[1]));
    // Those that begin on the page of the contents stand there twice.
    const found = sections.map((_, i) => {
      const at = pages.findIndex((text) => text.includes(`part${i}`));
      return at < 0 ? 1 : at + 2;
    });
    expect(said).toEqual(found);
    expect(Math.max(...said)).toBeGreaterThan(5);
  });

  it('is tagged: headings, lists, tables and figures with their words, and says its language and title', () => {
    const structure = poppler('pdfinfo', '-struct', pdf);
    for (const tag of ['H1', 'H2', 'P', 'L', 'LI', 'Table', 'TR', 'TH', 'TD', 'Figure', 'Link'])
      expect(structure, tag).toMatch(new RegExp(`^\\s*${tag}\\b`, 'm'));
    const source = readFileSync(pdf, 'latin1');
    expect(source).toMatch(/\/Lang \(en\)/);
    expect(source).toMatch(/\/DisplayDocTitle true/);
    const figures = [
      ...[source]
        .flat()
        .join('')
        .matchAll(/\/S \/Figure\s+(\S+)/g),
    ].map(([, next]) => next);
    expect(figures.length).toBeGreaterThan(4);
    expect(figures.filter((next) => next !== '/Alt')).toEqual([]);
    expect(source).toMatch(/\/Outlines \d+ 0 R/);
  });

  it('has the words of every formula among its tags: its TeX', () => {
    const formulas = readNotebook(LECTURE).cells.flatMap(({ cell_type, source }) =>
      cell_type === 'markdown'
        ? [
            ...[source]
              .flat()
              .join('')
              .matchAll(/(?<!\\)\$([^$\n]+)\$(?!\$)/g),
          ].map((match) => match[1] as string)
        : [],
    );
    const written = readFileSync(pdf, 'latin1');
    const simple = formulas.filter((tex) => /^[\x20-\x7e]+$/.test(tex) && !/[\\()]/.test(tex));
    expect(simple.length).toBeGreaterThan(0);
    for (const tex of simple) expect(written, tex).toContain(`/Alt (${tex})`);
  });

  it('has every figure as vectors: its labels are text, and the only pixels are pictures that were pixels', () => {
    const text = poppler('pdftotext', pdf, '-');
    for (const label of ['∂KL/∂σ', 'differences of the integral', 'Figure 3.', 'Table 1.'])
      expect(text).toContain(label);
    const images = poppler('pdfimages', '-list', pdf).trim().split('\n').slice(2);
    expect(images.length).toBeLessThanOrEqual(3);
  });

  it('keeps everything inside the margins', () => {
    expect(wordsOf(pdf).length).toBeGreaterThan(200);
    expect(outside(pdf)).toEqual([]);
  });

  it('shows code that is folded on the screen, and opens no page with a caption torn from its figure', () => {
    expect(poppler('pdftotext', '-layout', pdf, '-')).toContain(
      "import { integrandFigure, Normal, klDivergence } from 'gmm-vae';",
    );
    const pages = poppler('pdftotext', pdf, '-').split('\f');
    for (const page of pages) expect(page.trimStart()).not.toMatch(/^Figure \d/);
  });

  it('is the same bytes twice, wherever the page lies, where dates are left out', async () => {
    const page = writePage('lecture', readNotebook(LECTURE));
    const elsewhere = join(mkdtempSync(join(tmpdir(), 'gmm-vae-elsewhere-')), 'lecture.html');
    writeFileSync(elsewhere, readFileSync(page));
    const [one, two] = [
      await printPdf(browser, page, { reproducible: true }),
      await printPdf(browser, elsewhere, { reproducible: true }),
    ];
    expect(one.equals(two)).toBe(true);
    // No link tells where the page lay; those within it still lead somewhere.
    expect(one.includes('file://')).toBe(false);
    expect(one.includes('/Dest')).toBe(true);
  });
});

describe('what is larger than the paper', () => {
  const row = (cells: string[], name: string): string =>
    `<tr>${cells.map((text) => `<${name}>${text}</${name}>`).join('')}</tr>`;
  const table = (rows: number, columns: number): string => {
    const names = Array.from({ length: columns }, (_, c) => `column${c}`);
    const body = Array.from({ length: rows }, (_, r) =>
      row(
        names.map((_, c) => `r${r}c${c}`),
        'td',
      ),
    );
    return `<table><thead>${row(names, 'th')}</thead><tbody>${body.join('')}</tbody></table>`;
  };
  const shown = (data: Record<string, unknown>) => ({ output_type: 'display_data' as const, metadata: {}, data });
  // A picture of 200 × 3000, a table over pages, and one in a frame that is wider than the paper.
  const tall =
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="3000"><text y="30">TOP</text><text y="2990">END</text></svg>';
  const outputs = [
    shown({ 'image/svg+xml': tall }),
    shown({ 'text/html': table(100, 4) }),
    shown({ 'text/html': `<style>td{color:navy}</style>${table(3, 30)}` }),
  ];

  it.each([true, false])(
    'fits it, or breaks between its rows; every word is there once (trusted: %s)',
    async (trusted) => {
      const cell = { cell_type: 'code' as const, metadata: {}, source: '', execution_count: 1, outputs };
      const page = writePage('large', { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }, trusted);
      const pdf = join(folder, 'large.pdf');
      writeFileSync(pdf, await printPdf(browser, page));
      expect(outside(pdf)).toEqual([]);
      const texts = wordsOf(pdf).map(({ text }) => text);
      for (const text of ['r0c0', 'r99c3', 'r2c29']) expect(texts, text).toContain(text);
      expect(texts.filter((text) => /^r\d+c\d+$/.test(text))).toHaveLength(100 * 4 + 3 * 30);
      const pages = poppler('pdftotext', pdf, '-').split('\f');
      expect(pages.findIndex((text) => text.includes('TOP'))).toBe(pages.findIndex((text) => text.includes('END')));
      expect(pages.findIndex((text) => text.includes('TOP'))).toBeGreaterThanOrEqual(0);
    },
  );
});

describe('still pictures', () => {
  const one = readNotebook(LECTURE);
  let added: number;
  beforeAll(async () => {
    added = await addPictures(browser, one);
  });

  it('stand beside every figure as self-contained SVG, the same bytes every time', async () => {
    const two = readNotebook(LECTURE);
    expect([added, await addPictures(browser, two)]).toEqual([3, 3]);
    expect(one).toEqual(two);
    const bundles = one.cells
      .flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []))
      .flatMap((output) => ('data' in output ? [output.data] : []));
    const drawn = bundles.filter((data) => data[PLOTLY_MIME]);
    for (const { 'image/svg+xml': svg } of drawn) {
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>$/);
      expect(svg).not.toMatch(/<script|href="http/);
    }
    expect(await addPictures(browser, one)).toBe(0);
  });

  it('leave the notebook valid by nbformat’s own check', async () => {
    const path = join(folder, 'pictures.ipynb');
    writeNotebook(path, one);
    const python = process.env.JUPYTER_PYTHON ?? '/usr/bin/python3';
    execFileSync(python, ['-c', 'import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], 4))', path]);
  });

  it('are what a reader without scripts sees', async () => {
    const path = writePage('still', one);
    expect(readFileSync(path).length).toBeLessThan(4_000_000);
    const { page, complaints, close } = await open(browser, path, { ...DESK, javaScriptEnabled: false });
    const sizes = await page
      .locator('img.static')
      .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
    expect(sizes).toHaveLength(3);
    for (const width of sizes) expect(width).toBeGreaterThan(600);
    expect(complaints).toEqual([]);
    await close();
  });
});

describe('an untrusted page', () => {
  it('runs a script of an output only after a click', async () => {
    const source = '<p id="told">quiet</p><script>document.getElementById("told").textContent = "ran"</script>';
    const output = { output_type: 'display_data' as const, metadata: {}, data: { 'text/html': source } };
    const cell = { cell_type: 'code' as const, metadata: {}, source: 'x', execution_count: 1, outputs: [output] };
    const path = writePage('untrusted', { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }, false);
    const { page, close } = await open(browser, path);
    const told = page.frameLocator('iframe').locator('#told');
    expect(await told.textContent()).toBe('quiet');
    await page.getByRole('button', { name: 'Run the scripts of this output' }).click();
    await expect.poll(() => told.textContent()).toBe('ran');
    await close();
  });
});

describe('the text of a notebook', () => {
  it('cannot run anything, ask for anything or break the page, trusted or not', async () => {
    const told = '<script>window.ran = true</script><img src="x.png" onerror="window.ran = true">';
    const source = `# Text\n\n</div></main><style>main{display:none}</style>${told}\n\n<div class="figure">no figure</div>\n\n![a](https://example.org/a.png)`;
    const output = { output_type: 'display_data' as const, metadata: {}, data: { 'text/markdown': source } };
    const cells: Notebook['cells'] = [
      { cell_type: 'markdown', metadata: {}, source },
      { cell_type: 'code', metadata: {}, source: 'x', execution_count: 1, outputs: [output] },
      ...readNotebook(LECTURE).cells,
    ];
    for (const trusted of [true, false]) {
      const path = writePage('text', { nbformat: 4, nbformat_minor: 5, metadata: {}, cells }, trusted);
      const { page, complaints, close } = await open(browser, path);
      await readThrough(page);
      expect(await page.evaluate(() => 'ran' in window)).toBe(false);
      expect(await page.locator('main').isVisible()).toBe(true);
      expect(await page.locator('main #figure-3').count()).toBe(1);
      expect(complaints).toEqual([]);
      await close();
    }
  });
});

describe('the browser', () => {
  it('is the one CHROME_PATH names; a wrong name is an error, none at all is undefined', () => {
    expect(() => findBrowser({ CHROME_PATH: '/no/such/browser' })).toThrow(
      "CHROME_PATH: expected a browser's program file, got /no/such/browser",
    );
    expect(findBrowser({ CHROME_PATH: process.execPath })).toBe(process.execPath);
  });
});
