import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { code, notebookOf, prose } from '../notebook/fixtures';
import { DESK, open, PHONE, startBrowser } from './pages';

// What is wider than the page: numbers of equations stay in sight, text wraps, tables of text and equations scroll.
const WIDE = `${Array.from({ length: 24 }, (_, i) => `\\frac{a_{${i}}}{b_{${i}}}`).join(' + ')}`;
const ROWS = '\\begin{align} p &= q \\tag{41} \\\\ x &= '.concat(WIDE, ' \\tag{42} \\end{align}');
const SENTENCE = 'NoClosedFormError: a mixture has no closed form, use quadrature or Monte Carlo instead. '.repeat(5);

function printing(text: string) {
  const cell = code('x');
  if (cell.cell_type === 'code') cell.outputs.push({ output_type: 'stream', name: 'stdout', text });
  return cell;
}

const notebook = notebookOf(
  prose(`$$${WIDE} \\tag{40}$$\n\n${ROWS}\n\n$$e = mc^2 \\tag{43}$$`),
  printing(`${SENTENCE}${'unbroken'.repeat(60)}`),
  printing(`${Array.from({ length: 8 }, () => 'a column      ').join('')}\n`.repeat(4)),
);
const path = join(mkdtempSync(join(tmpdir(), 'gmm-vae-narrow-')), 'narrow.html');

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
  writeFileSync(path, renderNotebookPage(notebook, { name: 'narrow' }).html);
});
afterAll(() => browser?.close());

const overflow = (element: Locator): Promise<number> => element.evaluate((box) => box.scrollWidth - box.clientWidth);

it.each([
  ['a desk', DESK],
  ['a phone', PHONE],
  ['a phone without scripts', { ...PHONE, javaScriptEnabled: false }],
])(
  'on %s every equation number is in sight and covers nothing, long lines wrap and columns scroll',
  async (_, screen) => {
    const { page, complaints, close } = await open(browser, path, screen);
    for (const number of ['(40)', '(41)', '(42)', '(43)']) {
      const tag = page.locator('.katex-tag .mord.text', { hasText: number });
      const box = await tag.boundingBox();
      const main = await page.locator('main').boundingBox();
      expect(box?.x, number).toBeGreaterThan((main?.x ?? 0) + (main?.width ?? 0) / 2);
      expect((box?.x ?? 1e9) + (box?.width ?? 0), number).toBeLessThanOrEqual((main?.x ?? 0) + (main?.width ?? 0) + 1);
      const scroller = await page.locator('.katex-display', { has: tag }).boundingBox();
      expect((scroller?.x ?? 0) + (scroller?.width ?? 1e9), number).toBeLessThanOrEqual((box?.x ?? 0) + 1);
    }
    expect(await overflow(page.locator('.katex-display').first())).toBeGreaterThan(0);
    expect(await overflow(page.locator('pre.stdout').first())).toBeLessThanOrEqual(0);
    if (screen !== DESK) expect(await overflow(page.locator('pre.aligned'))).toBeGreaterThan(0);
    expect(await overflow(page.locator('html'))).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await close();
  },
);
