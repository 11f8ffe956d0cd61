import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { klDivergence } from '../../src/kl/closed-form';
import { dragBy, touchBy } from '../live/pointers';

/** A live figure whose handle moves two sliders. */
export const HANDLES_CELL = `import { densityFigure, interact, klDivergence, Normal, slider } from 'gmm-vae';
interact({ mean: slider(-3, 3, { step: 0.01 }), width: slider(0.2, 3, { value: 1, step: 0.01 }) }, ({ mean, width }) => {
  const [q, p] = [new Normal(mean, width), new Normal(0, 1)];
  return densityFigure(q, p, { kl: klDivergence(q, p), drag: { mean: 'mean', stddev: 'width' } });
});`;

interface Reading {
  readonly readMean: () => Promise<number>;
  readonly readWidth: () => Promise<number>;
}

/** Drags the handle by mouse, finger and keys, and expects the sliders and the kernel's figure to follow each time. */
export async function dragsAndFollows(page: Page, { readMean, readWidth }: Reading): Promise<void> {
  const handle = page.getByRole('slider', { name: 'q', exact: true });
  await handle.waitFor({ timeout: 160_000 });
  await handle.scrollIntoViewIfNeeded();
  const title = page.locator('.gtitle');
  const settles = async (): Promise<readonly [mean: number, width: number]> => {
    // A kernel that lags shows figures of the way; where the handle is, it ends.
    const agree = async (): Promise<boolean> => {
      const [mean, width] = [await readMean(), await readWidth()];
      const said = `KL(q‖p) = ${klDivergence(new Normal(mean, width), new Normal(0, 1)).toFixed(4)} nats`;
      const stands = await handle.getAttribute('aria-valuetext');
      const is = `mean = ${mean.toFixed(2)}, width = ${width.toFixed(2)}`;
      return (await title.textContent()) === said && stands === is;
    };
    await expect.poll(agree, { timeout: 60_000 }).toBe(true);
    return [await readMean(), await readWidth()];
  };
  await settles();
  // The dot lies on the peak.
  const off = await page.evaluate(() => {
    const plot = document.querySelector('.gmm-vae-plot') as unknown as HTMLElement & {
      _fullLayout: Record<'xaxis' | 'yaxis', { d2p(value: number): number; _offset: number }>;
    };
    const { xaxis, yaxis } = plot._fullLayout;
    const { left, top } = plot.getBoundingClientRect();
    const dot = document.querySelector('.handle')!.getBoundingClientRect();
    const x = left + xaxis._offset + xaxis.d2p(0);
    const y = top + yaxis._offset + yaxis.d2p(1 / Math.sqrt(2 * Math.PI));
    return Math.hypot(dot.x + dot.width / 2 - x, dot.y + dot.height / 2 - y);
  });
  expect(off).toBeLessThan(2);
  await dragBy(page, handle, 60, -20);
  await expect.poll(readMean, { timeout: 60_000 }).toBeGreaterThan(0.3);
  const [mean, width] = await settles();
  expect(width).toBeLessThan(1);
  await page.waitForTimeout(600);
  await touchBy(page, handle, -90, 20);
  await expect.poll(readMean, { timeout: 60_000 }).toBeLessThan(mean - 0.3);
  const [left, wider] = await settles();
  expect(wider).toBeGreaterThan(width);
  await handle.press('ArrowRight');
  await expect.poll(readMean, { timeout: 60_000 }).toBeCloseTo(left + 0.01, 8);
  await handle.press('Shift+ArrowDown');
  await expect.poll(readWidth, { timeout: 60_000 }).toBeCloseTo(wider + 0.1, 8);
  await settles();
  expect(await page.locator('.gmm-vae-plot').count()).toBe(1);
  expect(await handle.count()).toBe(1);
}
