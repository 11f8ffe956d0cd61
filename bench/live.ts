// How long a reader waits for a move of a live cell: in a report, from the move to the figure drawn in Chromium, and in the kernel, from
// the message to the figure's update. `npx vite-node bench/live.ts [moves]` prints the table of docs/benchmarks/live-cells.md.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runNotebook } from '../src/notebook/runner/run';
import { findBrowser, launchBrowser } from '../src/report/browser';
import { buildReports } from '../src/report/build';
import { Client } from '../test/notebook/client';
import { code, notebookOf, until, writeFixture } from '../test/notebook/fixtures';

const MOVES = Number(process.argv[2] ?? 60);
const FIRST = 10;

const IMPORTS = `import { densityFigure, estimateKl, GaussianMixture, interact, KL_ESTIMATORS, klBounds, linspace, Normal, quadratureKl, runningEstimateFigure, sandwichFigure, slider, efficiencyFigure } from 'gmm-vae';
const modes = new GaussianMixture([0.3, 0.7], [new Normal(-2, 0.5), new Normal(1, 0.8)]);`;

/** The three figures of issue size, each moved by one slider named x. */
const CELLS = {
  density: `interact({ x: slider(-3, 3, { step: 0.01 }) }, ({ x }) => {
  const q = new Normal(x, 1);
  return densityFigure(q, modes, { kl: quadratureKl(q, modes) });
});`,
  sandwich: `interact({ x: slider(0.2, 3, { step: 0.01 }) }, ({ x }) => {
  const at = linspace(-3, 3, 25);
  const qs = at.map((mean) => new Normal(mean, x));
  const bounds = qs.map((q) => klBounds(q, modes));
  return sandwichFigure({ x: at, parameter: 'mean of q', lower: bounds.map((b) => b.lower), upper: bounds.map((b) => b.upper), exact: qs.map((q) => quadratureKl(q, modes)) });
});`,
  estimators: `interact({ x: slider(-3, 3, { step: 0.01 }) }, ({ x }) => {
  const q = new Normal(x, 1);
  const names = KL_ESTIMATORS.filter((name) => name !== 'k2' && name !== 'k3');
  const runs = names.map((estimator) => estimateKl(q, modes, { estimator, samples: 1024, seed: 1 }));
  const variance = (i: number) => (runs[i]!.standardError ?? 1) ** 2 * runs[i]!.evaluations;
  return efficiencyFigure({ names, efficiencies: names.map((_, i) => variance(0) / Math.max(variance(i), 1e-12)), per: 'evaluations' });
});`,
};

const median = (all: number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

async function inPage(): Promise<{ medians: number[]; bytes: number }> {
  const cells = [IMPORTS, ...Object.values(CELLS)].map((source) => code(source));
  const outputDir = mkdtempSync(join(tmpdir(), 'gmm-vae-bench-live-'));
  await buildReports({
    notebooks: [writeFixture(notebookOf(...cells), 'live.ipynb')],
    outputDir,
    jobs: 1,
    execute: async (path) => ({ notebook: (await runNotebook(path)).notebook }),
    reproduce: () => [],
  });
  const file = join(outputDir, 'live.html');
  const browser = await launchBrowser(findBrowser(process.env)!);
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  const medians: number[] = [];
  for (const i of Object.keys(CELLS).keys()) {
    const times = await page.evaluate(
      async ({ at, moves }) => {
        const live = document.querySelectorAll('.live')[at]!;
        live.scrollIntoView();
        const shown = live.querySelector<HTMLElement>('.live-shown')!;
        const input = live.querySelector<HTMLInputElement>('input[type=range]')!;
        const found: number[] = [];
        for (let move = 0; move < moves; move++) {
          const [low, high] = [Number(input.min), Number(input.max)];
          const before = shown.dataset.answers;
          input.value = String(low + ((move * 0.37) % 1) * (high - low));
          input.dispatchEvent(new Event('input'));
          while (shown.dataset.answers === before) await new Promise((done) => setTimeout(done, 1));
          found.push(Number(shown.dataset.ms));
        }
        return found;
      },
      { at: i, moves: FIRST + MOVES },
    );
    medians.push(median(times.slice(FIRST)));
  }
  await browser.close();
  const worker = /id="live-worker">([\s\S]*?)<\/script>/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  return { medians, bytes: worker.length };
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
      const value = min + ((move * 0.37) % 1) * (max - min);
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
  const page = await inPage();
  const kernel = await inKernel();
  process.stdout.write('| median of a move, ms | in the page | in the kernel |\n|---|---|---|\n');
  for (const [i, name] of Object.keys(CELLS).entries())
    process.stdout.write(`| ${name} | ${ms(page.medians[i]!)} | ${ms(kernel[i]!)} |\n`);
  process.stdout.write(`\nThe page's worker with all three cells: ${(page.bytes / 1000).toFixed(0)} kB.\n`);
}

void main().then(() => process.exit(0));
