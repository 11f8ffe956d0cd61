import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { display } from '../../src/display';
import { figure } from '../../src/figures/figure';
import { readNotebook } from '../../src/notebook/document/ipynb';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { code, notebookOf, prose } from '../notebook/fixtures';
import { axeViolations, DESK, open, readThrough, startBrowser, unfold } from './pages';

const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-hostile-'));
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

function showing(...bundles: Record<string, unknown>[]) {
  const outputs = bundles.map((data) => ({ output_type: 'display_data' as const, metadata: {}, data }));
  return { ...code('const x = 1;'), cell_type: 'code' as const, execution_count: 1, outputs };
}

const line = figure({ data: [{ type: 'scatter', y: [1, 2, 4] }], alt: 'three points' })[display]();

// What text and outputs may say to be taken for a part of the page.
it.each([
  ['a heading called Plotly', '## Plotly'],
  ['headings called as the page’s own parts', '## Content\n\n## Figure 1\n\n## Table 1'],
  [
    'an image that would be document.querySelectorAll',
    '<img name="querySelectorAll" src="data:image/png;base64,AA==">',
  ],
  [
    'names of properties of document',
    '<a name="getElementById">x</a><a name="documentElement">y</a><a name="fonts">z</a>',
  ],
  ['contents of its own with a broken link', '<div class="toc"><a href="#%">x</a></div>'],
  ['elements named as globals', '<a id="gmmVae">x</a><a id="Plotly">x</a><a id="plotly">x</a><a id="module">x</a>'],
])('with %s, figures are drawn and buttons work', async (_, source) => {
  const notebook = notebookOf(prose(`# Title\n\n${source}`), showing(line, { 'text/html': source }));
  const path = join(folder, 'a.html');
  writeFileSync(path, renderNotebookPage(notebook, { name: 'a' }).html);
  const { page, close } = await open(browser, path, { ...DESK, permissions: ['clipboard-read', 'clipboard-write'] });
  await readThrough(page);
  expect(await page.locator('.figure svg.main-svg').count()).toBeGreaterThan(0);
  const ids = await page.$$eval('[id]', (all) =>
    all.map(({ id }) => id).filter((id) => !/^(plotly-)?(clip|topdefs|defs|legend|global|modebar)/.test(id)),
  );
  expect(ids).toEqual([...new Set(ids)]);
  await page.getByRole('button', { name: 'Show all code' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect.poll(() => page.getByRole('button', { name: 'Copied' }).count()).toBe(1);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const x = 1;');
  await page.getByRole('button', { name: 'Light or dark' }).click();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await close();
});

it.each([DESK, { ...DESK, colorScheme: 'dark' as const }])(
  'an untrusted page satisfies axe, unfolded and in its frames',
  async (screen) => {
    const path = join(folder, 'course.html');
    const course = readNotebook(join(__dirname, '../report/input/course.ipynb'));
    writeFileSync(path, renderNotebookPage(course, { name: 'course', trusted: false }).html);
    const { page, complaints, close } = await open(browser, path, screen);
    await readThrough(page);
    await unfold(page);
    expect(await axeViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  },
);

it('an untrusted output is as high as its content before a click, and neither it nor a figure reaches the network after one', async () => {
  const asking = `<p>quiet</p>${'<p>line</p>'.repeat(40)}<img src="https://example.org/a.png"><style>@import "https://example.org/a.css"</style>
<iframe src="https://example.org/"></iframe>
<script>document.querySelector('p').textContent = 'ran'; fetch('https://example.org/b')</script>`;
  const leaving = '<meta http-equiv="refresh" content="0;url=https://example.org/">';
  const logo = figure({
    data: [{ type: 'scatter', y: [1, 2] }],
    layout: { images: [{ source: 'https://example.org/c.png', x: 0, y: 1, sizex: 1, sizey: 1 }] },
    alt: 'a logo',
  })[display]();
  const path = join(folder, 'untrusted.html');
  const notebook = notebookOf(showing({ 'text/html': asking }, { 'text/html': leaving }, logo));
  writeFileSync(path, renderNotebookPage(notebook, { name: 'untrusted', trusted: false }).html);
  const { page, complaints, close } = await open(browser, path);
  await readThrough(page);
  const frame = page.locator('iframe.frame').first();
  const first = page.frameLocator('iframe.frame').first().locator('p').first();
  // 41 lines of 22 px and their margins.
  await expect.poll(() => frame.evaluate((box) => box.clientHeight)).toBeGreaterThan(900);
  expect(await first.textContent()).toBe('quiet');
  await page.getByRole('button', { name: 'Run the scripts of this output' }).click();
  await expect.poll(() => first.textContent()).toBe('ran');
  // The browser tells of a request that the policy stops too; one that went out would fail for want of a network.
  const failed = () => complaints.filter((text) => text.startsWith('failed'));
  await expect.poll(() => failed().length).toBeGreaterThan(0);
  await page.waitForTimeout(300);
  expect(failed().filter((text) => !text.endsWith(' (csp)'))).toEqual([]);
  await close();
});

it.each([true, false])(
  'no picture’s data runs a script or asks for anything, whether the notebook is trusted (%s) or not',
  async (trusted) => {
    const breaking = '"><script>document.documentElement.dataset.ran="yes"</script><img src="https://example.org/a.png';
    const mimes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
    const path = join(folder, 'pictures.html');
    const text = { ...prose('![a](attachment:a.png)'), attachments: { 'a.png': { 'image/png': breaking } } };
    const outputs = showing(...mimes.map((mime) => ({ [mime]: breaking })), { ...line, 'image/png': breaking });
    writeFileSync(path, renderNotebookPage(notebookOf(text, outputs), { name: 'pictures', trusted }).html);
    const { page, complaints, close } = await open(browser, path);
    await readThrough(page);
    expect(await page.locator('html').getAttribute('data-ran')).toBeNull();
    expect(await page.getByText('is not base64').count()).toBe(mimes.length);
    expect(complaints).toEqual([]);
    await close();
  },
);
