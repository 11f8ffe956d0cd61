import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { klDivergence } from '../../src/kl/closed-form';
import { dragsAndFollows, HANDLES_CELL } from '../jupyter/handles';
import { ENDLESS_TRAINING, type JupyterServer } from '../jupyter/server';
import { code, notebookOf } from '../notebook/fixtures';
import { allRun, type Beside, open, startAll, startLab } from './lab';

/** How a front end shows controls. */
interface Controls {
  readonly slider: string;
  readonly choice: string;
  /** The number beside each slider. */
  readonly readout: string;
  readonly bar: string;
}

const IPYWIDGETS: Controls = {
  slider: '.widget-slider .noUi-handle',
  choice: '.widget-dropdown select',
  readout: '.widget-readout',
  bar: '.widget-hprogress',
};
const OWN: Controls = {
  slider: '.gmm-vae-control input[type=range]',
  choice: '.gmm-vae-control select',
  readout: '.gmm-vae-control output',
  bar: '.gmm-vae-control progress',
};

const FRONT_ENDS: readonly { readonly beside: Beside; readonly controls: Controls }[] = [
  { beside: 'nothing', controls: OWN },
  { beside: 'pip, before', controls: IPYWIDGETS },
  { beside: 'pip, after', controls: IPYWIDGETS },
];

describe.each(FRONT_ENDS)('JupyterLab in Chromium, beside $beside', ({ beside, controls }) => {
  let server: JupyterServer;
  beforeAll(async () => {
    server = await startLab(beside);
  });
  afterAll(() => server?.close());

  async function run(name: string, ...sources: string[]): Promise<{ page: Page; problems: string[] }> {
    writeFileSync(join(server.folder, name), JSON.stringify(notebookOf(...sources.map((source) => code(source)))));
    const opened = await open(server, name);
    await startAll(opened.page);
    return opened;
  }

  it('moves a live cell by its controls, in place', async () => {
    const cell = `import { densityFigure, interact, klDivergence, Normal, select, slider } from 'gmm-vae';
const priors = { narrow: new Normal(0, 0.5), wide: new Normal(0, 2) };
interact({ mean: slider(-3, 3), prior: select(['narrow', 'wide']) }, ({ mean, prior }) => {
  const q = new Normal(mean, 1);
  return densityFigure(q, priors[prior], { kl: klDivergence(q, priors[prior]) });
});`;
    const { page, problems } = await run('live.ipynb', cell);
    const title = page.locator('.jp-OutputArea-output .gtitle');
    const says = (mean: number, stddev: number) => {
      const kl = klDivergence(new Normal(mean, 1), new Normal(0, stddev));
      return expect.poll(() => title.textContent(), { timeout: 30_000 }).toBe(`KL(q‖p) = ${kl.toFixed(4)} nats`);
    };
    await says(0, 0.5);
    await page.locator(controls.slider).press('ArrowRight');
    await says(0.1, 0.5);
    await page.locator(controls.choice).selectOption('wide');
    await says(0.1, 2);
    expect(await title.count()).toBe(1);
    // A page that is loaded anew finds the controls where they were.
    await page.locator('.jp-NotebookPanel-toolbar [data-command="docmanager:save"]').click();
    await page.locator('.jp-Notebook.jp-mod-dirty').waitFor({ state: 'detached' });
    await page.waitForTimeout(1000);
    const again = await open(server, 'live.ipynb');
    const anew = again.page.locator(controls.slider);
    await anew.waitFor({ timeout: 30_000 });
    await anew.press('ArrowRight');
    const kl = klDivergence(new Normal(0.2, 1), new Normal(0, 2)).toFixed(4);
    await expect
      .poll(() => again.page.locator('.gtitle').allTextContents(), { timeout: 30_000 })
      .toEqual([`KL(q‖p) = ${kl} nats`]);
    expect([...problems, ...again.problems]).toEqual([]);
    await again.page.close();
    await page.close();
  });

  it('lets a reader drag the peak of a normal in the figure: the kernel computes, and the sliders follow', async () => {
    const { page, problems } = await run('handles.ipynb', HANDLES_CELL);
    const readout = (at: number) => async () =>
      Number((await page.locator(controls.readout).nth(at).textContent())?.replace('−', '-'));
    await dragsAndFollows(page, { readMean: readout(0), readWidth: readout(1) });
    // The arrows are the handle's, not the notebook's, whose selected cell stays.
    expect(await page.locator('.jp-Notebook .jp-Cell.jp-mod-selected').count()).toBe(1);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('stops a training by the button beside its bar, and leaves a line of text', async () => {
    const [start] = ENDLESS_TRAINING;
    const cell = `import { withProgress } from 'gmm-vae';
const history = await withProgress({ total: 10_000, label: 'Training' }, ({ signal, advance }) =>
  train(model, digits, { epochs: 10_000, seed: 1, signal, onEpoch: ({ epoch }) => advance(epoch) }));
[history.interrupted]`;
    const { page, problems } = await run('progress.ipynb', [start!.source].flat().join(''), cell);
    await page.getByText(/^\d+ of 10000/).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('[ true ]').waitFor();
    await page.getByText(/^Training: stopped at \d+ of 10000/).waitFor();
    expect(await page.locator(controls.bar).count()).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('lets `liveDisplay` put a figure in the place of one', async () => {
    const cell = `import { figure, liveDisplay } from 'gmm-vae';
const at = (y: number) => figure({ data: [{ y: [y] }], layout: { title: { text: \`at \${y}\` } }, alt: 'A dot.' });
const shown = liveDisplay(at(1));
for (let y = 2; y <= 20; y++) { await new Promise((resolve) => setTimeout(resolve, 50)); shown.update(at(y)); }`;
    const { page, problems } = await run('display.ipynb', cell);
    await expect.poll(() => page.locator('.gtitle').allTextContents(), { timeout: 30_000 }).toEqual(['at 20']);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('shows a figure of another library by pip’s renderer, and where there is none, as far as it can', async () => {
    const cell = `const bundle = (trace: object) => ({
  [Symbol.for('Jupyter.display')]: () => ({ 'application/vnd.plotly.v1+json': { data: [trace], layout: {} } }),
});
bundle({ type: 'surface', z: [[1, 2], [3, 4]] })`;
    const { page, problems } = await run('other.ipynb', cell, "bundle({ type: 'scatter', y: [1, 3, 2] })");
    await allRun(page);
    const outputs = page.locator('.jp-OutputArea-output');
    await expect.poll(() => outputs.nth(1).locator('.scatterlayer .trace').count(), { timeout: 60_000 }).toBe(1);
    const isPips = beside !== 'nothing';
    expect(await page.locator('.jp-RenderedPlotly').count()).toBe(isPips ? 2 : 0);
    if (isPips) await outputs.first().locator('.gl-container').waitFor({ state: 'attached' });
    else expect(await outputs.first().textContent()).toMatch(/no plotly traces of type surface; pip install plotly/);
    expect(problems).toEqual([]);
    await page.close();
  });
});
