import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { axeViolations, DESK, type OpenPage, open, PHONE } from './pages';

/** A phone that is touched. */
export const TOUCH: BrowserContextOptions = { ...PHONE, hasTouch: true, isMobile: true };

/** Opens the page of a report with the figure of one live cell drawn, handles included. */
export async function openLiveFigure(
  browser: Browser,
  path: string,
  { cell = 0, device = DESK }: { readonly cell?: number; readonly device?: BrowserContextOptions } = {},
): Promise<OpenPage & { readonly live: Locator }> {
  const opened = await open(browser, path, device);
  const live = opened.page.locator('.live').nth(cell);
  await live.scrollIntoViewIfNeeded();
  await live.locator('.handle').first().waitFor();
  return { ...opened, live };
}

/** Waits until the figure's title says this. */
export const says = (live: Locator, text: string): Promise<void> =>
  expect.poll(() => live.locator('.gtitle').textContent()).toBe(text);

/** Waits until a live cell has shown what came of an action. */
export async function settled(live: Locator, act: () => Promise<unknown>): Promise<void> {
  const answers = (): Promise<number> =>
    live.locator('.live-shown').evaluate((shown) => Number((shown as HTMLElement).dataset.answers ?? 0));
  const before = await answers();
  await act();
  await expect.poll(answers).toBeGreaterThan(before);
}

/** Waits until a figure whose moves have been shown rests: drawn whole, its margins are measured again. */
export const rested = (live: Locator): Promise<void> =>
  expect
    .poll(() =>
      live.locator('.plot').evaluate((plot) => {
        const { layout } = plot as unknown as { layout: { margin?: { autoexpand?: boolean } } };
        return layout.margin?.autoexpand;
      }),
    )
    .not.toBe(false);

/** Expects that axe finds nothing in the page, and that nothing of it is wider than the screen. */
export async function fitsAndIsAccessible(page: Page): Promise<void> {
  expect(await axeViolations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
}
