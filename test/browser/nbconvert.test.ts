import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readNotebook } from '../../src/notebook/document/ipynb';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { axeViolations, open, startBrowser } from './pages';

// The figures of docs/benchmarks/reports.md: one executed notebook, converted by both, judged by one browser with the network off.
const LECTURE = join(__dirname, '../report/input/lecture.ipynb');
const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-nbconvert-'));

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

async function judge(path: string, seconds: number) {
  const { page, complaints, close } = await open(browser, path);
  await page.waitForTimeout(1_500);
  const typeset = await page.locator('.katex, .MathJax, mjx-container').count();
  const violations = (await axeViolations(page)).length;
  const requests = complaints.filter((text) => text.startsWith('outside')).length;
  await close();
  return {
    megabytes: Number((statSync(path).size / 1e6).toFixed(2)),
    requests,
    typeset,
    violations,
    seconds: Number(seconds.toFixed(1)),
  };
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** The lecture of the tests, and the executed notebooks of the folder GMM_VAE_COMPARE if it is set. */
function notebooks(): string[] {
  const folder = process.env.GMM_VAE_COMPARE ? resolve(process.env.GMM_VAE_COMPARE, 'executed') : undefined;
  return [LECTURE, ...(folder ? readdirSync(folder).map((name) => join(folder, name)) : [])];
}

it('asks for nothing, typesets offline and satisfies axe where nbconvert’s page does not', async () => {
  const jupyter = process.env.JUPYTER_NBCONVERT ?? '/usr/bin/jupyter-nbconvert';
  const table: Record<string, Awaited<ReturnType<typeof judge>>> = {};
  for (const notebook of notebooks()) {
    const name = basename(notebook, '.ipynb');
    const [ours, theirs] = [join(folder, `${name}.html`), join(folder, `${name}.nbconvert.html`)];
    const oursTook = timed(() => writeFileSync(ours, renderNotebookPage(readNotebook(notebook), { name }).html));
    const theirsTook = timed(() =>
      execFileSync(jupyter, ['--to', 'html', '--output', theirs, notebook], { stdio: 'ignore' }),
    );
    const [our, their] = [await judge(ours, oursTook), await judge(theirs, theirsTook)];
    Object.assign(table, { [`${name}: gmm-vae report`]: our, [`${name}: nbconvert`]: their });
    expect(our).toMatchObject({ requests: 0, violations: 0 });
    if (notebook === LECTURE) expect(our.typeset).toBeGreaterThan(5); // other notebooks may have fewer formulas
    expect(readFileSync(theirs, 'utf8')).toContain('</html>');
    expect(their.requests).toBeGreaterThan(0);
    expect(their.violations).toBeGreaterThan(0);
  }
  console.table(table);
});
