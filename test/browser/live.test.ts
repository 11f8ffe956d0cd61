import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { klDivergence } from '../../src/kl/closed-form';
import { runNotebook } from '../../src/notebook/runner/run';
import { buildReports } from '../../src/report/build';
import type { BuildResult } from '../../src/report/build-options';
import { reportOf } from '../live/three-figures';
import { code, notebookOf, prose, writeFixture } from '../notebook/fixtures';
import { fitsAndIsAccessible, settled as settledIn } from './live-page';
import { DESK, open, PHONE, startBrowser } from './pages';

const CELLS = [
  prose('# Live\n\nWhat a reader drags is computed.'),
  code(`import { button, checkbox, densityFigure, estimateKl, GaussianMixture, interact, klBounds, klDivergence, linspace, Normal, play, quadratureKl, sandwichFigure, runningEstimateFigure, select, slider, text } from 'gmm-vae';
const priors = { narrow: new Normal(0, 0.5), wide: new Normal(0, 2) };
const modes = new GaussianMixture([0.3, 0.7], [new Normal(-2, 0.5), new Normal(1, 0.8)]);
const scale = new Map([['one', 1]]);
function shift(x: number): number { return x * scale.get('one')!; }`),
  code(`interact({ mean: slider(-3, 3), prior: select(['narrow', 'wide']), fail: checkbox() }, async ({ mean, prior, fail }) => {
  if (fail) throw new RangeError('no <figure>');
  const q = new Normal(await shift(mean), 1);
  return densityFigure(q, priors[prior], { kl: klDivergence(q, priors[prior]) });
});`),
  code(`interact({ sigma: slider(0.2, 3, { step: 0.1 }) }, ({ sigma }) => {
  const x = linspace(-3, 3, 25);
  const qs = x.map((mean) => new Normal(mean, sigma));
  const bounds = qs.map((q) => klBounds(q, modes));
  return sandwichFigure({ x: [...x], parameter: 'mean of q', lower: bounds.map((b) => b.lower), upper: bounds.map((b) => b.upper), exact: qs.map((q) => quadratureKl(q, modes)) });
});`),
  code(`interact({ draws: play(2, 2000), seed: text('1'), again: button('Draw again') }, ({ draws, seed, again }) =>
  estimateKl(new Normal(0, 1), modes, { estimator: 'plain', samples: draws, seed: Number(seed) + again }).value);`),
  code(`import { readFileSync } from 'node:fs';
interact({ x: slider(0, 1), word: select(['a', 'b']), fixed: text('t') }, ({ x, word, fixed }) => {
  if (x === 1) throw new RangeError(\`no \${word}\`);
  return \`\${readFileSync('/etc/passwd').length > 0} \${x} \${word} \${fixed}\`;
});`),
  code(`interact({ x: slider(0, 1) }, async ({ x }) => {
  await new Promise((done) => setTimeout(done, 5));
  if (x === 0) throw new RangeError('zero');
  return \`\${readFileSync('/etc/passwd').length > 0} \${x}\`;
});`),
];

let browser: Browser;
let report: BuildResult;
let path: string;

beforeAll(async () => {
  browser = await startBrowser();
  const outputDir = mkdtempSync(join(tmpdir(), 'gmm-vae-live-'));
  report = await buildReports({
    notebooks: [writeFixture(notebookOf(...CELLS), 'live.ipynb')],
    outputDir,
    jobs: 1,
    execute: async (notebook) => {
      const { notebook: executed, error } = await runNotebook(notebook);
      expect(error).toBeUndefined();
      return { notebook: executed };
    },
    reproduce: () => [],
  });
  path = join(outputDir, 'live.html');
});
afterAll(() => browser?.close());

/** Resolves when a live cell has shown what its controls stand at. */
const openLive = async (device = DESK) => {
  const opened = await open(browser, path, device);
  opened.page.setDefaultTimeout(120_000);
  return opened;
};

const settled = (page: Page, cell: number, act: () => Promise<unknown>): Promise<void> =>
  settledIn(page.locator('.live').nth(cell), act);

const said = (mean: number, stddev: number): string =>
  `KL(q‖p) = ${klDivergence(new Normal(mean, 1), new Normal(0, stddev)).toFixed(4)} nats`;

describe('a live cell in a report', () => {
  it('computes in the page, from its file, what a reader drags and chooses', async () => {
    const { page, complaints, close } = await openLive();
    const range = page.getByRole('slider', { name: 'mean' });
    await range.scrollIntoViewIfNeeded();
    const title = page.locator('.live-shown').first().locator('.gtitle');
    await title.waitFor();
    expect(await title.textContent()).toBe(said(0, 0.5));
    const box = (await range.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    for (let i = 1; i <= 20; i++) await page.mouse.move(box.x + box.width * (0.5 + i / 60), box.y + box.height / 2);
    await page.mouse.up();
    const mean = Number(await range.inputValue());
    expect(mean).toBeGreaterThan(1);
    const shows = (text: string) =>
      page.waitForFunction((wanted) => document.querySelector('.live-shown .gtitle')?.textContent === wanted, text);
    await shows(said(mean, 0.5));
    await page.getByLabel('prior').selectOption('wide');
    await shows(said(mean, 2));
    expect(complaints).toEqual([]);
    await close();
  });

  it('moves by keyboard, names its value, and says errors below its controls, which go on', async () => {
    const { page, complaints, close } = await openLive();
    const range = page.getByRole('slider', { name: 'mean' });
    await settled(page, 0, () => range.press('ArrowRight'));
    expect(await range.getAttribute('aria-valuetext')).toBe('mean = 0.1');
    await page.waitForFunction(
      (wanted) => document.querySelector('.live-shown .gtitle')?.textContent === wanted,
      said(0.1, 0.5),
    );
    await settled(page, 0, () => page.getByLabel('fail').check());
    expect(await page.locator('.live-error').first().textContent()).toBe('RangeError: no <figure>');
    await settled(page, 0, () => page.getByLabel('fail').uncheck());
    expect(await page.locator('.live-error').first().textContent()).toBe('');
    expect(complaints).toEqual([]);
    await close();
  });

  it('gives the numbers that the kernel gives, to the last digit', async () => {
    const { page, close } = await openLive();
    const shown = page.locator('.live-shown').nth(2).locator('pre');
    const first = await shown.textContent();
    await settled(page, 2, () => page.getByRole('button', { name: 'Draw again' }).click());
    expect(await shown.textContent()).not.toBe(first);
    await settled(page, 2, () => page.getByLabel('seed').fill('0'));
    // One click on seed 0 is seed 1 again: the kernel's own number, which stood there at first.
    expect(await shown.textContent()).toBe(first);
    await close();
  });

  it('is usable on a phone, and axe finds nothing', async () => {
    for (const device of [DESK, PHONE]) {
      const { page, close } = await openLive(device);
      await settled(page, 0, () => page.getByRole('slider', { name: 'mean' }).press('ArrowRight'));
      await fitsAndIsAccessible(page);
      await close();
    }
  });

  it('is a still picture without scripts and on paper, without controls', async () => {
    const { page, close } = await open(browser, path, { ...DESK, javaScriptEnabled: false });
    expect(await page.locator('.live input, .live select, .live button').count()).toBe(0);
    expect(await page.locator('.live .plot').first().isVisible()).toBe(true);
    await close();
    const { page: paper, close: closePaper } = await openLive();
    await paper.getByRole('slider', { name: 'mean' }).waitFor();
    await paper.emulateMedia({ media: 'print' });
    expect(await paper.locator('.live-controls').first().isVisible()).toBe(false);
    await closePaper();
  });

  it('that a page cannot compute says so in one line when the report is built, and shows frames', async () => {
    const [built] = report.reports;
    expect(built?.notes).toEqual([
      {
        cell: 6,
        message: expect.stringMatching(/^this cell shows 50 frames that were computed before: `readFileSync`: .*$/),
      },
      {
        cell: 7,
        message: expect.stringMatching(/^this cell shows 25 frames that were computed before: `readFileSync`: .*$/),
      },
    ]);
    const { page, complaints, close } = await openLive();
    const live = page.locator('.live').nth(3);
    const shown = live.locator('pre');
    expect(await shown.textContent()).toBe('true 0.5 a t');
    // What no frame was computed for has no control.
    expect(await live.locator('.live-controls input, .live-controls select').count()).toBe(2);
    await settled(page, 3, () => live.getByLabel('word').selectOption('b'));
    expect(await shown.textContent()).toBe('true 0.5 b t');
    const range = live.getByRole('slider', { name: 'x' });
    await settled(page, 3, () => range.press('Home'));
    expect(await shown.textContent()).toBe('true 0 b t');
    await settled(page, 3, () => range.press('ArrowRight'));
    expect(await shown.textContent()).toBe('true 0.04 b t');
    await settled(page, 3, () => range.press('End'));
    expect(await live.locator('.live-error').textContent()).toBe('RangeError: no b');
    await settled(page, 3, () => range.press('ArrowLeft'));
    expect(await live.locator('.live-error').textContent()).toBe('');
    // An asynchronous callback is waited for at each place.
    const later = page.locator('.live').nth(4);
    expect(await later.locator('pre').textContent()).toBe('true 0.5');
    const moved = later.getByRole('slider', { name: 'x' });
    await settled(page, 4, () => moved.press('End'));
    expect(await later.locator('pre').textContent()).toBe('true 1');
    await settled(page, 4, () => moved.press('Home'));
    expect(await later.locator('.live-error').textContent()).toBe('RangeError: zero');
    expect(complaints).toEqual([]);
    await close();
    expect(built?.problems).toEqual([]);
    expect(report.ok).toBe(true);
  });

  it('moves through its frames in a page that computes nothing', async () => {
    const cell = `import { readFileSync } from 'node:fs';
import { densityFigure, interact, klDivergence, Normal, slider } from 'gmm-vae';
interact({ mean: slider(-2, 2) }, ({ mean }) => {
  const [q, p] = [new Normal(mean, readFileSync('/etc/passwd').length > 0 ? 1 : 2), new Normal(0, 1)];
  return densityFigure(q, p, { kl: klDivergence(q, p) });
});`;
    const { page, complaints, close } = await open(browser, await reportOf([cell]), DESK);
    expect(await page.locator('#live-worker').count()).toBe(0);
    const range = page.getByRole('slider', { name: 'mean' });
    await range.scrollIntoViewIfNeeded();
    await page.locator('.gtitle').waitFor();
    await range.press('Home');
    const wanted = `KL(q‖p) = ${klDivergence(new Normal(-2, 1), new Normal(0, 1)).toFixed(4)} nats`;
    await expect.poll(() => page.locator('.gtitle').textContent()).toBe(wanted);
    expect(complaints).toEqual([]);
    await close();
  });

  it('costs a page less than 250 KB', () => {
    const worker = /<script type="text\/plain" id="live-worker">([\s\S]*?)<\/script>/.exec(readFileSync(path, 'utf8'));
    expect(worker?.[1]?.length).toBeGreaterThan(1000);
    expect(worker?.[1]?.length).toBeLessThan(250_000);
  });
});
