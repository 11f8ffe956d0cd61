import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { findBrowser, launchBrowser } from '../../src/report/browser';
import { buildReports } from '../../src/report/build';
import { readExecuted } from '../../src/report/executed';
import type { ReproduceRow } from '../../src/reproduce';

const INPUT = join(__dirname, '../report/input');

const ROWS: ReproduceRow[] = [
  {
    equation: '9',
    claim: 'KL has the closed form $(9)$.',
    formula: '\\mathrm{KL} = \\tfrac12(-\\ln\\sigma^2-1+\\mu^2+\\sigma^2)',
    measured: 0.7,
    expected: 0.7,
    tolerance: 1e-9,
    pass: true,
  },
  {
    equation: '11',
    claim: 'The estimate is unbiased.',
    formula: '\\frac1N\\sum_i \\ln\\frac{q(z_i)}{p(z_i)}',
    measured: -1.25e-7,
    expected: 0,
    tolerance: 1e-3,
    pass: false,
  },
];

/** A browser; a machine without one is an error, never a skipped test. */
export async function startBrowser(...switches: readonly string[]): Promise<Browser> {
  const executable = findBrowser(process.env);
  if (!executable) throw new Error('no browser: install Chromium or Chrome, or set CHROME_PATH');
  return launchBrowser(executable, switches);
}

/** The pages to judge: built here from executed notebooks, and those of the folder GMM_VAE_REPORTS if it is set. */
export async function buildPages(): Promise<string[]> {
  const outputDir = mkdtempSync(join(tmpdir(), 'gmm-vae-pages-'));
  const notebooks = ['lecture', 'hostile', 'course'].map((name) => join(INPUT, `${name}.ipynb`));
  const execute = async (path: string) => ({
    ...readExecuted(path, outputDir),
    seconds: 4.2,
    startedAt: Date.UTC(2026, 0, 2, 3, 4),
  });
  await buildReports({ notebooks, outputDir, jobs: 1, execute, reproduce: () => ROWS });
  const folders = [outputDir, ...(process.env.GMM_VAE_REPORTS ? [resolve(process.env.GMM_VAE_REPORTS)] : [])];
  const pages = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return pages.filter((path) => path.endsWith('.html')).sort();
}

export interface OpenPage {
  readonly page: Page;
  /** Console errors, uncaught errors, failed requests and requests for anything outside the file. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

/** Milliseconds for all figures of a page: software draws them, beside other suites. */
const DRAWN_WITHIN = 120_000;

export const PHONE = { viewport: { width: 390, height: 844 } };
export const DESK = { viewport: { width: 1280, height: 900 } };

/** Opens a page from its file with the network off. */
export async function open(
  browser: Browser,
  path: string,
  options: BrowserContextOptions = DESK,
  prepare: (context: BrowserContext) => Promise<unknown> = async () => {},
): Promise<OpenPage> {
  const context = await browser.newContext({ ...options, offline: true });
  await prepare(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  const url = pathToFileURL(path).href;
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) =>
    complaints.push(`failed: ${request.url().slice(0, 200)} (${request.failure()?.errorText})`),
  );
  page.on('request', (request) => {
    const inside = /^(data|blob|about):/.test(request.url()) || request.url() === url;
    if (!inside) complaints.push(`outside: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/**
 * Reads the page to its end, as a reader does: a figure is drawn when it comes near, and looked at until it is there. A busy
 * machine shows few frames, and a page scrolled past a figure between two of them need not draw it.
 */
export async function readThrough(page: Page): Promise<void> {
  await page.evaluate(async (limit) => {
    const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
    const deadline = performance.now() + limit;
    for (const plot of document.querySelectorAll('.plot')) {
      plot.scrollIntoView({ behavior: 'instant', block: 'center' });
      while (!plot.querySelector('svg.main-svg')) {
        if (performance.now() > deadline)
          throw new Error(
            `${document.title}: ${plot.closest('figure, .figure')?.id ?? 'a figure'} was looked at and not drawn`,
          );
        await pause(30);
      }
    }
    scrollTo({ top: document.body.scrollHeight, behavior: 'instant' });
    await pause(30);
    scrollTo({ top: 0, behavior: 'instant' });
  }, DRAWN_WITHIN);
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** Opens all that is folded, so that a check sees it. */
export async function unfold(page: Page): Promise<void> {
  await page.$$eval('details', (all) => {
    for (const details of all) details.open = true;
  });
}

/**
 * What axe finds against WCAG 2.1 A and AA, one line per rule with the elements at fault; outputs in frames are judged too.
 * @param rules Judged alone: those that depend on what has changed since all were
 */
export async function axeViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const runOnly = rules ? { type: 'rule', values: [...rules] } : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const found: string[] = [];
  for (const frame of page.frames()) {
    await frame.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    const violations = await frame.evaluate(async (only) => {
      const { axe } = window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
      const { violations } = await axe.run({ runOnly: only, resultTypes: ['violations'], iframes: false });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
    }, runOnly);
    found.push(...violations);
  }
  return found;
}
