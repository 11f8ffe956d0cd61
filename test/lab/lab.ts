import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { jupyterEnvironment } from '../jupyter/jupyter';
import { type JupyterServer, startServer } from '../jupyter/server';

const PROGRAM = process.env.JUPYTER_LAB ?? 'jupyter-lab';

/** What else draws in a JupyterLab: nothing, or what pip has brought, whose extensions are loaded before or after this project's. */
export type Beside = 'nothing' | 'pip, before' | 'pip, after';

/** Starts JupyterLab with the kernel installed as `npm run kernel` installs it: for the user. */
export function startLab(beside: Beside): Promise<JupyterServer> {
  const { JUPYTER_PATH: data, ...env } = jupyterEnvironment();
  const flags = (folder: string): string[] => [
    '--IdentityProvider.token=',
    `--ServerApp.root_dir=${folder}`,
    // JupyterLab's own extensions are no labextensions; pip's are.
    ...(beside === 'nothing' ? [`--LabApp.labextensions_path=${join(String(data), 'labextensions')}`] : []),
  ];
  const first = beside === 'pip, before' ? '1' : '0';
  return startServer(PROGRAM, flags, { ...env, JUPYTER_DATA_DIR: data, JUPYTER_PREFER_ENV_PATH: first });
}

export async function open(server: JupyterServer, name: string): Promise<{ page: Page; problems: string[] }> {
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
export async function startAll(page: Page): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    await menu(page, 'Run', 'Run All Cells').catch(() => page.keyboard.press('Escape'));
    if (await firstHasRunWithin(page, 60_000)) return;
  }
  throw new Error('no cell began to run');
}

/** Resolves when each cell has its number. */
export async function allRun(page: Page): Promise<void> {
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
