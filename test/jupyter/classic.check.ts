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
    // Notebook's own style sheet names fonts at about:blank.
    if (request.url() !== 'about:blank') problems.push(`request failed: ${request.url()}`);
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

  it('interrupts a training-like cell from the toolbar and keeps its state', async () => {
    const waits = 'for (;;) { step += 1; await new Promise((next) => setTimeout(next, 5)); signal.throwIfAborted(); }';
    const cells = [
      code('import { interruptSignal } from "gmm-vae"; let step = 0;'),
      code(`const signal = interruptSignal()!; console.log("going");\n${waits}`),
      code('step > 0'),
    ];
    writeFileSync(join(folder, 'interrupt.ipynb'), JSON.stringify(notebookOf(...cells)));
    const { page } = await open('interrupt.ipynb');
    await page.evaluate('Jupyter.notebook.execute_cells([0, 1])');
    await page.waitForSelector('.output_stdout');
    await page.waitForTimeout(300);
    const start = Date.now();
    await page.evaluate('Jupyter.notebook.kernel.interrupt()');
    await page.waitForSelector('.output_error');
    expect(Date.now() - start).toBeLessThan(2000);
    await page.evaluate('Jupyter.notebook.execute_cells([2])');
    await page.waitForFunction("Jupyter.notebook.get_cell(2).output_area.outputs[0]?.data?.['text/plain'] === 'true'");
    await page.close();
  });
});
