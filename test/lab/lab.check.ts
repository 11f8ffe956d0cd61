import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { PLOTLY_MIME } from '../../src/figures/figure';
import { klDivergence } from '../../src/kl/closed-form';
import type { Notebook } from '../../src/notebook/document/ipynb';
import { dragsAndFollows, HANDLES_CELL } from '../jupyter/handles';
import { projectRoot } from '../jupyter/jupyter';
import { ENDLESS_TRAINING, type JupyterServer, startServer } from '../jupyter/server';
import { code, notebookOf } from '../notebook/fixtures';

const NOTEBOOKS = [
  '01-closed-form-kl',
  '02-gmm-prior',
  '03-monte-carlo-kl',
  '03b-estimators-in-depth',
  '04-train-gmm-vae',
  '04b-compiled-step',
  '05-your-own-data',
];

let server: JupyterServer;

beforeAll(async () => {
  server = await startServer(process.env.JUPYTER_LAB ?? 'jupyter-lab', (folder) => [
    '--IdentityProvider.token=',
    `--ServerApp.root_dir=${folder}`,
  ]);
});
afterAll(() => server?.close());

async function open(name: string): Promise<{ page: Page; problems: string[] }> {
  const page = await server.browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const problems: string[] = [];
  page.on('requestfailed', (request) => problems.push(`request failed: ${request.url()}`));
  page.on('pageerror', (error) => {
    // JupyterLab 4.6 asks its debugger after each cell, also where the kernel says that it has none.
    if (error.message !== 'No active debugger session') problems.push(error.message);
  });
  // `reset` forgets the tabs that were open before.
  await page.goto(`${server.address}/lab/tree/${name}?reset`);
  await page.waitForSelector('.jp-Notebook .jp-CodeCell');
  await page.waitForSelector('.jp-Notebook-ExecutionIndicator[data-status=idle]');
  return { page, problems };
}

async function menu(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('menuitem', { name, exact: true }).click({ timeout: 5000 });
  await page.getByRole('menuitem', { name: item, exact: true }).click({ timeout: 5000 });
}

/** Whether the first cell has run by then. One that only waits, before a kernel that is idle, never will. */
async function firstHasRunWithin(page: Page, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  for (let idle = 0; Date.now() < end && idle < 10; ) {
    const prompt = await page.locator('.jp-CodeCell .jp-InputPrompt').first().textContent();
    if (/^\[\d+\]:$/.test(prompt ?? '')) return true;
    const status = await page.locator('.jp-Notebook-ExecutionIndicator').getAttribute('data-status');
    idle = status === 'idle' ? idle + 1 : 0;
    await page.waitForTimeout(300);
  }
  return false;
}

/** Runs all cells. JupyterLab drops what is asked of it as it connects to a new kernel, and may close its menu as it builds its page. */
async function startAll(page: Page): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    await menu(page, 'Run', 'Run All Cells').catch(() => page.keyboard.press('Escape'));
    if (await firstHasRunWithin(page, 60_000)) return;
  }
  throw new Error('no cell began to run');
}

/** Resolves when each cell has its number. */
async function allRun(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(
        (one) => one.textContent ?? '',
      );
      return prompts.length > 0 && prompts.every((prompt) => /^\[\d+\]:$/.test(prompt));
    },
    null,
    { timeout: 240_000 },
  );
}

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
    figures: document.querySelectorAll('.jp-OutputArea-output > [role=img]').length,
    drawn: document.querySelectorAll('.jp-OutputArea-output > [role=img] .plot-container').length,
    undrawn: document.querySelectorAll('.gmm-vae-figure').length,
    errors: [...document.querySelectorAll('[data-mime-type="application/vnd.jupyter.stderr"]')].map(
      (one) => one.textContent ?? '',
    ),
  }));
}

/** The figures in a saved notebook. */
function figuresIn(path: string): unknown[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as Notebook).cells
    .flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []))
    .flatMap((output) =>
      'data' in output && output.data[PLOTLY_MIME] !== undefined ? [output.data[PLOTLY_MIME]] : [],
    );
}

describe('JupyterLab in Chromium', () => {
  it.each(NOTEBOOKS)('runs all cells of %s and draws its figures, also when it is opened again', async (name) => {
    const own = join(server.folder, `${name}.ipynb`);
    copyFileSync(join(projectRoot, 'notebooks', `${name}.ipynb`), own);
    const { page, problems } = await open(basename(own));
    await startAll(page);
    await allRun(page);
    const shown = await readThrough(page);
    expect(shown).toMatchObject({ undrawn: 0, errors: [] });
    expect(shown.figures).toBeGreaterThan(0);
    expect(shown.drawn).toBe(shown.figures);
    await page.locator('.jp-NotebookPanel-toolbar [data-command="docmanager:save"]').click();
    await expect.poll(() => figuresIn(own).length, { timeout: 10_000 }).toBe(shown.figures);
    // What is saved is what the kernel sent, without what plotly adds to a figure as it draws.
    expect(JSON.stringify(figuresIn(own))).not.toMatch(/"uid"|"_input"/);
    await page.close();
    const again = await open(basename(own));
    await expect.poll(() => readThrough(again.page), { timeout: 60_000 }).toEqual(shown);
    await again.page.close();
    expect([...problems, ...again.problems]).toEqual([]);
  });

  it('interrupts a training from the toolbar, which keeps what it had learnt', async () => {
    writeFileSync(join(server.folder, 'interrupt.ipynb'), JSON.stringify(notebookOf(...ENDLESS_TRAINING)));
    const { page, problems } = await open('interrupt.ipynb');
    await startAll(page);
    await page.getByText('going', { exact: true }).waitFor();
    const start = Date.now();
    await page.locator('.jp-NotebookPanel-toolbar [data-command="notebook:interrupt-kernel"]').click();
    await expect
      .poll(() => page.locator('.jp-OutputArea-output').last().textContent(), { timeout: 10_000 })
      .toContain('[ true, true ]');
    expect(Date.now() - start).toBeLessThan(3000);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('completes a member by Tab and explains a name by Shift+Tab', async () => {
    writeFileSync(join(server.folder, 'help.ipynb'), JSON.stringify(notebookOf(code('Math.hyp'), code('Math.hypot'))));
    const { page, problems } = await open('help.ipynb');
    await page.locator('.jp-CodeCell').nth(0).locator('.cm-content').click();
    await page.keyboard.press('End');
    await page.keyboard.press('Tab');
    // The list opens also where there is only one to choose.
    await page.locator('.jp-Completer-item').filter({ hasText: 'hypot' }).waitFor();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.locator('.jp-CodeCell').nth(0).locator('.cm-content').textContent())
      .toBe('Math.hypot');
    await page.locator('.jp-CodeCell').nth(1).locator('.cm-content').click();
    await page.keyboard.press('End');
    await page.keyboard.press('Shift+Tab');
    await page.waitForSelector('.jp-Tooltip');
    expect(await page.locator('.jp-Tooltip').textContent()).toContain('hypot(...values: number[]): number');
    expect(problems).toEqual([]);
    await page.close();
  });

  it('moves a live cell by the controls of ipywidgets, in place', async () => {
    const cell = code(`import { densityFigure, interact, klDivergence, Normal, select, slider } from 'gmm-vae';
const priors = { narrow: new Normal(0, 0.5), wide: new Normal(0, 2) };
interact({ mean: slider(-3, 3), prior: select(['narrow', 'wide']) }, ({ mean, prior }) => {
  const q = new Normal(mean, 1);
  return densityFigure(q, priors[prior], { kl: klDivergence(q, priors[prior]) });
});`);
    writeFileSync(join(server.folder, 'live.ipynb'), JSON.stringify(notebookOf(cell)));
    const { page, problems } = await open('live.ipynb');
    await startAll(page);
    const title = page.locator('.jp-OutputArea-output .gtitle');
    const says = (mean: number, stddev: number) => {
      const kl = klDivergence(new Normal(mean, 1), new Normal(0, stddev));
      return expect.poll(() => title.textContent(), { timeout: 30_000 }).toBe(`KL(q‖p) = ${kl.toFixed(4)} nats`);
    };
    await says(0, 0.5);
    await page.locator('.widget-slider .noUi-handle').press('ArrowRight');
    await says(0.1, 0.5);
    await page.locator('.widget-dropdown select').selectOption('wide');
    await says(0.1, 2);
    expect(await title.count()).toBe(1);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('lets a reader drag the peak of a normal in the figure: the kernel computes, and the sliders of ipywidgets follow', async () => {
    writeFileSync(join(server.folder, 'handles.ipynb'), JSON.stringify(notebookOf(code(HANDLES_CELL))));
    const { page, problems } = await open('handles.ipynb');
    await startAll(page);
    const readout = (at: number) => async () =>
      Number((await page.locator('.widget-readout').nth(at).textContent())?.replace('−', '-'));
    await dragsAndFollows(page, { readMean: readout(0), readWidth: readout(1) });
    // The arrows are the handle's, not the notebook's, whose selected cell stays.
    expect(await page.locator('.jp-Notebook .jp-Cell.jp-mod-selected').count()).toBe(1);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('stops a training by the button beside its bar, and leaves a line of text', async () => {
    const [start] = ENDLESS_TRAINING;
    const cell = code(`import { withProgress } from 'gmm-vae';
const history = await withProgress({ total: 10_000, label: 'Training' }, ({ signal, advance }) =>
  train(model, digits, { epochs: 10_000, seed: 1, signal, onEpoch: ({ epoch }) => advance(epoch) }));
[history.interrupted]`);
    writeFileSync(join(server.folder, 'progress.ipynb'), JSON.stringify(notebookOf(start!, cell)));
    const { page, problems } = await open('progress.ipynb');
    await startAll(page);
    await page.getByText(/^\d+ of 10000/).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('[ true ]').waitFor();
    await page.getByText(/^Training: stopped at \d+ of 10000/).waitFor();
    expect(await page.locator('.widget-hprogress').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });
});
