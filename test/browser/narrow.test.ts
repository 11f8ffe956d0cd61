import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { display } from '../../src/display';
import { figure, PLOTLY_MIME } from '../../src/figures/figure';
import { renderIndexPage } from '../../src/report/index-page';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { reproduce } from '../../src/reproduce';
import { code, notebookOf, prose } from '../notebook/fixtures';
import { axeViolations, DESK, open, PHONE, readThrough, startBrowser } from './pages';

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

it('the front page with the equations reads on a phone without scrolling sideways, its table still one to a screen reader', async () => {
  const front = join(mkdtempSync(join(tmpdir(), 'gmm-vae-front-')), 'index.html');
  writeFileSync(front, renderIndexPage({ reproduce: reproduce(), reports: [] }));
  const { page, complaints, close } = await open(browser, front, PHONE);
  expect(await overflow(page.locator('html'))).toBeLessThanOrEqual(0);
  expect(await overflow(page.locator('.scroll'))).toBeLessThanOrEqual(0);
  const rows = page.getByRole('row');
  expect(await rows.count()).toBe(12);
  for (const row of (await rows.all()).slice(1)) {
    const cells = row.locator('th, td');
    for (const cell of await cells.all()) {
      const box = await cell.boundingBox();
      expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 1e9) <= PHONE.viewport.width).toBe(true);
      expect(await overflow(cell)).toBeLessThanOrEqual(0);
    }
    expect(await row.getByRole('cell').count()).toBe(5);
  }
  expect(await page.getByRole('columnheader').count()).toBe(6);
  const measured = page.locator('[data-name="Measured"]').first();
  expect(await measured.evaluate((cell) => getComputedStyle(cell, '::before').content)).toBe('"Measured"');
  expect(await axeViolations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});

it('on a phone a title that is longer than a line is broken, at every step of a slider, and stands whole above a legend of some rows', async () => {
  const title = (word: string) => `KL(q‖p) = 1.0365 nats, between 0.9292 and 1.2221, with ${word} and ${word} again`;
  const traces = [1, 2, 3, 4, 5].map((k) => ({ type: 'scatter', x: [0, 1], y: [0, k], name: `component ${k}` }));
  const steps = ['one', 'two'].map((label) => {
    return { label, method: 'relayout', args: [{ 'title.text': title(label) }] };
  });
  const layout = { title: { text: title('one') }, sliders: [{ active: 0, steps }] };
  const shown = figure({ data: traces, layout, alt: 'lines' });
  const cell = code('x');
  if (cell.cell_type === 'code') {
    const data = { [PLOTLY_MIME]: shown[display]()[PLOTLY_MIME] };
    cell.outputs.push({ output_type: 'display_data', data, metadata: {} });
  }
  const drawn = join(mkdtempSync(join(tmpdir(), 'gmm-vae-title-')), 'a.html');
  writeFileSync(drawn, renderNotebookPage(notebookOf(cell), { name: 'a' }).html);
  const { page, complaints, close } = await open(browser, drawn, PHONE);
  await readThrough(page);
  for (const word of ['one', 'two']) {
    if (word === 'two') await page.locator('.controls input').fill('1');
    await page.locator('.gtitle', { hasText: word }).waitFor();
    const box = await page.locator('.gtitle').boundingBox();
    const axes = await page.locator('.nsewdrag').first().boundingBox();
    const [plot, legend] = [await page.locator('.plot').boundingBox(), await page.locator('g.legend').boundingBox()];
    expect(box?.y ?? -1, word).toBeGreaterThanOrEqual(plot?.y ?? 1e9);
    expect((box?.y ?? 1e9) + (box?.height ?? 0), word).toBeLessThanOrEqual(legend?.y ?? 0);
    expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 1e9) <= PHONE.viewport.width, word).toBe(true);
    expect((box?.y ?? 1e9) + (box?.height ?? 0), word).toBeLessThanOrEqual(axes?.y ?? 0);
    expect(await page.locator('.gtitle').textContent()).toContain(`with ${word}`);
  }
  expect(complaints).toEqual([]);
  await close();
});

it('on a phone a long legend goes below its figure, words in a map stay legible, and a caption stays beside its scrolled table', async () => {
  const names = ['analytic-entropy', 'component-wise', 'control-variate', 'stratified'];
  const lines = names.map((name) => ({ type: 'scatter', name: `${name}: N^−0.50`, x: [10, 100], y: [0.1, 0.01] }));
  const legend = { orientation: 'v', x: 1.02, y: 1, xanchor: 'left', yanchor: 'top' };
  const map = {
    ...{ type: 'heatmap', x: ['1', '2', '3', '4'], y: ['a', 'b'], text: [names, names], texttemplate: '%{text}' },
    z: [names, names].map((row) => row.map((_, i) => i)),
  };
  const figures = [
    figure({ data: lines, layout: { legend, height: 560 }, alt: 'four lines' }),
    figure({ data: [map], alt: 'a map of words' }),
  ];
  const cell = code('x');
  const wide = `<table><caption>${'A caption of many words. '.repeat(4)}</caption><tbody><tr>${'<td>123456789</td>'.repeat(9)}</tr></tbody></table>`;
  if (cell.cell_type === 'code') {
    for (const shown of figures) {
      const data = { [PLOTLY_MIME]: shown[display]()[PLOTLY_MIME] };
      cell.outputs.push({ output_type: 'display_data', data, metadata: {} });
    }
    cell.outputs.push({ output_type: 'display_data', data: { 'text/html': wide }, metadata: {} });
  }
  const drawn = join(mkdtempSync(join(tmpdir(), 'gmm-vae-phone-')), 'a.html');
  writeFileSync(drawn, renderNotebookPage(notebookOf(cell), { name: 'a' }).html);
  const { page, complaints, close } = await open(browser, drawn, PHONE);
  await readThrough(page);
  const axes = await page.locator('#figure-1 .nsewdrag').first().boundingBox();
  const below = await page.locator('#figure-1 .legend').boundingBox();
  expect(axes?.width).toBeGreaterThan(200);
  expect(below?.y).toBeGreaterThan((axes?.y ?? 0) + (axes?.height ?? 1e9));
  const sizes = await page
    .locator('#figure-2 .heatmap-label text')
    .evaluateAll((all) => all.map((text) => Number.parseFloat(getComputedStyle(text).fontSize)));
  expect(sizes.length).toBe(8);
  for (const size of sizes) expect(size).toBeGreaterThanOrEqual(9);
  const scroller = page.locator('.scroll');
  expect(await overflow(scroller)).toBeGreaterThan(0);
  await scroller.evaluate((box) => box.scrollTo({ left: 200, behavior: 'instant' }));
  const caption = await page.locator('caption').boundingBox();
  const frame = await scroller.boundingBox();
  expect(Math.abs((caption?.x ?? 1e9) - (frame?.x ?? 0))).toBeLessThan(1);
  expect(caption?.width).toBeLessThanOrEqual((frame?.width ?? 0) + 1);
  expect(complaints).toEqual([]);
  await close();
});
