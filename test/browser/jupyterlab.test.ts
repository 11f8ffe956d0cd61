import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { display } from '../../src/display';
import { FIGURE_MIME, figure, PLOTLY_MIME } from '../../src/figures/figure';
import { installKernelSpec, labExtensionFolder } from '../../src/notebook/kernel/kernelspec';
import { temporaryFolder } from '../notebook/fixtures';
import { startBrowser } from './pages';

// A page that does with the installed extension what JupyterLab's own start does: it loads the file that package.json
// names, hands it the shared modules (Lumino is the real one) and asks for the module of the manifest. JupyterLab itself
// comes by pip alone: `npm run test:lab` runs it where it is installed.

const prefix = temporaryFolder();
const folder = labExtensionFolder(join(prefix, 'share', 'jupyter'));
const HOST = 'http://jupyterlab.test';
const FIGURE = figure({ data: [{ x: [1, 2, 3], y: [2, 1, 3] }], alt: 'Three points.' })[display]()[PLOTLY_MIME];

interface FigureWidget {
  readonly node: HTMLElement;
  renderModel(model: { readonly data: object }): Promise<void>;
  dispose(): void;
}

interface Renderer {
  readonly rank: number;
  readonly rendererFactory: { createRenderer(): FigureWidget; readonly mimeTypes: readonly string[] };
}

/** What the host page keeps for the tests. */
interface Host {
  readonly lumino: { readonly Widget: { attach(widget: object, host: Element): void } };
  readonly factory: Renderer['rendererFactory'];
  readonly rank: number;
  /** The ranks of what the extension adds, by MIME type, to a JupyterLab that draws the given types already. */
  readonly added: (drawn: readonly string[]) => Record<string, number>;
  widget: FigureWidget;
}

interface Manifest {
  readonly name: string;
  readonly jupyterlab: {
    readonly _build: { readonly load: string; readonly mimeExtension: string; readonly extension: string };
  };
}

let browser: Browser;
let page: Page;
const requested: string[] = [];

beforeAll(async () => {
  installKernelSpec({ projectRoot: join(__dirname, '../..'), prefix });
  const { outputFiles } = buildSync({
    entryPoints: [require.resolve('@lumino/widgets')],
    bundle: true,
    format: 'iife',
    globalName: 'lumino',
    write: false,
  });
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 900, height: 700 } });
  await page.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    requested.push(pathname);
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: '<div id="main"></div>' });
    return route.fulfill({ path: join(folder, pathname.replace('/labextensions/gmm-vae-figures/', '')) });
  });
  await page.goto(HOST);
  await page.addScriptTag({ content: `${outputFiles[0]?.text}; window.lumino = lumino;` });
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  await page.addScriptTag({ url: `${HOST}/labextensions/${manifest.name}/${manifest.jupyterlab._build.load}` });
  const { mimeExtension, extension } = manifest.jupyterlab._build;
  await page.evaluate(startExtension, { name: manifest.name, mimeExtension, extension });
});
afterAll(() => browser?.close());

interface Names {
  readonly name: string;
  readonly mimeExtension: string;
  readonly extension: string;
}

async function startExtension({ name, mimeExtension, extension }: Names): Promise<void> {
  interface Plugin {
    readonly activate: (app: null, ...services: object[]) => void;
    readonly requires: readonly object[];
  }
  interface Container {
    init(scope: object): void;
    get(module: string): Promise<() => { default: object }>;
  }
  const here = window as unknown as Host & { _JUPYTERLAB: Record<string, Container>; host: object };
  const container = here._JUPYTERLAB[name] as Container;
  // Of two versions the one that is loaded already is JupyterLab's own.
  const other = { get: async () => () => ({}) };
  const own = (module: object) => ({ get: async () => () => module, loaded: 1 });
  const tokens = { rendermime: { IRenderMimeRegistry: {} }, notebook: { INotebookTracker: {} } };
  container.init({
    '@lumino/widgets': { '2.9.0': other, '2.10.0': own(here.lumino) },
    '@jupyterlab/rendermime': { '4.0.0': own(tokens.rendermime) },
    '@jupyterlab/notebook': { '4.0.0': own(tokens.notebook) },
  });
  const { rendererFactory, rank } = (await container.get(mimeExtension))().default as Renderer;
  const plugins = (await container.get(extension))().default as Plugin[];
  const added = (drawn: readonly string[]): Record<string, number> => {
    const ranks: Record<string, number> = {};
    const registry = {
      getFactory: (mime: string) => drawn.includes(mime),
      addFactory: ({ mimeTypes }: { mimeTypes: string[] }, at: number) => mimeTypes.map((mime) => (ranks[mime] = at)),
    };
    const tracker = { forEach: () => {}, widgetAdded: { connect: () => {} } };
    const service = (token: object) => (token === tokens.rendermime.IRenderMimeRegistry ? registry : tracker);
    for (const { activate, requires } of plugins) activate(null, ...requires.map(service));
    return ranks;
  };
  here.host = { lumino: here.lumino, factory: rendererFactory, rank, added };
}

/** Renders a figure as an output of a cell; the model is returned as it is afterwards. */
async function render(data: object, width = 600): Promise<object> {
  return page.evaluate(
    async ({ data, width }) => {
      const { host } = window as unknown as { host: Host };
      const main = document.querySelector('#main') as HTMLElement;
      main.replaceChildren();
      main.style.width = `${width}px`;
      const widget = host.factory.createRenderer();
      const drawn = widget.renderModel({ data });
      host.lumino.Widget.attach(widget, main);
      await drawn;
      host.widget = widget;
      return data;
    },
    { data, width },
  );
}

const svg = () => page.locator('.main-svg').first();

describe('JupyterLab’s extension for figures', () => {
  it('draws a figure with what lies beside it, says to screen readers what it shows, and leaves the notebook as it is', async () => {
    const data = { [PLOTLY_MIME]: FIGURE };
    expect(await render(data)).toEqual(data);
    expect(await page.locator('.scatterlayer .trace').count()).toBe(1);
    expect(await page.locator('[role=img]').getAttribute('aria-label')).toBe('Three points.');
    const own = ['jupyterlab.js', 'draw.js', 'plotly-cartesian.min.js'];
    expect(requested).toEqual(['/', ...own.map((name) => `/labextensions/gmm-vae-figures/${name}`)]);
  });

  it('fits the figure to its cell, also when a side bar opens', async () => {
    await render({ [PLOTLY_MIME]: FIGURE });
    expect(await svg().getAttribute('width')).toBe('600');
    await page.evaluate(() => {
      const { host } = window as unknown as { host: Host & { widget: { onResize(): void } } };
      (document.querySelector('#main') as HTMLElement).style.width = '400px';
      host.widget.onResize();
    });
    await expect.poll(() => svg().getAttribute('width')).toBe('400');
  });

  it('brings the frames that a slider moves through', async () => {
    const frames = [{ name: 'a', data: [{ y: [5, 6, 7] }] }];
    await render({ [PLOTLY_MIME]: { ...(FIGURE as object), frames } });
    const names = await page.evaluate(() => {
      const { widget } = (window as unknown as { host: Host }).host;
      const { _transitionData } = widget.node.firstElementChild as unknown as {
        _transitionData: { _frames: { name: string }[] };
      };
      return _transitionData._frames.map(({ name }) => name);
    });
    expect(names).toEqual(['a']);
  });

  it('leaves nothing behind of a figure that is deleted', async () => {
    await render({ [PLOTLY_MIME]: FIGURE });
    const left = await page.evaluate(() => {
      const { widget } = (window as unknown as { host: Host }).host;
      const { node } = widget;
      widget.dispose();
      widget.dispose();
      return [node.isConnected, node.childElementCount];
    });
    expect(left).toEqual([false, 0]);
  });

  it('says what to do about a trace that the plotly of this project does not know', async () => {
    await render({ [PLOTLY_MIME]: { data: [{ type: 'surface', z: [[1]] }], layout: {} } });
    expect(await page.locator('#main').textContent()).toMatch(/no plotly traces of type surface; pip install plotly/);
  });

  it('draws each figure of the project itself, whatever pip has brought', async () => {
    const { rank, mimeTypes } = await page.evaluate(() => {
      const { rank, factory } = (window as unknown as { host: Host }).host;
      return { rank, mimeTypes: factory.mimeTypes };
    });
    expect(mimeTypes).toEqual([FIGURE_MIME]);
    // `pip install plotly` has 0 to 2 for plotly's type; its renderer leaves a figure as it was first drawn.
    expect(rank).toBeLessThan(0);
  });

  it('leaves other figures to plotly’s own renderer and controls to ipywidgets, where they are', async () => {
    const added = (drawn: string[]) =>
      page.evaluate((types) => (window as unknown as { host: Host }).host.added(types), drawn);
    const VIEW = 'application/vnd.jupyter.widget-view+json';
    expect(await added([PLOTLY_MIME, VIEW])).toEqual({});
    const alone = await added([]);
    expect(Object.keys(alone)).toEqual([PLOTLY_MIME, VIEW]);
    // JupyterLab's HTML has 50.
    expect(alone[PLOTLY_MIME]).toBeLessThan(50);
  });
});
