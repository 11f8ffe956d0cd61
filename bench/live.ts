// How long a reader waits for a move of a live cell: in a report, from the move to the figure drawn in Chromium, and in the kernel, from
// the message to the figure's update. `npx vite-node bench/live.ts [moves]` prints the tables of docs/benchmarks/live-cells.md.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findBrowser, launchBrowser } from '../src/report/browser';
import { type Moves, median, moveSlider } from '../test/live/move-slider';
import { CELLS, IMPORTS, reportOf } from '../test/live/three-figures';
import { Client } from '../test/notebook/client';
import { until } from '../test/notebook/fixtures';

const MOVES = Number(process.argv[2] ?? 60);
const FIRST = 10;
/** Shares of the slider's range: a leap, and a step of a mouse that drags. */
const SIZES = { leap: 0.37, drag: 0.012 };

const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

async function inPage(): Promise<{ moves: Record<keyof typeof SIZES, Moves>[]; bytes: number }> {
  const file = await reportOf([IMPORTS, ...Object.values(CELLS)]);
  const browser = await launchBrowser(findBrowser(process.env)!);
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  const moves: Record<keyof typeof SIZES, Moves>[] = [];
  for (const cell of Object.keys(CELLS).keys()) {
    const of = (size: number) => moveSlider(browser, page, { cell, moves: MOVES, size });
    moves.push({ leap: await of(SIZES.leap), drag: await of(SIZES.drag) });
  }
  await browser.close();
  const worker = /id="live-worker">([\s\S]*?)<\/script>/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  return { moves, bytes: worker.length };
}

async function inKernel(): Promise<number[]> {
  const client = await Client.start('gmm-vae', join(__dirname, '..', 'notebooks'));
  await client.ready();
  const run = async (source: string) => {
    const { id, reply } = await client.send('execute_request', { code: source });
    await reply;
    return client.publishedFor(id);
  };
  await run(IMPORTS);
  const medians: number[] = [];
  for (const source of Object.values(CELLS)) {
    const published = await run(source);
    const slider = published.find(
      ({ type, content }) => type === 'comm_open' && JSON.stringify(content).includes('FloatSliderModel'),
    )!;
    const { min, max } = (slider.content.data as { state: { min: number; max: number } }).state;
    const times: number[] = [];
    for (let move = 0; move < FIRST + MOVES; move++) {
      const seen = client.published.length;
      const value = min + ((move * SIZES.leap) % 1) * (max - min);
      const begun = performance.now();
      await client.send('comm_msg', {
        comm_id: slider.content.comm_id,
        data: { method: 'update', state: { value }, buffer_paths: [] },
      });
      const isThere = () => client.published.slice(seen).some(({ type }) => type === 'update_display_data');
      await until('the figure moves', isThere);
      times.push(performance.now() - begun);
    }
    medians.push(median(times.slice(FIRST)));
  }
  client.close();
  return medians;
}

async function main(): Promise<void> {
  const { moves, bytes } = await inPage();
  const kernel = await inKernel();
  const out = (line: string): unknown => process.stdout.write(`${line}\n`);
  out(
    '| a move of | in the page, drag | leap | processor, drag | leap | of it drawing, drag | leap | in the kernel, leap |',
  );
  out('|---|---|---|---|---|---|---|---|');
  for (const [i, name] of Object.keys(CELLS).entries()) {
    const { drag, leap } = moves[i]!;
    const pairs = [drag, leap].map(({ times, process, thread }) => [median(times), process, thread]);
    const cells = [0, 1, 2].flatMap((k) => pairs.map((pair) => ms(pair[k]!)));
    out(`| ${name} | ${cells.join(' | ')} | ${ms(kernel[i]!)} |`);
  }
  out(
    `\nMedians in ms; load ${loadavg().map(Math.round).join(', ')}; the worker of all three cells: ${ms(bytes / 1000)} kB.`,
  );
}

void main().then(() => process.exit(0));
