import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDLESS_TRAINING, type JupyterServer, startServer } from './server';

let server: JupyterServer;
let script: string;

beforeAll(async () => {
  server = await startServer('/usr/bin/jupyter-notebook', (folder) => [
    '--NotebookApp.token=',
    '--NotebookApp.disable_check_xsrf=True',
    `--notebook-dir=${folder}`,
  ]);
  const empty = ['.css', '.svg', '.ttf', '.woff', '.woff2', '.eot'].map((ending) => [ending, 'empty'] as const);
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'html-manager-page.mjs')],
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'error',
    loader: Object.fromEntries(empty),
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.cwd': 'String',
      'process.platform': '""',
      global: 'window',
    },
  });
  script = outputFiles[0]!.text;
});
afterAll(() => server?.close());

/** A page of ipywidgets' own widget manager, connected to a kernel of ours, that runs cells. */
async function openPage(): Promise<{ page: Page; problems: string[]; run: (code: string) => Promise<unknown> }> {
  // The page is ours: only its address is the server's, whose web socket takes no other.
  const page = await server.browser.newPage({ bypassCSP: true });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`${server.address}/api`);
  await page.setContent('<!doctype html><title>Widgets</title><body></body>');
  await page.addScriptTag({ content: script });
  const response = await page.request.post(`${server.address}/api/kernels`, { data: { name: 'tslab' } });
  const { id } = (await response.json()) as { id: string };
  await page.evaluate(`connect(${JSON.stringify(id)}).then((kernel) => { window.kernel = kernel; })`);
  const run = (code: string): Promise<unknown> => page.evaluate(`kernel.run(${JSON.stringify(code)})`);
  return { page, problems, run };
}

const CONTROLS = `import { button, checkbox, interact, play, select, slider, text } from 'gmm-vae';
interact(
  { x: slider(0, 1, { value: 0.25 }), prior: select(['one', 'two']), log: checkbox(true), n: play(0, 9), name: text('q'), more: button('Draw') },
  (values) => {
    if (values.name === 'no') throw new RangeError('no <b>name</b>');
    return JSON.stringify(values);
  },
);`;

describe('the widgets of a live cell in @jupyter-widgets/html-manager', () => {
  it('are drawn by ipywidgets itself, all of them, and move the kernel', async () => {
    const { page, problems, run } = await openPage();
    await run(CONTROLS);
    const shows = (part: object) =>
      expect
        .poll(async () => JSON.parse((await page.locator('body > div').last().textContent()) ?? '{}'), {
          timeout: 20_000,
        })
        .toMatchObject(part);
    await shows({ x: 0.25, prior: 'one', log: true, n: 0, name: 'q', more: 0 });
    await page.locator('.widget-slider [role=slider], .widget-slider .noUi-handle').first().press('ArrowRight');
    await shows({ x: 0.26 });
    await page.locator('.widget-dropdown select').selectOption('two');
    await shows({ prior: 'two' });
    await page.locator('.widget-checkbox input').uncheck();
    await shows({ log: false });
    await page.locator('.widget-text input').fill('p');
    await shows({ name: 'p' });
    await page.getByRole('button', { name: 'Draw' }).click();
    await page.getByRole('button', { name: 'Draw' }).click();
    await shows({ more: 2 });
    await page.locator('.widget-play button').first().click();
    await expect
      .poll(async () => JSON.parse((await page.locator('body > div').last().textContent()) ?? '{}').n, {
        timeout: 20_000,
      })
      .toBe(9);
    // An error is told below the controls, as words.
    await page.locator('.widget-text input').fill('no');
    await page.getByRole('alert').getByText('RangeError: no <b>name</b>').waitFor();
    await page.locator('.widget-text input').fill('yes');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
    await page.close();
  });

  it('follow a training by a bar, and stop it', async () => {
    const { page, problems, run } = await openPage();
    await run(ENDLESS_TRAINING[0]!.source as string);
    const done = run(`import { withProgress } from 'gmm-vae';
const history = await withProgress({ total: 10_000, label: 'Training' }, ({ signal, advance }) =>
  train(model, digits, { epochs: 10_000, seed: 1, signal, onEpoch: ({ epoch, loss }) => advance(epoch, \`loss <b>\${loss.toFixed(1)}</b>\`) }));
if (!history.interrupted) throw new Error('not stopped')`);
    await page
      .locator('.jupyter-widgets.widget-hprogress .progress-bar')
      .waitFor({ state: 'attached', timeout: 60_000 });
    await page.getByText(/^\d+ of 10000, loss <b>[\d.]+<\/b>/).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await done).toMatchObject({ status: 'ok' });
    await page.getByText(/^Training: stopped at \d+ of 10000/).waitFor();
    expect(await page.locator('.widget-hprogress').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });
});
