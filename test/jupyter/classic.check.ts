import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../../src/report/browser';
import { code, notebookOf } from '../notebook/fixtures';
import { jupyterEnvironment, projectRoot } from './jupyter';

let server: ChildProcess;
let browser: Browser;
let address: string;
// Inside the project, as a person's own notebook would be.
mkdirSync(join(projectRoot, '.cache'), { recursive: true });
const folder = mkdtempSync(join(projectRoot, '.cache', 'classic-'));

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

beforeAll(async () => {
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  const flags = [`--port=${port}`, '--ip=127.0.0.1', '--no-browser', '--allow-root', '--NotebookApp.token='];
  server = spawn('/usr/bin/jupyter-notebook', [...flags, `--notebook-dir=${folder}`], {
    env: jupyterEnvironment(),
    stdio: 'ignore',
  });
  const path = findBrowser(process.env);
  if (!path) throw new Error('these checks need Chromium');
  browser = await launchBrowser(path);
  const answers = () =>
    fetch(address)
      .then(() => true)
      .catch(() => false);
  while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 100));
});
afterAll(async () => {
  await browser?.close();
  server?.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

async function open(name: string): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('requestfailed', (request) => {
    // Notebook's own style sheet names fonts at about:blank, and it asks for the extension of ipywidgets whether or not that is installed.
    const own = request.url() === 'about:blank' || request.url().includes('/nbextensions/widgets/');
    if (!own) problems.push(`request failed: ${request.url()}`);
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${address}/notebooks/${name}`);
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
    copyFileSync(source, join(folder, basename(source)));
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
    const cells = [
      code(`import { interruptSignal, syntheticDigits, train, Vae } from "gmm-vae";
const { train: digits } = syntheticDigits({ train: 500, test: 10, seed: 1 });
const pixels = digits.height * digits.width;
const model = new Vae({ pixels, latent: 2, hidden: [32], prior: { kind: "standard-normal" }, seed: 1 });
let steps = 0;`),
      code(`const history = await train(model, digits, { epochs: 10_000, seed: 1, signal: interruptSignal()!,
  onStep: () => { steps++; if (steps === 5) console.log("going"); } });
[history.interrupted, history.steps.length === steps]`),
      code('history.steps.length >= 5 && model.variables.size > 0'),
    ];
    writeFileSync(join(folder, 'interrupt.ipynb'), JSON.stringify(notebookOf(...cells)));
    const { page } = await open('interrupt.ipynb');
    await page.evaluate('Jupyter.notebook.execute_cells([0, 1])');
    await page.waitForSelector('.output_stdout', { timeout: 60_000 });
    const start = Date.now();
    await page.click('button[data-jupyter-action="jupyter-notebook:interrupt-kernel"]');
    await page.waitForFunction(shows(1, '[ true, true ]'));
    expect(Date.now() - start).toBeLessThan(2000);
    await page.evaluate('Jupyter.notebook.execute_cells([2])');
    await page.waitForFunction(shows(2, 'true'));
    expect(await page.locator('.output_error').count()).toBe(0);
    await page.close();
  });

  it('shows all of 20,000 prints', async () => {
    const cell = code('for (let i = 0; i < 20_000; i++) console.log(i);');
    writeFileSync(join(folder, 'prints.ipynb'), JSON.stringify(notebookOf(cell)));
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
});
