import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from '../docs/markdown';
import { DESK, startBrowser } from './pages';

const ROOT = join(__dirname, '..', '..');

describe('the site that npm run docs builds, opened from the disk without a network', () => {
  const site = mkdtempSync(join(tmpdir(), 'gmm-vae-site-'));
  const outside: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typedoc/bin/typedoc'), '--out', site], { cwd: ROOT });
    browser = await startBrowser();
    page = await (await browser.newContext({ ...DESK, offline: true })).newPage();
    page.on('request', (request) => {
      if (/^https?:/.test(request.url())) outside.push(request.url());
    });
    page.on('pageerror', (error) => outside.push(String(error)));
    await page.goto(pathToFileURL(join(site, 'index.html')).href);
  });
  afterAll(async () => {
    await browser.close();
    rmSync(site, { recursive: true });
  });

  it('files the pages under their kind', async () => {
    const kinds = await page.locator('.tsd-navigation details > summary').allTextContents();
    expect(kinds.map((kind) => kind.trim())).toEqual(
      expect.arrayContaining(['Tutorial', 'How to', 'Explanation', 'Reference', 'Benchmarks']),
    );
  });

  /** Types into the search of the page that is open; returns the first result. */
  async function search(words: string) {
    await page.keyboard.press('/');
    await page.locator('#tsd-search input').fill(words);
    return page.locator('#tsd-search-results li a').first();
  }

  it('finds a public name and leads to it', async () => {
    const first = await search('quadratureKl');
    expect(await first.textContent()).toContain('quadratureKl');
    await first.click();
    await page.waitForURL(/quadratureKl/);
    expect(await page.locator('h1').textContent()).toContain('quadratureKl');
    expect(await page.locator('pre code').last().textContent()).toContain('quadratureKl(');
  });

  it('finds words of a page', async () => {
    const first = await search('PersistentVolumeClaim');
    expect(await first.textContent()).toContain('Run a sweep');
  });

  it('has a page for every page of docs, and asks nobody for anything', async () => {
    const links = await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { querySelectorAll(css: string): Iterable<{ href: string }> };
      };
      return [...document.querySelectorAll('.tsd-navigation a')].map(({ href }) => href);
    });
    const documents = new Set(links.filter((link) => link.includes('/documents/')));
    const expected = pages().filter((path) => /^(docs\/|CHANGELOG|CONTRIBUTING)/.test(path));
    expect(documents.size).toBe(expected.length);
    for (const link of documents) expect(existsSync(decodeURI(new URL(link).pathname)), link).toBe(true);
    expect(outside).toEqual([]);
  });
});
