import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportOf } from '../live/three-figures';
import { open, startBrowser } from './pages';

const CELL = `import { interact, slider } from 'gmm-vae';
interact(
  { quarter: slider(0, 1, { step: 0.25, value: 0.25 }), shifted: slider(0.05, 1, { step: 0.1, value: 0.55 }), between: slider(-3, 3, { step: 0.5, value: 1.2 }) },
  ({ quarter, shifted, between }) => \`\${quarter} \${shifted} \${between}\`,
)`;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

it('a slider says the number that the figure is computed for, at first and after each move', async () => {
  const { page, complaints, close } = await open(browser, await reportOf([CELL]));
  const live = page.locator('.live').first();
  const shown = live.locator('.live-shown');
  const says = (control: Locator): Promise<string | null> => control.getAttribute('aria-valuetext');
  const controls = ['quarter', 'shifted', 'between'].map((name) => live.getByRole('slider', { name }));
  const readings = (): Promise<(string | null)[]> => Promise.all(controls.map(says));
  expect(await shown.textContent()).toContain('0.25 0.55 1.2');
  expect(await readings()).toEqual(['quarter = 0.25', 'shifted = 0.55', 'between = 1.2']);
  await controls[0]!.press('ArrowRight');
  await controls[0]!.press('ArrowRight');
  await expect.poll(() => shown.textContent()).toContain('0.75 0.55 1.2');
  await controls[1]!.press('ArrowLeft');
  await expect.poll(() => shown.textContent()).toContain('0.75 0.45 1.2');
  expect(await readings()).toEqual(['quarter = 0.75', 'shifted = 0.45', 'between = 1.2']);
  expect(complaints).toEqual([]);
  await close();
});
