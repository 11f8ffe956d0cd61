// How long a reader waits for a move of one slider, in gmm-vae and in what else makes notebooks live: the same figure (two normal
// densities, their KL in the title), the same plotly-drawn title watched in the same Chromium, from the key to the new title.
//
//   python3 -m venv /tmp/peers && /tmp/peers/bin/pip install jupyterlab ipywidgets ipykernel plotly numpy
//   (cd /tmp/peers && npm install @observablehq/runtime@6)
//   PEERS=/tmp/peers npx vite-node bench/live-peers.ts [moves]
//
// None of these packages belongs to the project. A peer that is not installed is left out of the table. What plotly's own renderer
// would draw in JupyterLab is drawn by it for both kernels.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { installKernelSpec } from '../src/notebook/kernel/kernelspec';
import { findBrowser, launchBrowser } from '../src/report/browser';
import { median } from '../test/live/move-slider';
import { reportOf } from '../test/live/three-figures';

const MOVES = Number(process.argv[2] ?? 30);
const PEERS = process.env.PEERS ?? '/tmp/peers';
const ROOT = join(__dirname, '..');

const OURS = `import { densityFigure, interact, klDivergence, Normal, slider } from 'gmm-vae';
interact({ mean: slider(-3, 3, { value: -2, step: 0.01 }) }, ({ mean }) => {
  const [q, p] = [new Normal(mean, 0.8), new Normal(0, 1)];
  return densityFigure(q, p, { kl: klDivergence(q, p) });
});`;

/** The same in Python: \`interact\` of ipywidgets with a figure of plotly. */
const PYTHON = `import numpy as np, plotly.graph_objects as go
from ipywidgets import interact, FloatSlider
z = np.linspace(-5, 5, 241)
density = lambda mean, stddev: np.exp(-0.5 * ((z - mean) / stddev) ** 2) / (stddev * np.sqrt(2 * np.pi))
def show(mean):
    q, p = density(mean, 0.8), density(0, 1)
    kl = 0.5 * (0.8**2 + mean**2 - 1) - np.log(0.8)
    integrand = q * np.log(q / p)
    lines = [go.Scatter(x=z, y=y, name=name) for y, name in ((integrand, 'q ln(q/p)'), (q, 'q'), (p, 'p'))]
    return go.Figure(lines, {'title': {'text': f'KL(q‖p) = {kl:.4f} nats'}, 'height': 400, 'xaxis': {'range': [-5, 5]}})
interact(show, mean=FloatSlider(min=-3, max=3, step=0.01, value=-2, readout_format='.2f'));`;

/** Presses the arrow key of a slider, each time once the last move's title stands there. Returns milliseconds of each. */
async function moves(page: Page, slider: string): Promise<number[]> {
  const handle = page.locator(slider).first();
  await page.waitForSelector('.gtitle', { timeout: 120_000 });
  await page.waitForTimeout(2000);
  await handle.focus();
  const times: number[] = [];
  for (let move = 0; move < MOVES + 5; move++) {
    await page.evaluate(watch);
    await handle.press('ArrowRight');
    times.push(await page.evaluate(() => (window as unknown as { moved: Promise<number> }).moved));
  }
  return times.slice(5);
}

/** Runs in the page: how long it is from the next key to another title. */
function watch(): void {
  const title = (): string | null | undefined => document.querySelector('.gtitle')?.textContent;
  const before = title();
  (window as unknown as { moved: Promise<number> }).moved = new Promise((resolve, reject) => {
    const begin = (): void => {
      const begun = performance.now();
      const look = (): void => {
        const now = title();
        if (now && now !== before) resolve(performance.now() - begun);
        else if (performance.now() - begun > 20_000) reject(new Error('no move was shown within 20 s'));
        else setTimeout(look, 1);
      };
      look();
    };
    addEventListener('keydown', begin, { once: true, capture: true });
  });
}

interface Row {
  readonly name: string;
  readonly times: readonly number[];
}

async function inReport(browser: Browser): Promise<Row> {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(await reportOf([OURS])).href);
  await page.locator('.live').scrollIntoViewIfNeeded();
  const times = await moves(page, '.live-controls input[type=range]');
  await page.close();
  return { name: 'gmm-vae, report', times };
}

/** A notebook of one cell in JupyterLab with ipywidgets, by the kernel of that name. */
async function inLab(browser: Browser, name: string, kernel: string, source: string): Promise<Row> {
  const folder = mkdtempSync(join(ROOT, '.cache', 'peers-'));
  installKernelSpec({ projectRoot: ROOT, prefix: folder });
  const cell = { cell_type: 'code', id: 'a', metadata: {}, outputs: [], execution_count: null, source };
  const metadata = { kernelspec: { name: kernel, display_name: kernel, language: '' } };
  writeFileSync(join(folder, 'a.ipynb'), JSON.stringify({ cells: [cell], metadata, nbformat: 4, nbformat_minor: 5 }));
  const port = 8900 + (process.pid % 90);
  const server = startLab(folder, port);
  const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
  try {
    await reachable(`http://127.0.0.1:${port}/api`);
    await page.goto(`http://127.0.0.1:${port}/lab/tree/a.ipynb?reset`);
    await page.waitForSelector('.jp-Notebook-ExecutionIndicator[data-status=idle]', { timeout: 120_000 });
    await page.locator('.jp-CodeCell .cm-content').click();
    for (let attempt = 0; attempt < 6 && (await page.locator('.gtitle').count()) === 0; attempt++) {
      await page.keyboard.press('Control+Enter');
      await page.waitForSelector('.gtitle', { timeout: 20_000 }).catch(() => {});
    }
    return { name, times: await moves(page, '.widget-slider .noUi-handle') };
  } finally {
    await page.close();
    server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

function startLab(folder: string, port: number): ChildProcess {
  const flags = ['--no-browser', '--allow-root', '--ip=127.0.0.1', `--port=${port}`, '--IdentityProvider.token='];
  const own = ['CONFIG_DIR', 'DATA_DIR', 'RUNTIME_DIR'].map((name) => [`JUPYTER_${name}`, join(folder, name)]);
  const env = {
    ...process.env,
    ...Object.fromEntries(own),
    JUPYTER_PATH: join(folder, 'share', 'jupyter'),
    PATH: `${join(PEERS, 'venv', 'bin')}:${join(PEERS, 'bin')}:${process.env.PATH}`,
  };
  return spawn('jupyter-lab', [...flags, `--ServerApp.root_dir=${folder}`], { env, stdio: 'ignore' });
}

async function reachable(address: string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const isThere = await fetch(address).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`nothing answers at ${address}`);
}

/** Observable's runtime in a page: cells that follow a slider, the same arithmetic, and plotly's react. */
const OBSERVABLE = `import { Runtime } from '@observablehq/runtime';
const input = document.querySelector('input');
const module = new Runtime().module();
const z = Array.from({ length: 241 }, (_, i) => -5 + i / 24);
const density = (mean, stddev) => z.map((x) => Math.exp(-0.5 * ((x - mean) / stddev) ** 2) / (stddev * Math.sqrt(2 * Math.PI)));
module.variable().define('mean', [], () => Number(input.value));
input.addEventListener('input', () => module.redefine('mean', [], () => Number(input.value)));
module.variable().define('p', [], () => density(0, 1));
module.variable().define('q', ['mean'], (mean) => density(mean, 0.8));
module.variable().define('kl', ['mean'], (mean) => 0.5 * (0.8 ** 2 + mean ** 2 - 1) - Math.log(0.8));
module.variable({}).define('figure', ['q', 'p', 'kl'], (q, p, kl) => {
  const integrand = q.map((at, i) => at * Math.log(at / p[i]));
  const lines = [[integrand, 'q ln(q/p)'], [q, 'q'], [p, 'p']].map(([y, name]) => ({ x: z, y, name }));
  return Plotly.react('plot', lines, { title: { text: 'KL(q‖p) = ' + kl.toFixed(4) + ' nats' }, height: 400, xaxis: { range: [-5, 5] } });
});`;

async function inObservable(browser: Browser): Promise<Row> {
  const { outputFiles } = buildSync({
    stdin: { contents: OBSERVABLE, resolveDir: existsSync(join(PEERS, 'obs')) ? join(PEERS, 'obs') : PEERS },
    bundle: true,
    minify: true,
    write: false,
  });
  const plotly = readFileSync(
    join(dirname(require.resolve('plotly.js-cartesian-dist-min/package.json')), 'plotly-cartesian.min.js'),
    'utf8',
  );
  const file = join(mkdtempSync(join(tmpdir(), 'peers-')), 'observable.html');
  const body = '<input type="range" min="-3" max="3" step="0.01" value="-2"><div id="plot"></div>';
  const script = outputFiles[0]?.text ?? '';
  process.stdout.write(`Observable's cells and runtime: ${(script.length / 1000).toFixed(0)} kB\n`);
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8">${body}<script>${plotly}</script><script>${script}</script>`,
  );
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  const times = await moves(page, 'input');
  await page.close();
  return { name: 'Observable runtime, page', times };
}

async function main(): Promise<void> {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const browser = await launchBrowser(findBrowser(process.env)!);
  const hasLab = [join(PEERS, 'venv', 'bin'), join(PEERS, 'bin')].some((bin) => existsSync(join(bin, 'jupyter-lab')));
  const hasObservable = [join(PEERS, 'obs'), PEERS].some((at) => existsSync(join(at, 'node_modules', '@observablehq')));
  const runs: (() => Promise<Row>)[] = [
    () => inReport(browser),
    ...(hasObservable ? [() => inObservable(browser)] : []),
    ...(hasLab
      ? [
          () => inLab(browser, 'gmm-vae kernel, JupyterLab', 'tslab', OURS),
          () => inLab(browser, 'ipywidgets + ipykernel, JupyterLab', 'python3', PYTHON),
        ]
      : []),
  ];
  process.stdout.write('| | median, ms | 90 %, ms | load |\n|---|---|---|---|\n');
  for (const run of runs) {
    const { name, times } = await run().catch((error: Error) => ({ name: error.message.split('\n')[0], times: [] }));
    const sorted = times.toSorted((a, b) => a - b);
    const tail = sorted[Math.floor(0.9 * sorted.length)];
    const cells = times.length > 0 ? [median(times).toFixed(0), tail?.toFixed(0)] : ['—', '—'];
    process.stdout.write(`| ${name} | ${cells.join(' | ')} | ${loadavg()[0]?.toFixed(0)} |\n`);
  }
  await browser.close();
}

void main().then(() => process.exit(0));
