import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from '../docs/markdown';
import { DESK, startBrowser } from './pages';

const ROOT = join(__dirname, '..', '..');

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] as string);

describe('the site that npm run docs builds, opened from the disk without a network', () => {
  const site = mkdtempSync(join(tmpdir(), 'gmm-vae-site-'));
  const outside: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    // Vitest wants to hear from this thread every minute, however slow the machine.
    const typedoc = join(ROOT, 'node_modules/typedoc/bin/typedoc');
    await promisify(execFile)(process.execPath, [typedoc, '--out', site], { cwd: ROOT });
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

  it('leads nowhere but to files and headings that are there', () => {
    const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
    const pageOf = new Map(files.map((file) => [join(site, file), readFileSync(join(site, file), 'utf8')]));
    const ids = new Map([...pageOf].map(([file, html]) => [file, new Set(all(html, /\sid="([^"]*)"/g))]));
    const wrong = [...pageOf].flatMap(([file, html]) =>
      all(html, /\s(?:href|src)="([^"]*)"/g)
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const [path = '', anchor] = decodeURIComponent(link.replaceAll('&amp;', '&')).split('#');
          const target = path === '' ? file : resolve(dirname(file), path);
          if (!existsSync(target) || !statSync(target).isFile()) return true;
          return anchor !== undefined && anchor !== '' && ids.get(target)?.has(anchor) === false;
        })
        .map((link) => `${relative(site, file)}: ${link}`),
    );
    expect(pageOf.size).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
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
