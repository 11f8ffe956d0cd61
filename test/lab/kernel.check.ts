import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDLESS_TRAINING, type JupyterServer } from '../jupyter/server';
import { code, notebookOf } from '../notebook/fixtures';
import { open, startAll, startLab } from './lab';

let server: JupyterServer;
beforeAll(async () => {
  server = await startLab('pip, after');
});
afterAll(() => server?.close());

describe('JupyterLab in Chromium', () => {
  it('interrupts a training from the toolbar, which keeps what it had learnt', async () => {
    writeFileSync(join(server.folder, 'interrupt.ipynb'), JSON.stringify(notebookOf(...ENDLESS_TRAINING)));
    const { page, problems } = await open(server, 'interrupt.ipynb');
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
    const { page, problems } = await open(server, 'help.ipynb');
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
});
