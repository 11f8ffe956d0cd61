import type { Browser, CDPSession, Page } from 'playwright-core';

/** What moves have cost, in milliseconds. */
export interface Moves {
  /** How long it was from each move to the figure drawn. */
  readonly times: readonly number[];
  /** Processor time of the page's own thread, a move. */
  readonly thread: number;
  /** Processor time of the page's process, its workers included, a move. */
  readonly process: number;
}

/**
 * Moves the slider of a live cell, each time once the figure of the last move is drawn.
 * @param size of a move, as a share of the slider's range
 */
export async function moveSlider(
  browser: Browser,
  page: Page,
  { cell, moves, size }: { readonly cell: number; readonly moves: number; readonly size: number },
): Promise<Moves> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const system = await browser.newBrowserCDPSession();
  const run = (count: number) => page.evaluate(drag, { cell, count, size });
  await run(10);
  const before = [await threadTime(session), await processTime(system)] as const;
  const times = await run(moves);
  const after = [await threadTime(session), await processTime(system)] as const;
  await Promise.all([session.detach(), system.detach()]);
  return { times, thread: (after[0] - before[0]) / moves, process: (after[1] - before[1]) / moves };
}

/** Runs in the page. */
async function drag({ cell, count, size }: { cell: number; count: number; size: number }): Promise<number[]> {
  const live = document.querySelectorAll('.live')[cell]!;
  live.scrollIntoView();
  const shown = live.querySelector<HTMLElement>('.live-shown')!;
  const input = live.querySelector<HTMLInputElement>('input[type=range]')!;
  const [low, high] = [Number(input.min), Number(input.max)];
  const times: number[] = [];
  for (let move = 0; move < count; move++) {
    const before = shown.dataset.answers;
    input.value = String(low + (((move + 1) * size) % 1) * (high - low));
    input.dispatchEvent(new Event('input'));
    while (shown.dataset.answers === before) await new Promise((done) => setTimeout(done, 1));
    times.push(Number(shown.dataset.ms));
  }
  return times;
}

async function threadTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
}

async function processTime(system: CDPSession): Promise<number> {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ cpuTime }) => cpuTime);
  // Chromium keeps a second one ready for the next page, which does nothing.
  return 1000 * Math.max(...pages);
}

export const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
