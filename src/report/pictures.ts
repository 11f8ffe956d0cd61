import type { Browser } from 'playwright-core';
import type { MimeBundle } from '../display';
import { FIGURE_HTML, PLOTLY_MIME } from '../figures/figure';
import type { Notebook } from '../notebook/document/ipynb';
import { plotlySource } from './assets';
import { textOf } from './text';

const WIDTH = 720;
/** A vector picture larger than this is kept as pixels. */
const LARGEST_SVG = 300_000;

/** What the drawing page has after plotly's script ran in it. */
interface DrawingPage {
  readonly Plotly: {
    newPlot(element: unknown, data: unknown, layout: unknown): Promise<unknown>;
    toImage(
      element: unknown,
      options: { format: 'svg' | 'png'; width: number; height: number; scale?: number },
    ): Promise<string>;
  };
}

/**
 * Puts a still picture beside every interactive figure that has none, for readers that know no plotly: GitHub, nbconvert,
 * VS Code without its renderer extension, a page without scripts. They all show HTML rather than a picture where there
 * are both, and the HTML of a figure only says that it cannot be drawn: it goes. The notebook itself is changed.
 * @returns how many pictures were made
 */
export async function addPictures(browser: Browser, notebook: Notebook): Promise<number> {
  const bundles = bundlesWithoutPicture(notebook);
  if (bundles.length === 0) return 0;
  const context = await browser.newContext({ offline: true, viewport: { width: WIDTH, height: 600 } });
  try {
    const page = await context.newPage();
    await page.addScriptTag({ content: plotlySource() });
    for (const bundle of bundles) {
      const figure = bundle[PLOTLY_MIME] as { data?: object[]; layout?: { height?: number } };
      const draw = (format: 'svg' | 'png'): Promise<string> =>
        page.evaluate(drawFigure, { figure, format, width: WIDTH });
      const svg = decodeURIComponent((await draw('svg')).replace(/^data:image\/svg\+xml,/, ''));
      if (svg.length <= LARGEST_SVG) bundle['image/svg+xml'] = svg;
      else bundle['image/png'] = (await draw('png')).replace(/^data:image\/png;base64,/, '');
      if (isOurs(bundle['text/html'])) delete bundle['text/html'];
    }
    return bundles.length;
  } finally {
    await context.close();
  }
}

/** Other libraries' HTML may draw the figure by itself. */
function isOurs(html: unknown): boolean {
  return textOf(html).startsWith(FIGURE_HTML);
}

function bundlesWithoutPicture(notebook: Notebook): MimeBundle[] {
  const outputs = notebook.cells.flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []));
  return outputs
    .flatMap((output) => ('data' in output ? [output.data] : []))
    .filter((data) => data[PLOTLY_MIME] !== undefined && !data['image/svg+xml'] && !data['image/png']);
}

/** Runs in the browser. Sliders are left out: on a still picture they would only look broken. */
async function drawFigure({
  figure,
  format,
  width,
}: {
  figure: { data?: object[]; layout?: object & { height?: number } };
  format: 'svg' | 'png';
  width: number;
}): Promise<string> {
  const { Plotly } = globalThis as unknown as DrawingPage;
  // Plotly names clip paths at random; the same figure shall give the same bytes.
  let state = 1;
  Math.random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const { document } = globalThis as unknown as { document: { createElement(name: string): unknown } };
  const element = document.createElement('div');
  const height = figure.layout?.height ?? 400;
  const layout = { ...figure.layout, width, height, sliders: [], updatemenus: [] };
  await Plotly.newPlot(element, figure.data ?? [], layout);
  return Plotly.toImage(element, { format, width, height, ...(format === 'png' ? { scale: 2 } : {}) });
}
