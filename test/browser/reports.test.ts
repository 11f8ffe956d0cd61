import { basename } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inParallel } from '../../src/notebook/runner/in-parallel';
import {
  axeViolations,
  buildPages,
  DESK,
  type OpenPage,
  open,
  PHONE,
  readThrough,
  startBrowser,
  unfold,
} from './pages';

let browser: Browser;
let pages: string[];
beforeAll(async () => {
  browser = await startBrowser();
  pages = await buildPages();
});
afterAll(() => browser?.close());

/** Runs a check on every page, naming the page in what fails. */
async function onEveryPage(
  options: Parameters<typeof open>[2],
  check: (opened: OpenPage, name: string) => Promise<void>,
) {
  expect(pages.length).toBeGreaterThanOrEqual(3);
  await inParallel(pages, 2, async (path) => {
    const opened = await open(browser, path, options);
    try {
      await readThrough(opened.page);
      await check(opened, basename(path));
    } finally {
      await opened.close();
    }
  });
}

async function onPage(name: string, options: Parameters<typeof open>[2], check: (page: Page) => Promise<void>) {
  const path = pages.find((page) => basename(page) === `${name}.html`) ?? '';
  const opened = await open(browser, path, options);
  try {
    await check(opened.page);
    expect(opened.complaints).toEqual([]);
  } finally {
    await opened.close();
  }
}

/** A page opened in the dark is switched to light as well, of which only the colours are another page's. */
const SCREENS = {
  'a desk at 1280 px, in the dark and in the light': { ...DESK, colorScheme: 'dark' as const },
  'a phone at 390 px': PHONE,
};

/** Switches a page that is read through to the light; resolves once every figure has been given its ink. */
async function lighten(page: Page): Promise<void> {
  const painted = await page.evaluateHandle(() => {
    type Plot = Element & { once(event: string, then: () => void): void };
    const plots = [...document.querySelectorAll<Plot>('.figure:has(> script.plot-data) .plot.js-plotly-plot')];
    return { all: Promise.all(plots.map((plot) => new Promise<void>((done) => plot.once('plotly_relayout', done)))) };
  });
  await page.emulateMedia({ colorScheme: 'light' });
  await painted.evaluate(({ all }) => all);
}

describe.each(Object.entries(SCREENS))('every page on %s', (_, options) => {
  it('asks for nothing, complains of nothing, draws every figure, fits the screen and satisfies axe (WCAG 2.1 A and AA)', async () => {
    await onEveryPage(options, async ({ page, complaints }, name) => {
      // The hostile page's framed script is refused access to the page, as it should be.
      const unexpected = () =>
        complaints.filter((text) => !(name === 'hostile.html' && /cross-origin frame|sandboxed/.test(text)));
      expect(unexpected(), name).toEqual([]);
      const sizes = await page.$$eval('.plot', (plots) =>
        plots.map((plot) => [...plot.querySelectorAll('svg.main-svg')].map((svg) => svg.getBoundingClientRect())[0]),
      );
      for (const size of sizes)
        expect(size, name).toMatchObject({ width: expect.any(Number), height: expect.any(Number) });
      for (const size of sizes) expect(Math.min(size?.width ?? 0, size?.height ?? 0), name).toBeGreaterThan(200);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBeLessThanOrEqual(0);
      await unfold(page);
      expect(await axeViolations(page), name).toEqual([]);
      if (options === PHONE) return;
      await lighten(page);
      expect(await axeViolations(page, ['color-contrast', 'link-in-text-block']), name).toEqual([]);
      expect(unexpected(), name).toEqual([]);
    });
  });
});

describe('a page', () => {
  it('has all its maths typeset: no raw TeX, no KaTeX error, the fonts loaded from inside', async () => {
    await onPage('lecture', DESK, async (page) => {
      const text = await page.$eval('main', (main) => {
        const copy = main.cloneNode(true) as HTMLElement;
        for (const hidden of copy.querySelectorAll('.katex-mathml, pre, code, script')) hidden.remove();
        return copy.textContent ?? '';
      });
      expect(text).not.toMatch(/\$|\\(frac|mathrm|begin|tag)/);
      expect(await page.locator('.katex-error, .maths-error').count()).toBe(0);
      expect(await page.locator('.katex').count()).toBeGreaterThan(10);
      const fonts = await page.evaluate(() => [...document.fonts].map(({ family, status }) => `${family} ${status}`));
      expect(fonts.filter((font) => font.endsWith('error'))).toEqual([]);
      expect(fonts).toContain('KaTeX_Math loaded');
    });
  });

  it('moves its figures with sliders, by keyboard', async () => {
    await onPage('lecture', DESK, async (page) => {
      await readThrough(page);
      const figure = page.locator('#figure-1');
      const curve = () => figure.locator('.scatterlayer path.js-line').first().getAttribute('d');
      const before = await curve();
      const slider = figure.getByRole('slider');
      expect(await slider.getAttribute('aria-valuetext')).toBe('σ = 1.25');
      await slider.focus();
      await page.keyboard.press('ArrowRight');
      await expect.poll(curve).not.toBe(before);
      expect(await slider.getAttribute('aria-valuetext')).toBe('σ = 2.00');
      await expect.poll(() => figure.locator('.gtitle').textContent()).toContain('KL(q‖p) =');
    });
  });

  it('shows the buttons of a figure to the keyboard, and names them', async () => {
    await onPage('lecture', DESK, async (page) => {
      await readThrough(page);
      const bar = page.locator('#figure-1 .modebar');
      const button = bar.locator('button').first();
      await button.focus();
      await expect.poll(() => bar.evaluate((box) => getComputedStyle(box).opacity)).toBe('1');
      expect(await button.getAttribute('aria-label')).toMatch(/\w/);
    });
  });

  it('redraws figures in the ink of a dark page, by preference and by button', async () => {
    const ink = (page: Page) =>
      page
        .locator('#figure-1 .xtick text')
        .first()
        .evaluate((text) => getComputedStyle(text).fill);
    await onPage('lecture', DESK, async (page) => {
      await readThrough(page);
      expect(await ink(page)).toBe('rgb(29, 31, 35)');
      await page.emulateMedia({ colorScheme: 'dark' });
      await expect.poll(() => ink(page)).toBe('rgb(230, 228, 223)');
      await page.getByRole('button', { name: 'Light or dark' }).click();
      await expect.poll(() => ink(page)).toBe('rgb(29, 31, 35)');
    });
  });

  it('keeps the contents in step with the reader and shows all code at a press', async () => {
    await onPage('lecture', DESK, async (page) => {
      await page.locator('#numbers').evaluate((heading) => heading.scrollIntoView({ behavior: 'instant' }));
      await expect.poll(() => page.locator('.toc [aria-current]').textContent()).toBe('Numbers');
      await page.getByRole('button', { name: 'Show all code' }).click();
      expect(await page.locator('details.code:not([open])').count()).toBe(0);
    });
  });

  it('draws nothing far below the fold before the reader comes near', async () => {
    await onPage('lecture', PHONE, async (page) => {
      await page.waitForTimeout(500);
      expect(await page.locator('#figure-3 svg.main-svg').count()).toBe(0);
    });
  });

  it('cannot be broken or left by the HTML of an output', async () => {
    const path = pages.find((page) => basename(page) === 'hostile.html') ?? '';
    const { page, close } = await open(browser, path);
    await readThrough(page);
    expect(await page.locator('main').count()).toBe(1);
    expect(await page.locator('main > h2').count()).toBe(3);
    expect(await page.locator('body').count()).toBe(1);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await expect
      .poll(() =>
        page
          .locator('iframe.frame')
          .first()
          .evaluate((frame) => frame.clientHeight),
      )
      .toBeLessThan(80);
    await close();
  });

  it('reads without scripts: text, maths, code and the words of every figure', async () => {
    await onPage('lecture', { ...DESK, javaScriptEnabled: false }, async (page) => {
      const words = await page.locator('noscript').allTextContents();
      expect(words.length).toBe(3);
      expect(await page.getByRole('button').count()).toBe(0);
    });
  });
});
