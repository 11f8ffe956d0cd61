import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseKlSpec } from '../../src/commands/kl/spec';
import { estimateKl } from '../../src/kl/estimate-kl';
import { quadratureKl } from '../../src/kl/quadrature';
import { renderExplorePage } from '../../src/report/explore/page';
import { dragBy, touchBy } from '../live/pointers';
import { fitsAndIsAccessible, TOUCH } from './live-page';
import { DESK, open, PHONE, startBrowser } from './pages';

let browser: Browser;
const path = join(mkdtempSync(join(tmpdir(), 'gmm-vae-explore-')), 'explore.html');

const address = pathToFileURL(path).href;

beforeAll(async () => {
  browser = await startBrowser();
  writeFileSync(path, renderExplorePage());
});
afterAll(() => browser?.close());

const openExplore = async (device: BrowserContextOptions = DESK) => {
  const opened = await open(browser, path, device);
  await explored(opened.page);
  return opened;
};

/** Resolves when the page has computed and drawn all of what it is set to. */
const explored = (page: Page): Promise<void> =>
  page.locator('#explore-estimators[aria-busy=false] tbody tr').first().waitFor({ timeout: 120_000 });

const exactOf = async (page: Page): Promise<number> =>
  Number(/KL\(q‖p\) = (\S+) nats/.exec((await page.locator('#explore-exact').textContent()) ?? '')?.[1]);
const specOf = async (page: Page) =>
  parseKlSpec({ text: (await page.locator('#explore-spec').textContent())!, source: 'the page' });
const estimateOf = async (page: Page, name: string): Promise<number> =>
  Number(await page.locator('#explore-estimators tr', { hasText: name }).first().getAttribute('data-value'));

describe('the page to play with', () => {
  it('gives the library’s numbers to the last digit, and the SPEC that gives them', async () => {
    const { page, complaints, close } = await openExplore();
    await page.getByRole('slider', { name: /^mean = / }).fill('1.5');
    await explored(page);
    const { q, p } = await specOf(page);
    expect(await exactOf(page)).toBe(quadratureKl(q, p));
    for (const estimator of ['antithetic', 'rqmc', 'control-variate'] as const)
      expect(await estimateOf(page, estimator)).toBe(estimateKl(q, p, { estimator, samples: 1024, seed: 1 }).value);
    expect(complaints).toEqual([]);
    await close();
  });

  it('goes into the plane, keeps its state in the address, and comes back to it', async () => {
    const { page, close } = await openExplore();
    await page.getByLabel('Dimensions').selectOption('2');
    await page.getByRole('button', { name: 'Add a component to q' }).click();
    await page.getByRole('slider', { name: 'correlation of component 1' }).first().fill('0.5');
    await explored(page);
    const { q, p } = await specOf(page);
    expect(q.dimension).toBe(2);
    const estimate = await estimateOf(page, 'plain');
    expect(estimate).toBe(estimateKl(q, p, { estimator: 'plain', samples: 1024, seed: 1 }).value);
    const hash = await page.evaluate(() => location.hash);
    await close();
    const { page: again, close: closeAgain } = await open(browser, path, DESK);
    await again.goto(`${address}${hash}`);
    await again.reload();
    await explored(again);
    expect(await estimateOf(again, 'plain')).toBe(estimate);
    expect(await again.getByLabel('Dimensions').inputValue()).toBe('2');
    await closeAgain();
  });

  it('lets a reader drag each component in the figure, on the line by its peak, in the plane by its mean', async () => {
    const { page, complaints, close } = await openExplore();
    const drag = async (name: string, right: number, down: number): Promise<void> => {
      const handle = page.getByRole('slider', { name, exact: true });
      await handle.scrollIntoViewIfNeeded();
      await dragBy(page, handle, right, down);
      await explored(page);
    };
    type Line = { readonly mean: readonly number[]; readonly stddev: readonly number[] };
    const partsOf = async () => {
      const { q, p } = JSON.parse((await page.locator('#explore-spec').textContent())!) as {
        q: Line;
        p: { components: Line[] };
      };
      return { q, second: p.components[1]! };
    };
    await drag('component 2 of p', 60, -30);
    await drag('q', -40, 30);
    const { q, second } = await partsOf();
    expect([second.mean[0]! > 1.3, second.stddev[0]! < 0.8]).toEqual([true, true]);
    expect([q.mean[0]! < 0, q.stddev[0]! > 1]).toEqual([true, true]);
    const spec = await specOf(page);
    expect(await exactOf(page)).toBe(quadratureKl(spec.q, spec.p));
    await page.getByLabel('Dimensions').selectOption('2');
    await explored(page);
    await drag('q', 50, 40);
    const moved = (await partsOf()).q.mean;
    expect([moved[0]! > q.mean[0]!, moved[1]! < 0]).toEqual([true, true]);
    await page.getByRole('slider', { name: 'q', exact: true }).press('ArrowUp');
    await explored(page);
    expect((await partsOf()).q.mean[1]).toBeCloseTo(moved[1]! + 0.05, 10);
    expect(await page.locator('.handle').count()).toBe(3);
    expect(complaints).toEqual([]);
    await close();
  });

  it('is dragged by a finger', async () => {
    const { page, complaints, close } = await openExplore(TOUCH);
    const handle = page.getByRole('slider', { name: 'q', exact: true });
    await handle.scrollIntoViewIfNeeded();
    await touchBy(page, handle, 40, 30);
    await explored(page);
    const { q } = JSON.parse((await page.locator('#explore-spec').textContent())!) as {
      q: { mean: number[]; stddev: number[] };
    };
    expect([q.mean[0]! > 0.3, q.stddev[0]! > 1.1]).toEqual([true, true]);
    expect(complaints).toEqual([]);
    await close();
  });

  it('begins anew where its address says nothing it could show', async () => {
    const { page, close } = await open(browser, path, DESK);
    await page.goto(`${address}#%7B%22q%22%3A1%7D`);
    await page.reload();
    await explored(page);
    expect(Number.isFinite(await exactOf(page))).toBe(true);
    await close();
  });

  const at = async (state: object) => {
    const opened = await open(browser, path, DESK);
    await opened.page.goto(`${address}#${encodeURIComponent(JSON.stringify(state))}`);
    await opened.page.reload();
    await opened.page.locator('#explore-estimators[aria-busy=false]').waitFor({ timeout: 120_000 });
    return opened;
  };
  const normal = (mean: number, stddev: number) => ({ type: 'normal', mean: [mean], stddev: [stddev] });

  it('shows on its controls what an address sets and what is computed, also beyond and between the steps', async () => {
    const { page, close } = await at({ q: normal(10.123, 0.0123), p: normal(10, 1), draws: 100, seed: 7 });
    expect((await page.locator('.reading').allTextContents()).slice(3)).toEqual([
      'mean = 10.12',
      'stddev = 0.0123',
      'mean = 10.00',
      'stddev = 1.00',
    ]);
    expect(await page.getByLabel('Draws').inputValue()).toBe('100');
    const drawn = await page.evaluate(() => {
      const { data } = document.querySelector('#explore-plot') as unknown as {
        data: { name: string; x: number[]; y: number[] }[];
      };
      const { x, y } = data.find(({ name }) => name === 'q')!;
      return { highest: Math.max(...y), at: x[y.indexOf(Math.max(...y))] };
    });
    expect(drawn.highest).toBeCloseTo(1 / (0.0123 * Math.sqrt(2 * Math.PI)), 2);
    expect(drawn.at).toBeCloseTo(10.123, 3);
    await close();
  });

  it('names as winner what is exact, never what is biased, and says what must be known to read a row', async () => {
    const { page, close } = await at({ q: normal(0, 1), p: normal(0.3, 1.05), draws: 1024, seed: 1 });
    const heads = await page.locator('#explore-estimators th[scope=row]').allTextContents();
    expect(heads.filter((head) => head.endsWith('(wins)'))).toEqual(['component-wise (wins)']);
    const notes = await page.locator('#explore-estimators .note').allTextContents();
    expect(notes.some((note) => note.startsWith('k2 is biased'))).toBe(true);
    await close();
  });

  it('shows no number beside distributions that there cannot be', async () => {
    const { page, close } = await openExplore();
    await page.evaluate(() => {
      location.hash = encodeURIComponent(
        JSON.stringify({
          q: { type: 'normal', mean: [0], stddev: [-1] },
          p: { type: 'normal', mean: [0], stddev: [1] },
          draws: 64,
          seed: 1,
        }),
      );
    });
    await page.getByRole('alert').filter({ hasText: 'stddev[0]: expected a finite number > 0' }).waitFor();
    await expect.poll(() => page.locator('#explore-exact').textContent()).toBe('');
    await expect.poll(() => page.locator('#explore-estimators tbody tr').count()).toBe(0);
    await close();
  });

  it('says that it does not follow an address which it cannot read, and no longer once something is set', async () => {
    const { page, close } = await open(browser, path, DESK);
    const told = page.locator('#explore-address');
    await page.goto(`${address}#%7B%22q%22%3A%7B%22type`);
    await page.reload();
    await explored(page);
    expect(await told.textContent()).toContain('cannot be read, perhaps since the link was cut: the page begins anew.');
    await page.getByRole('slider', { name: /^mean = / }).fill('1.5');
    await expect.poll(() => told.textContent()).toBe('');
    const { q } = await specOf(page);
    await page.evaluate(() => {
      location.hash = 'nonsense';
    });
    await expect
      .poll(() => told.textContent())
      .toContain('cannot be read, perhaps since the link was cut: the page stays');
    expect((await specOf(page)).q).toEqual(q);
    await page.evaluate(() => {
      location.hash = 'take';
    });
    await expect.poll(() => told.textContent()).toBe('');
    await close();
  });

  it('lays no control on another, in the plane either', async () => {
    const { page, close } = await openExplore();
    await page.getByLabel('Dimensions').selectOption('2');
    await explored(page);
    for (const width of [390, 760, 900, 1100, 1280, 1500]) {
      await page.setViewportSize({ width, height: 900 });
      const boxes = await page.locator('fieldset label, fieldset button').evaluateAll((elements) =>
        elements.map((element) => {
          // What a label holds, which may be wider than the label.
          const parts = [element, ...element.children].map((part) => part.getBoundingClientRect());
          const { top, bottom } = parts[0]!;
          const left = Math.min(...parts.map((part) => part.left));
          const right = Math.max(...parts.map((part) => part.right));
          return { left, right, top, bottom };
        }),
      );
      const overlaps = boxes.flatMap((a, i) =>
        boxes
          .slice(i + 1)
          .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
          .map((b) => [a, b]),
      );
      expect(overlaps, `${width} pixels wide`).toEqual([]);
    }
    await close();
  });

  it('fits a phone, and axe finds nothing', async () => {
    for (const device of [DESK, PHONE]) {
      const { page, close } = await openExplore(device);
      await fitsAndIsAccessible(page);
      await close();
    }
  });
});
