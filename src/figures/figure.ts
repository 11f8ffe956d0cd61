import { type Displayable, display, escapeHtml } from '../display';
import { InvalidArgumentError } from '../errors';
import type { Handle } from './handles';
import { toPlainJson } from './plain-json';
import { DEFAULT_HEIGHT, TEMPLATE, TITLED_MARGIN } from './theme';
import { checkTraceLengths } from './trace-lengths';

export const PLOTLY_MIME = 'application/vnd.plotly.v1+json';
/**
 * Stands beside a figure's plotly JSON, so that JupyterLab gives it to the renderer of this project: plotly's own draws an output once,
 * ignores what comes in its place, says nothing to screen readers and writes a picture into the notebook.
 */
export const FIGURE_MIME = 'application/vnd.gmm-vae.figure+json';
/** How the HTML of a figure begins. */
export const FIGURE_HTML = '<div class="gmm-vae-figure" role="img">';

export interface FigureSpec {
  /** Plotly traces of the cartesian kinds (scatter, bar, heatmap, contour, histogram, box, violin, image). */
  readonly data: readonly object[];
  /** Plotly layout; whatever it leaves open comes from the house theme. */
  readonly layout?: object;
  readonly frames?: readonly object[];
  /** What a reader who cannot see the figure needs to know: what is drawn and what it shows. */
  readonly alt: string;
  /** The printed caption; the report numbers it. */
  readonly caption?: string;
  /** What a reader drags in the figure of a live cell. */
  readonly handles?: readonly Handle[];
}

/**
 * A plotly figure as plain JSON: drawn by Jupyter, VS Code and the reports, none of which it needs in order to exist.
 *
 * @example
 * ```ts
 * import { densityFigure, type Figure, Normal } from 'gmm-vae';
 *
 * const drawn: Figure = densityFigure(new Normal(1, 0.5), new Normal(0, 1));
 * drawn.data.length; // 3
 * ```
 */
export interface Figure extends Displayable {
  readonly data: readonly object[];
  readonly layout: object;
  readonly frames?: readonly object[];
  readonly alt: string;
}

/**
 * Builds a figure in the house theme. The spec must be plain JSON: typed arrays are copied to arrays, NaN becomes null.
 *
 * @throws InvalidArgumentError where the x and y of a trace, or the rows of a map, are not of one length
 *
 * @example
 * ```ts
 * import { figure, linspace } from 'gmm-vae';
 *
 * const x = linspace(0, 2, 41);
 * figure({
 *   data: [{ type: 'scatter', mode: 'lines', x, y: x.map((at) => at ** 2) }],
 *   layout: { xaxis: { title: { text: 'x' } }, yaxis: { title: { text: 'x²' } } },
 *   alt: 'A parabola from 0 to 4.',
 * });
 * ```
 */
export function figure(spec: FigureSpec): Figure {
  if (spec.alt.trim() === '')
    throw new InvalidArgumentError('alt', 'expected a sentence that says what the figure shows, got ""');
  checkTraceLengths(spec.data);
  const { caption, handles } = spec;
  const alt = withMinusSigns(spec.alt);
  const layout = {
    height: DEFAULT_HEIGHT,
    ...('title' in (spec.layout ?? {}) ? { margin: TITLED_MARGIN } : {}),
    ...spec.layout,
    template: TEMPLATE,
    meta: { alt, ...(caption !== undefined && { caption }), ...(handles && { handles }) },
  };
  const plain = toPlainJson<PlainFigure>({ data: spec.data, layout, ...(spec.frames ? { frames: spec.frames } : {}) });
  return {
    ...plain,
    alt,
    [display]: () => ({
      [PLOTLY_MIME]: { ...plain, config: { responsive: true, displaylogo: false } },
      [FIGURE_MIME]: {},
      'text/html': toHtml(plain, alt),
      'text/plain': alt,
    }),
  };
}

/** A screen reader reads − as “minus” and passes over the hyphen that `toFixed` writes. */
function withMinusSigns(text: string): string {
  return text.replace(/(?<=^|[\s(])-(?=[\d.])/g, '−');
}

interface PlainFigure {
  readonly data: readonly object[];
  readonly layout: object;
  readonly frames?: readonly object[];
}

/** Shows the figure in front ends that know no plotly MIME type: draws where the page offers `Plotly`, else says what there would be to see. */
function toHtml(plain: PlainFigure, alt: string): string {
  const json = JSON.stringify(plain).replace(/</g, '\\u003c');
  return [
    FIGURE_HTML,
    `<p>${escapeHtml(alt)}</p>`,
    '<p><small>This viewer has no plotly renderer. The report of this notebook shows the figure: <code>gmm-vae report</code>.</small></p>',
    '</div>',
    `<script>(function(f){var s=document.currentScript,d=s&&s.previousElementSibling;if(d&&window.Plotly){d.textContent="";`,
    `window.Plotly.newPlot(d,f.data,f.layout,{responsive:true,displaylogo:false})}})(${json})</script>`,
  ].join('');
}
