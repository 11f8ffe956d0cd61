import type { Browser, BrowserContextOptions, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { klBounds } from '../../src/kl/bounds';
import { klDivergence } from '../../src/kl/closed-form';
import { quadratureKl } from '../../src/kl/quadrature';
import { dragBy, touchBy } from '../live/pointers';
import { reportOf } from '../live/three-figures';
import { fitsAndIsAccessible, openLiveFigure, rested, says, settled, TOUCH } from './live-page';
import { DESK, open, PHONE, startBrowser } from './pages';

const CELLS = [
  "import { densityFigure, GaussianMixture, interact, klBounds, klDivergence, mixtureKlFigure, Normal, quadratureKl, slider } from 'gmm-vae';",
  `interact({ μ: slider(-3, 3, { step: 0.01 }), σ: slider(0.2, 3, { value: 1, step: 0.01 }) }, ({ μ, σ }) => {
  const [q, p] = [new Normal(μ, σ), new Normal(0, 1)];
  return densityFigure(q, p, { kl: klDivergence(q, p), gradient: { mean: μ, stddev: σ - 1 / σ }, drag: { mean: 'μ', stddev: 'σ' } });
});`,
  `const place = (value: number) => slider(-6, 6, { value, step: 0.01 });
const width = (value: number) => slider(0.4, 3, { value, step: 0.01 });
interact({ m: place(0), s: width(0.7), m1: place(-2), s1: width(0.8), m2: place(2), s2: width(0.6) }, ({ m, s, m1, s1, m2, s2 }) => {
  const q = new Normal(m, s);
  const p = new GaussianMixture([0.4, 0.6], [new Normal(m1, s1), new Normal(m2, s2)]);
  const drag = { q: { mean: 'm', stddev: 's' }, components: [{ mean: 'm1', stddev: 's1' }, { mean: 'm2', stddev: 's2' }] };
  return mixtureKlFigure(q, p, { from: -6, to: 6, top: 1, kl: quadratureKl(q, p), bounds: klBounds(q, p), drag });
});`,
];

let browser: Browser;
let path: string;

beforeAll(async () => {
  browser = await startBrowser();
  path = await reportOf(CELLS);
});
afterAll(() => browser?.close());

const openLive = (cell: number, device: BrowserContextOptions = DESK) =>
  openLiveFigure(browser, path, { cell, device });

interface Printing {
  preparePrint(is: boolean): Promise<void>;
}

/** The sliders' names go on with their values. */
const slider = async (live: Locator, name: string): Promise<number> =>
  Number(
    await live
      .locator('.live-controls label', { hasText: new RegExp(`^${name} = `) })
      .locator('input')
      .inputValue(),
  );

const distance = async (a: Locator, [x, y]: readonly [number, number]): Promise<number> => {
  const box = (await a.boundingBox())!;
  return Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y);
};

/** Where on the page the peak of a normal is drawn. */
const placeOfPeak = (live: Locator, mean: number, stddev: number): Promise<readonly [number, number]> =>
  live.locator('.plot').evaluate(
    (element, [x, y]) => {
      const plot = element as HTMLElement & {
        _fullLayout: Record<'xaxis' | 'yaxis', { d2p(value: number): number; _offset: number }>;
      };
      const { xaxis, yaxis } = plot._fullLayout;
      const { left, top } = plot.getBoundingClientRect();
      return [left + xaxis._offset + xaxis.d2p(x!), top + yaxis._offset + yaxis.d2p(y!)] as const;
    },
    [mean, 1 / (stddev * Math.sqrt(2 * Math.PI))],
  );

describe('a handle in the figure of a live cell', () => {
  it('stays on its peak when a line is hidden by the legend and the axes close up', async () => {
    const { live, close } = await openLive(0);
    const handle = live.getByRole('slider', { name: 'q', exact: true });
    await live.locator('.live-controls input').first().fill('1.2');
    await rested(live);
    const before = await placeOfPeak(live, 1.2, 1);
    expect(await distance(handle, before)).toBeLessThan(1.5);
    await live.locator('.legendtoggle').first().click();
    // Without the integrand, which falls below zero, the peak is drawn elsewhere.
    await expect.poll(async () => (await placeOfPeak(live, 1.2, 1))[1]).not.toBeCloseTo(before[1], 0);
    await expect.poll(async () => distance(handle, await placeOfPeak(live, 1.2, 1))).toBeLessThan(1.5);
    await close();
  });

  it('lies on a figure that has the size of the page, once it has moved, was printed and the window is another', async () => {
    const sizes = (live: Locator): Promise<readonly number[]> =>
      live.locator('.plot').evaluate((plot) => {
        const { width, height } = plot.querySelector('svg.main-svg')!.getBoundingClientRect();
        return [plot.clientWidth, plot.clientHeight, width, height].map(Math.round);
      });
    const { page, live, close } = await openLive(0);
    const first = await sizes(live);
    expect(first.slice(0, 2)).toEqual(first.slice(2));
    await live.locator('.live-controls input').first().fill('1.2');
    await rested(live);
    const print = (is: boolean) =>
      page.evaluate((on) => (window as unknown as { gmmVae: Printing }).gmmVae.preparePrint(on), is);
    const windows = [{ width: 700, height: 900 }, PHONE.viewport, { width: 700, height: 900 }, DESK.viewport];
    for (const viewport of windows) {
      await page.setViewportSize(viewport);
      const fresh = await openLive(0, { viewport });
      await expect.poll(() => sizes(live)).toEqual(await sizes(fresh.live));
      await fresh.close();
      for (const is of [true, false]) await print(is);
      await expect.poll(() => sizes(live)).toEqual(await sizes(live).then(([w, h]) => [w, h, w, h]));
    }
    expect(await sizes(live)).toEqual(first);
    await close();
  });

  it('drags the normal by its peak: sideways its mean, upwards its width, and the figure follows', async () => {
    const { page, live, complaints, close } = await openLive(0);
    const handle = live.getByRole('slider', { name: 'q', exact: true });
    const box = (await handle.boundingBox())!;
    await dragBy(page, handle, 60, -40);
    const [mean, stddev] = [await slider(live, 'μ'), await slider(live, 'σ')];
    expect(mean).toBeGreaterThan(0.3);
    expect(stddev).toBeLessThan(0.9);
    await says(live, `KL(q‖p) = ${klDivergence(new Normal(mean, stddev), new Normal(0, 1)).toFixed(4)} nats`);
    expect(await handle.getAttribute('aria-valuetext')).toBe(`μ = ${mean.toFixed(2)}, σ = ${stddev.toFixed(2)}`);
    // On axes that stayed it lies where the pointer let it go.
    await rested(live);
    expect(await distance(handle, await placeOfPeak(live, mean, stddev))).toBeLessThan(1.5);
    expect(box.x).toBeLessThan((await handle.boundingBox())!.x);
    expect(complaints).toEqual([]);
    await close();
  });

  it('stays at the end of a slider where the pointer goes on, and comes back to the figure when it is let go', async () => {
    const { page, live, complaints, close } = await openLive(0);
    const handle = live.getByRole('slider', { name: 'q', exact: true });
    // Far below the axis of z, where no normal has its peak.
    await dragBy(page, handle, 0, 420);
    expect(await slider(live, 'σ')).toBe(3);
    const [q, p] = [new Normal(await slider(live, 'μ'), 3), new Normal(0, 1)];
    await says(live, `KL(q‖p) = ${klDivergence(q, p).toFixed(4)} nats`);
    expect(await handle.isVisible()).toBe(true);
    const plot = (await live.locator('.plot').boundingBox())!;
    const box = (await handle.boundingBox())!;
    expect(box.y + box.height).toBeLessThan(plot.y + plot.height);
    await rested(live);
    // Above the figure's upper end it is narrower than any that fits.
    await dragBy(page, handle, 0, -400);
    expect(await slider(live, 'σ')).toBeLessThan(0.5);
    expect(complaints).toEqual([]);
    await close();
  });

  it('keeps its axes while it is held', async () => {
    const { page, live, close } = await openLive(0);
    const rangeOf = () =>
      live.locator('.plot').evaluate((plot) => {
        const { yaxis } = (plot as unknown as { _fullLayout: { yaxis: { range: number[] } } })._fullLayout;
        return yaxis.range.map((end) => end.toFixed(6)).join();
      });
    const handle = live.getByRole('slider', { name: 'q', exact: true });
    const before = await rangeOf();
    const box = (await handle.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let i = 1; i <= 10; i++) await page.mouse.move(x + 8 * i, y);
    await page.waitForTimeout(800);
    expect(await rangeOf()).toBe(before);
    await page.mouse.up();
    await expect.poll(rangeOf).not.toBe(before);
    await close();
  });

  it('moves by the arrow keys, by a step each, ten with Shift', async () => {
    const { live, close } = await openLive(0);
    const handle = live.getByRole('slider', { name: 'q', exact: true });
    await handle.press('ArrowRight');
    expect(await slider(live, 'μ')).toBeCloseTo(0.01, 10);
    await handle.press('Shift+ArrowLeft');
    expect(await slider(live, 'μ')).toBeCloseTo(-0.09, 10);
    // Higher is narrower.
    await handle.press('Shift+ArrowUp');
    expect(await slider(live, 'σ')).toBeCloseTo(0.9, 10);
    await handle.press('ArrowDown');
    expect(await slider(live, 'σ')).toBeCloseTo(0.91, 10);
    const [q, p] = [new Normal(-0.09, 0.91), new Normal(0, 1)];
    await says(live, `KL(q‖p) = ${klDivergence(q, p).toFixed(4)} nats`);
    await close();
  });

  it('follows the sliders, too', async () => {
    const { page, live, close } = await openLive(0);
    const handle = live.getByRole('slider', { name: 'q', exact: true });
    const before = (await handle.boundingBox())!.x;
    await live.locator('.live-controls input').first().fill('2');
    await expect.poll(async () => (await handle.boundingBox())!.x).toBeGreaterThan(before + 50);
    await page.setViewportSize({ width: 800, height: 700 });
    await expect.poll(async () => (await handle.boundingBox())!.x).toBeGreaterThan(100);
    await close();
  });

  it('drags the components of a mixture; the divergence and its bounds are those of the library', async () => {
    const { page, live, complaints, close } = await openLive(1);
    await dragBy(page, live.getByRole('slider', { name: 'component 1', exact: true }), 50, -20);
    await dragBy(page, live.getByRole('slider', { name: 'component 2', exact: true }), 30, 30);
    const [m1, s1, m2, s2] = await Promise.all(['m1', 's1', 'm2', 's2'].map((name) => slider(live, name)));
    expect([m1! > -2, s1! < 0.8, m2! > 2, s2! > 0.6]).toEqual([true, true, true, true]);
    const q = new Normal(0, 0.7);
    const p = new GaussianMixture([0.4, 0.6], [new Normal(m1!, s1!), new Normal(m2!, s2!)]);
    const { lower, upper } = klBounds(q, p);
    await says(
      live,
      `KL(q‖p) = ${quadratureKl(q, p).toFixed(4)} nats, between ${lower.toFixed(4)} and ${upper.toFixed(4)}`,
    );
    expect(complaints).toEqual([]);
    await close();
  });

  it('is dragged by a finger, under which the page does not scroll', async () => {
    const { page, live, complaints, close } = await openLive(0, TOUCH);
    const handle = live.getByRole('slider', { name: 'q', exact: true });
    await handle.scrollIntoViewIfNeeded();
    const scrolled = await page.evaluate(() => scrollY);
    await touchBy(page, handle, 50, 60);
    const [mean, stddev] = [await slider(live, 'μ'), await slider(live, 'σ')];
    expect(mean).toBeGreaterThan(0.3);
    expect(stddev).toBeGreaterThan(1.1);
    await says(live, `KL(q‖p) = ${klDivergence(new Normal(mean, stddev), new Normal(0, 1)).toFixed(4)} nats`);
    expect(await page.evaluate(() => scrollY)).toBe(scrolled);
    // Beside a handle a finger scrolls, as everywhere.
    await touchBy(page, live.locator('.live-controls .reading').first(), 0, -200);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(scrolled);
    expect(complaints).toEqual([]);
    await close();
  });

  it('is found by a finger, fits a phone, and axe finds nothing', async () => {
    for (const device of [DESK, PHONE]) {
      const { page, live, close } = await openLive(1, device);
      await settled(live, () => live.getByRole('slider', { name: 'q', exact: true }).press('ArrowRight'));
      await rested(live);
      await fitsAndIsAccessible(page);
      const box = (await live.locator('.handle').first().boundingBox())!;
      expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(24);
      await close();
    }
  });

  it('is not there on paper and without scripts', async () => {
    const { page, live, close } = await openLive(0);
    await page.emulateMedia({ media: 'print' });
    expect(await live.locator('.handle').first().isVisible()).toBe(false);
    await close();
    const { page: still, close: closeStill } = await open(browser, path, { ...DESK, javaScriptEnabled: false });
    expect(await still.locator('.handle').count()).toBe(0);
    await closeStill();
  });
});
