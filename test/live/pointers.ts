import type { Locator, Page } from 'playwright-core';

const STEPS = 15;

async function middleOf(handle: Locator): Promise<readonly [x: number, y: number]> {
  const box = await handle.boundingBox();
  if (!box) throw new Error('nothing to drag: the handle is not shown');
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Drags with the mouse by so many pixels, in small steps. */
export async function dragBy(page: Page, handle: Locator, right: number, down: number): Promise<void> {
  const [x, y] = await middleOf(handle);
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let i = 1; i <= STEPS; i++) await page.mouse.move(x + (right * i) / STEPS, y + (down * i) / STEPS);
  await page.mouse.up();
}

/** Drags with a finger: real touches, of which the browser makes pointer events, or a scroll where the page lets it. */
export async function touchBy(page: Page, handle: Locator, right: number, down: number): Promise<void> {
  const [x, y] = await middleOf(handle);
  const session = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  await send('touchStart', [{ x, y }]);
  for (let i = 1; i <= STEPS; i++) await send('touchMove', [{ x: x + (right * i) / STEPS, y: y + (down * i) / STEPS }]);
  await send('touchEnd', []);
  await session.detach();
}
