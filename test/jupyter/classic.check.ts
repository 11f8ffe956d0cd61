import { copyFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { klDivergence } from '../../src/kl/closed-form';
import { code, notebookOf } from '../notebook/fixtures';
import { dragsAndFollows, HANDLES_CELL } from './handles';
import { projectRoot } from './jupyter';
import { ENDLESS_TRAINING, type JupyterServer, startServer } from './server';

let server: JupyterServer;

beforeAll(async () => {
  server = await startServer('/usr/bin/jupyter-notebook', (folder) => [
    '--NotebookApp.token=',
    `--notebook-dir=${folder}`,
  ]);
});
afterAll(() => server?.close());

async function open(name: string): Promise<{ page: Page; problems: string[] }> {
  const page = await server.browser.newPage();
  const problems: string[] = [];
  page.on('requestfailed', (request) => {
    // Notebook's own style sheet names fonts at about:blank, and it asks for the extension of ipywidgets whether or not that is installed.
    const own = request.url() === 'about:blank' || request.url().includes('/nbextensions/widgets/');
    if (!own) problems.push(`request failed: ${request.url()}`);
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${server.address}/notebooks/${name}`);
  await page.waitForFunction(
    "window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook.kernel.info_reply.status === 'ok'",
  );
  return { page, problems };
}

const idle = (page: Page) =>
  page.waitForFunction(
    "Jupyter.notebook.get_cells().every((cell) => !cell.element.hasClass('running')) && document.querySelector('.kernel_idle_icon')",
    null,
    { timeout: 120_000 },
  );

/** Whether a cell's last output is this result. */
const shows = (cell: number, text: string) =>
  `Jupyter.notebook.get_cell(${cell}).output_area.outputs.at(-1)?.data?.['text/plain'] === '${text}'`;

describe('classic Notebook in Chromium', () => {
  it('runs all cells of notebook 1 and draws its figures with counts at every cell', async () => {
    const source = join(projectRoot, 'notebooks', '01-closed-form-kl.ipynb');
    copyFileSync(source, join(server.folder, basename(source)));
    const { page, problems } = await open(basename(source));
    await page.evaluate('Jupyter.notebook.execute_all_cells()');
    await idle(page);
    await page.waitForSelector('.output_plotly .main-svg');
    const figures = await page.locator('.output_plotly').count();
    expect(figures).toBeGreaterThan(0);
    expect(await page.locator('.output_plotly .plot-container').count()).toBe(figures);
    expect(await page.locator('.output_error').count()).toBe(0);
    const prompts = await page.locator('.code_cell .input_prompt').allTextContents();
    expect(prompts.every((prompt) => /^In\s\[\d+\]:$/.test(prompt))).toBe(true);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('interrupts a training from the toolbar, which ends after the step under way and keeps what it had learnt', async () => {
    const cells = [...ENDLESS_TRAINING, code('history.steps.length >= 5 && model.variables.size > 0')];
    writeFileSync(join(server.folder, 'interrupt.ipynb'), JSON.stringify(notebookOf(...cells)));
    const { page } = await open('interrupt.ipynb');
    await page.evaluate('Jupyter.notebook.execute_cells([0, 1])');
    await page.waitForSelector('.output_stdout', { timeout: 60_000 });
    await page.click('button[data-jupyter-action="jupyter-notebook:interrupt-kernel"]');
    // After the step under way; how long that takes is told over the wire (test/notebook/session), without a browser beside it.
    await page.waitForFunction(shows(1, '[ true, true ]'));
    await page.evaluate('Jupyter.notebook.execute_cells([2])');
    await page.waitForFunction(shows(2, 'true'));
    expect(await page.locator('.output_error').count()).toBe(0);
    await page.close();
  });

  it('shows all of 20,000 prints', async () => {
    const cell = code('for (let i = 0; i < 20_000; i++) console.log(i);');
    writeFileSync(join(server.folder, 'prints.ipynb'), JSON.stringify(notebookOf(cell)));
    const { page } = await open('prints.ipynb');
    await page.evaluate('Jupyter.notebook.execute_all_cells()');
    await page.waitForFunction("/^In\\s\\[1\\]/.test(document.querySelector('.code_cell .input_prompt').textContent)");
    await idle(page);
    const printed = await page.evaluate(
      "Jupyter.notebook.get_cell(0).output_area.outputs.map(({ text }) => text).join('')",
    );
    expect(printed).toBe(Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join(''));
    await page.close();
  });

  it('draws the controls of a live cell by itself, moves its figure in place, and shows errors below them', async () => {
    const cell =
      code(`import { checkbox, densityFigure, interact, klDivergence, Normal, select, slider } from 'gmm-vae';
const priors = { narrow: new Normal(0, 0.5), wide: new Normal(0, 2) };
interact({ mean: slider(-3, 3), prior: select(['narrow', 'wide']), fail: checkbox() }, ({ mean, prior, fail }) => {
  if (fail) throw new RangeError('no <figure>');
  const q = new Normal(mean, 1);
  return densityFigure(q, priors[prior], { kl: klDivergence(q, priors[prior]) });
});`);
    writeFileSync(join(server.folder, 'live.ipynb'), JSON.stringify(notebookOf(cell)));
    const { page, problems } = await open('live.ipynb');
    await page.evaluate('Jupyter.notebook.execute_all_cells()');
    await page.waitForSelector('.output_plotly .main-svg');
    const range = page.getByLabel('mean', { exact: false });
    const title = page.locator('.output_plotly .gtitle');
    const said = (mean: number, stddev: number): string =>
      `KL(q‖p) = ${klDivergence(new Normal(mean, 1), new Normal(0, stddev)).toFixed(4)} nats`;
    expect(await title.textContent()).toBe(said(0, 0.5));
    await page.evaluate(
      "document.querySelector('.output_plotly .js-plotly-plot, .js-plotly-plot').dataset.mine = 'yes'",
    );
    const box = (await range.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    for (let i = 1; i <= 20; i++) await page.mouse.move(box.x + box.width * (0.5 + i / 60), box.y + box.height / 2);
    await page.mouse.up();
    const mean = Number(await range.inputValue());
    expect(mean).toBeGreaterThan(1);
    const shows = (text: string) =>
      page.waitForFunction((wanted) => document.querySelector('.gtitle')?.textContent === wanted, text);
    await shows(said(mean, 0.5));
    await range.press('ArrowLeft');
    await page.getByLabel('prior').selectOption('wide');
    await shows(said(Number(await range.inputValue()), 2));
    // It is the same element all the time, not one that was put in its place.
    expect(await page.locator('.js-plotly-plot[data-mine=yes]').count()).toBe(1);
    expect(await page.locator('.js-plotly-plot').count()).toBe(1);
    await page.getByLabel('fail').check();
    await page.getByRole('alert').getByText('RangeError: no <figure>').waitFor();
    await page.getByLabel('fail').uncheck();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(problems).toEqual([]);

    // A page that is loaded anew finds the widgets of the kernel that goes on.
    await page.evaluate('Jupyter.notebook.save_notebook()');
    await page.reload();
    await page.getByLabel('mean', { exact: false }).waitFor();
    expect(Number(await page.getByLabel('mean', { exact: false }).inputValue())).toBeCloseTo(mean - 0.1, 10);
    await page.close();
  });

  it('lets a reader drag the peak of a normal in the figure by mouse, finger and keys, also after a reload', async () => {
    writeFileSync(join(server.folder, 'handles.ipynb'), JSON.stringify(notebookOf(code(HANDLES_CELL), code('1'))));
    const { page, problems } = await open('handles.ipynb');
    await page.evaluate('Jupyter.notebook.execute_all_cells()');
    const value = (name: string) => async () =>
      Number(
        await page
          .getByRole('slider', { name: new RegExp(`^${name}`) })
          .first()
          .inputValue(),
      );
    const reading = { readMean: value('mean'), readWidth: value('width') };
    await dragsAndFollows(page, reading);
    // Arrows move the handle, not the selection of cells.
    expect(await page.evaluate('Jupyter.notebook.get_selected_cells_indices()')).toEqual([0]);
    await page.evaluate('Jupyter.notebook.save_notebook()');
    await page.reload();
    const handle = page.getByRole('slider', { name: 'q', exact: true });
    await handle.waitFor({ timeout: 120_000 });
    const before = await reading.readMean();
    await handle.press('Shift+ArrowRight');
    await expect.poll(reading.readMean, { timeout: 20_000 }).toBeCloseTo(before + 0.1, 8);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('draws the bar of a training by itself, with a button that stops it, and leaves a line of text', async () => {
    const [start] = ENDLESS_TRAINING;
    const cell = code(`import { withProgress } from 'gmm-vae';
const history = await withProgress({ total: 10_000, label: 'Training' }, ({ signal, advance }) =>
  train(model, digits, { epochs: 10_000, seed: 1, signal, onEpoch: ({ epoch, loss }) => advance(epoch, \`loss <b>\${loss.toFixed(1)}</b>\`) }));
history.interrupted`);
    writeFileSync(join(server.folder, 'progress.ipynb'), JSON.stringify(notebookOf(start!, cell)));
    const { page, problems } = await open('progress.ipynb');
    await page.evaluate('Jupyter.notebook.execute_all_cells()');
    const bar = page.getByRole('progressbar', { name: 'Training' });
    await page.waitForFunction("document.querySelector('progress')?.value > 1");
    expect(Number(await bar.getAttribute('max'))).toBe(10_000);
    // Words are words, not markup.
    await page.getByText(/^\d+ of 10000, loss <b>[\d.]+<\/b>/).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.waitForFunction(shows(1, 'true'));
    expect(await page.locator('progress').count()).toBe(0);
    await page.getByText(/^Training: stopped at \d+ of 10000/).waitFor();
    expect(problems).toEqual([]);
    await page.close();
  });
});
