// Draws docs/images/reports.png, the picture of the front page, from built reports: `npx gmm-vae report`, then
// `npx vite-node tools/front-picture.ts`, with an installed Chromium, Chrome or Edge. Another folder than reports/ is the argument.
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import sharp, { type OverlayOptions } from 'sharp';
import { findBrowser, launchBrowser } from '../src/report/browser';

const OUTPUT = join(__dirname, '..', 'docs', 'images', 'reports.png');
/** Pages, and the figure that is seen on each. */
const SEEN = [
  ['01-closed-form-kl', '#fig-directions'],
  ['02-gmm-prior', '#fig-aggregated'],
  ['04-train-gmm-vae', '#fig-latent'],
] as const;
const PAGE = { width: 700, height: 860 };
const GAP = 16;

/** A page as it is around a figure. */
async function picture(browser: Browser, file: string, figure: string): Promise<Buffer> {
  const context = await browser.newContext({ offline: true, viewport: PAGE, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  const seen = page.locator(figure);
  await seen.scrollIntoViewIfNeeded();
  await seen.locator('.main-svg').first().waitFor();
  await page.evaluate((selector) => {
    const { document, scrollTo, scrollY } = globalThis as unknown as {
      document: { querySelector(css: string): { getBoundingClientRect(): { bottom: number } } };
      scrollTo(options: object): void;
      scrollY: number;
    };
    const { bottom } = document.querySelector(selector).getBoundingClientRect();
    scrollTo({ top: scrollY + bottom - 800, behavior: 'instant' });
  }, figure);
  await page.waitForTimeout(500);
  const shot = await page.screenshot();
  await context.close();
  return shot;
}

async function draw(folder: string): Promise<void> {
  const path = findBrowser(process.env);
  if (path === undefined) throw new Error('the picture needs Chromium, Chrome or Edge (CHROME_PATH names one)');
  const browser = await launchBrowser(path);
  try {
    const parts: OverlayOptions[] = [];
    for (const [name, figure] of SEEN) {
      const input = await picture(browser, join(folder, `${name}.html`), figure);
      parts.push({ input, top: GAP, left: GAP + parts.length * (PAGE.width + GAP) });
    }
    const width = GAP + SEEN.length * (PAGE.width + GAP);
    const paper = { width, height: PAGE.height + 2 * GAP, channels: 3 as const, background: '#dedbd3' };
    const whole = await sharp({ create: paper }).composite(parts).png().toBuffer();
    await sharp(whole).resize({ width: 1600 }).png({ palette: true, colours: 128, effort: 10 }).toFile(OUTPUT);
  } finally {
    await browser.close();
  }
}

void draw(resolve(process.argv[2] ?? 'reports'));
