import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLOTLY_MIME } from '../../src/figures/figure';
import type { Notebook } from '../../src/notebook/document/ipynb';
import { projectRoot } from '../jupyter/jupyter';
import type { JupyterServer } from '../jupyter/server';
import { allRun, open, startAll, startLab } from './lab';

const NOTEBOOKS = [
  '01-closed-form-kl',
  '02-gmm-prior',
  '03-monte-carlo-kl',
  '03b-estimators-in-depth',
  '04-train-gmm-vae',
  '04b-compiled-step',
  '05-your-own-data',
];

interface Shown {
  readonly figures: number;
  readonly drawn: number;
  /** Figures in whose place there is the note that nothing here draws them. */
  readonly undrawn: number;
  readonly errors: readonly string[];
}

/** Everything that is shown, from the top to the end: JupyterLab draws what is far away only when it is scrolled to. */
async function readThrough(page: Page): Promise<Shown> {
  for (const cell of await page.locator('.jp-CodeCell').all()) {
    await cell.scrollIntoViewIfNeeded();
    await page.waitForTimeout(150);
  }
  return page.evaluate(() => ({
    figures: document.querySelectorAll('.jp-OutputArea-output > [role=img][aria-label]').length,
    drawn: document.querySelectorAll('.jp-OutputArea-output > [role=img] .plot-container').length,
    undrawn: document.querySelectorAll('.gmm-vae-figure').length,
    errors: [...document.querySelectorAll('[data-mime-type="application/vnd.jupyter.stderr"]')].map(
      (one) => one.textContent ?? '',
    ),
  }));
}

/** The bundles of figures in a saved notebook. */
function figuresIn(path: string): Record<string, unknown>[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as Notebook).cells
    .flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []))
    .flatMap((output) => ('data' in output && output.data[PLOTLY_MIME] !== undefined ? [output.data] : []));
}

// Both draw plotly figures, and what counts is not to be left to chance.
describe.each(['nothing', 'pip, after'] as const)('JupyterLab in Chromium, beside %s', (beside) => {
  let server: JupyterServer;
  beforeAll(async () => {
    server = await startLab(beside);
  });
  afterAll(() => server?.close());

  it.each(NOTEBOOKS)('runs all cells of %s and draws its figures, also when it is opened again', async (name) => {
    const own = join(server.folder, `${name}.ipynb`);
    copyFileSync(join(projectRoot, 'notebooks', `${name}.ipynb`), own);
    const hasFigures = /label: fig-/.test(readFileSync(own, 'utf8'));
    const { page, problems } = await open(server, basename(own));
    await startAll(page);
    await allRun(page);
    const shown = await readThrough(page);
    expect(shown).toMatchObject({ undrawn: 0, errors: [] });
    expect(shown.figures > 0).toBe(hasFigures);
    expect(shown.drawn).toBe(shown.figures);
    await page.locator('.jp-NotebookPanel-toolbar [data-command="docmanager:save"]').click();
    await expect.poll(() => figuresIn(own).length, { timeout: 10_000 }).toBe(shown.figures);
    // What is saved is what the kernel sent, without what plotly adds to a figure as it draws, and without pictures of it.
    expect(JSON.stringify(figuresIn(own))).not.toMatch(/"uid"|"_input"|"image\/png"/);
    await page.close();
    const again = await open(server, basename(own));
    await expect.poll(() => readThrough(again.page), { timeout: 60_000 }).toEqual(shown);
    await again.page.close();
    expect([...problems, ...again.problems]).toEqual([]);
  });
});
