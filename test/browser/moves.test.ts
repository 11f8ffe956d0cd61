import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveSlider } from '../live/move-slider';
import { CELLS, IMPORTS, reportOf } from '../live/three-figures';
import { rested } from './live-page';
import { DESK, open, startBrowser } from './pages';

let browser: Browser;
let path: string;

beforeAll(async () => {
  browser = await startBrowser();
  path = await reportOf([IMPORTS, ...Object.values(CELLS)]);
});
afterAll(() => browser?.close());

/** The lines, ticks and title of the plot of a live cell, and those of the same figure drawn from nothing. */
const drawings = (page: Page, cell: number): Promise<readonly [moved: string, anew: string]> =>
  page.evaluate(async (at) => {
    const { Plotly } = window as unknown as { Plotly: { newPlot(...args: unknown[]): Promise<unknown> } };
    const plot = document.querySelectorAll('.live')[at]!.querySelector('.plot') as HTMLElement & {
      data: object;
      layout: object;
    };
    const partsOf = (of: Element): string => {
      const paths = [...of.querySelectorAll('.scatterlayer path')].map((line) => line.getAttribute('d'));
      const places = [...of.querySelectorAll('.xtick text, .ytick text, .scatterlayer path')].map((it) =>
        it.getAttribute('transform'),
      );
      const words = [...of.querySelectorAll('.xtick text, .ytick text, .gtitle, .legendtext')].map(
        (it) => it.textContent,
      );
      return JSON.stringify({ paths, places, words });
    };
    const anew = document.createElement('div');
    plot.before(anew);
    anew.style.width = `${plot.clientWidth}px`;
    const { data, layout } = JSON.parse(JSON.stringify({ data: plot.data, layout: plot.layout })) as typeof plot;
    await Plotly.newPlot(anew, data, { ...layout, width: plot.clientWidth });
    const both = [partsOf(plot), partsOf(anew)] as const;
    anew.remove();
    return both;
  }, cell);

/** Runs in the page. */
function countWholeDrawings(): void {
  const scope = window as unknown as { whole: number; Plotly: { react: (...args: unknown[]) => unknown } };
  const { react } = scope.Plotly;
  scope.whole = 0;
  scope.Plotly.react = (...args) => {
    scope.whole += 1;
    return react(...args);
  };
}

describe.each(Object.keys(CELLS).map((name, cell) => ({ name, cell })))('a move of the $name figure', ({ cell }) => {
  it.each([
    { kind: 'drag', size: 0.012 },
    { kind: 'leap', size: 0.37 },
  ])('takes the page less than 50 ms of processor time: a $kind', async ({ size }) => {
    const { page, complaints, close } = await open(browser, path, DESK);
    const { times, thread, process } = await moveSlider(browser, page, { cell, moves: 30, size });
    expect(times).toHaveLength(30);
    expect(thread).toBeGreaterThan(0);
    expect(process).toBeLessThan(50);
    expect(complaints).toEqual([]);
    await close();
  });

  it('leaves the figure, once it rests, as it is when drawn from nothing', async () => {
    const { page, close } = await open(browser, path, DESK);
    await moveSlider(browser, page, { cell, moves: 12, size: 0.012 });
    await rested(page.locator('.live').nth(cell));
    const [moved, anew] = await drawings(page, cell);
    expect(moved.length).toBeGreaterThan(300);
    expect(moved).toBe(anew);
    await close();
  });
});

describe('a figure that is dragged', () => {
  it('moves its lines alone while they fit the axes', async () => {
    const { page, close } = await open(browser, path, DESK);
    for (const cell of [0, 1]) {
      await moveSlider(browser, page, { cell, moves: 1, size: 0.012 });
      await page.evaluate(countWholeDrawings);
      await moveSlider(browser, page, { cell, moves: 30, size: 0.012 });
      expect(await page.evaluate(() => (window as unknown as { whole: number }).whole)).toBeLessThan(20);
    }
    const { peak, mean } = await page.evaluate(() => {
      const plot = document.querySelector('.live .plot')!;
      const { x, y } = (plot as unknown as { data: { x: number[]; y: number[] }[] }).data[1]!;
      const input = document.querySelector<HTMLInputElement>('.live input[type=range]')!;
      return { peak: x[y.indexOf(Math.max(...y))]!, mean: Number(input.value) };
    });
    expect(peak).toBeCloseTo(mean, 1);
    await close();
  });

  it('keeps a zoom and what a click on the legend has hidden', async () => {
    const { page, close } = await open(browser, path, DESK);
    const live = page.locator('.live').first();
    const visible = () =>
      live.locator('.plot').evaluate((plot) => (plot as unknown as { data: { visible?: unknown }[] }).data[0]!.visible);
    await moveSlider(browser, page, { cell: 0, moves: 3, size: 0.012 });
    await rested(live);
    await live.locator('.legendtoggle').first().click();
    // Plotly waits for a second click first.
    await expect.poll(visible).toBe('legendonly');
    const { x, y, width, height } = (await live.locator('.nsewdrag').first().boundingBox())!;
    await page.mouse.move(x + 0.6 * width, y + 0.05 * height);
    await page.mouse.down();
    await page.mouse.move(x + 0.9 * width, y + 0.5 * height, { steps: 5 });
    await page.mouse.up();
    const zoomed = () =>
      live.locator('.plot').evaluate((plot) => {
        const { xaxis, yaxis } = (plot as unknown as { _fullLayout: Record<'xaxis' | 'yaxis', { range: number[] }> })
          ._fullLayout;
        return [...xaxis.range, ...yaxis.range].map((end) => end.toFixed(6));
      });
    const before = await zoomed();
    await moveSlider(browser, page, { cell: 0, moves: 5, size: 0.05 });
    await rested(live);
    expect(await visible()).toBe('legendonly');
    expect(await zoomed()).toEqual(before);
    await page.mouse.dblclick(x + 0.8 * width, y + 0.2 * height);
    await expect.poll(zoomed).not.toEqual(before);
    await close();
  });

  it('keeps what a click has hidden between its last move and its rest', async () => {
    const { page, close } = await open(browser, path, DESK);
    const live = page.locator('.live').first();
    await moveSlider(browser, page, { cell: 0, moves: 3, size: 0.012 });
    await rested(live);
    // Plotly hides a line 300 ms after the click; a figure rests 250 ms after its last move, which is 150 ms after the click here.
    const visible = await page.evaluate(async () => {
      const plot = document.querySelector('.live .plot') as Element & { data: { visible?: unknown }[] };
      const input = document.querySelector<HTMLInputElement>('.live input[type=range]')!;
      const shown = document.querySelector<HTMLElement>('.live .live-shown')!;
      const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
      const move = async (value: number) => {
        const before = shown.dataset.answers;
        input.value = String(value);
        input.dispatchEvent(new Event('input'));
        while (shown.dataset.answers === before) await wait(1);
      };
      const toggle = document.querySelector('.live .legendtoggle')!;
      for (const type of ['mousedown', 'mouseup', 'click'])
        toggle.dispatchEvent(new MouseEvent(type, { bubbles: true }));
      await wait(150);
      await move(Number(input.min));
      await wait(600);
      const hidden = plot.data[0]!.visible;
      await move(Number(input.max));
      return [hidden, plot.data[0]!.visible];
    });
    expect(visible).toEqual(['legendonly', 'legendonly']);
    await close();
  });

  it('keeps what was hidden before the first move, on paper and after it, until a click shows it again', async () => {
    const { page, close } = await open(browser, path, DESK);
    const live = page.locator('.live').first();
    await live.scrollIntoViewIfNeeded();
    await live.locator('.legendtoggle').first().waitFor();
    const seen = await page.evaluate(async () => {
      const plot = document.querySelector('.live .plot') as Element & { data: { visible?: unknown }[] };
      const input = document.querySelector<HTMLInputElement>('.live input[type=range]')!;
      const shown = document.querySelector<HTMLElement>('.live .live-shown')!;
      const { gmmVae } = window as unknown as { gmmVae: { preparePrint(is: boolean): Promise<void> } };
      const seen: unknown[] = [];
      const look = () => seen.push(plot.data[0]!.visible ?? true);
      const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
      const move = async (value: string) => {
        const before = shown.dataset.answers;
        input.value = value;
        input.dispatchEvent(new Event('input'));
        while (shown.dataset.answers === before) await wait(1);
        look();
      };
      const print = async () => {
        await gmmVae.preparePrint(true);
        look();
        await gmmVae.preparePrint(false);
        look();
      };
      const toggle = async () => {
        for (const type of ['mousedown', 'mouseup', 'click'])
          plot.querySelector('.legendtoggle')!.dispatchEvent(new MouseEvent(type, { bubbles: true }));
        const before = plot.data[0]!.visible;
        while (plot.data[0]!.visible === before) await wait(10);
      };
      await toggle();
      for (const act of [() => move(input.min), print, () => move(input.max), print, toggle]) await act();
      for (const act of [() => move(input.min), print, () => move(input.max)]) await act();
      return seen;
    });
    expect(seen).toEqual([...Array(6).fill('legendonly'), true, true, true, true]);
    await close();
  });
});
