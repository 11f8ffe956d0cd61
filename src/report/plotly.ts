import type { MimeBundle } from '../display';
import { scriptJson } from './html';
import { type Numbering, nextNumber } from './labels';
import { type Html, html } from './markup';
import { pictureAddress } from './picture-data';
import { textOf } from './text';

interface PlotlyJson {
  readonly data?: unknown;
  readonly layout?: {
    readonly meta?: { readonly alt?: unknown; readonly caption?: unknown } | null;
    readonly height?: unknown;
  } | null;
  readonly frames?: unknown;
}

/** The kinds of traces in plotly's cartesian bundle; one without a type is a scatter. */
const KINDS =
  /^(scatter|bar|box|contour|heatmap|histogram|histogram2d|histogram2dcontour|image|pie|scatterternary|violin)$/;

/** Whether the page can draw a figure: others (maps, surfaces, WebGL) keep the picture that stands beside them. */
export function canDraw(content: unknown): boolean {
  const { data } = readFigure(content);
  return data.every((trace) => KINDS.test(String(trace?.type ?? 'scatter')));
}

/** Other libraries write null for what they leave out. */
function readFigure(content: unknown): {
  readonly data: readonly { readonly type?: unknown }[];
  readonly layout: NonNullable<PlotlyJson['layout']>;
  readonly frames?: unknown;
} {
  const { data, layout, frames } = (content ?? {}) as PlotlyJson;
  return { data: Array.isArray(data) ? data : [], layout: layout ?? {}, frames };
}

/** A numbered figure: its JSON for the page's script to draw, a picture (or words) until then and without scripts. */
export function renderPlotly(content: unknown, bundle: MimeBundle, numbering: Numbering): Html {
  const { data, layout, frames } = readFigure(content);
  const { number, id } = nextNumber(numbering, 'figure');
  numbering.drawn += 1;
  const meta = layout.meta ?? {};
  const given = meta.alt ?? numbering.options.figureAlt;
  const alt = String(given ?? (textOf(bundle['text/plain']) || 'Figure without a description'));
  const caption = String(meta.caption ?? numbering.options.figureCaption ?? alt);
  const height = typeof layout.height === 'number' ? layout.height : 420;
  return html`<figure class="figure" id="${id}">
<div class="plot" style="min-height:${height}px" data-alt="${alt}">${renderStatic(bundle, alt)}</div>
<script type="application/json" class="plot-data">${scriptJson({ data, layout, ...(frames ? { frames } : {}) })}</script>
<figcaption><b>Figure ${number}.</b> ${caption}</figcaption>
</figure>`;
}

/** The picture the executed notebook carries beside the interactive figure; without one, a reader without scripts gets the words. */
function renderStatic(bundle: MimeBundle, alt: string): Html {
  const mime = ['image/svg+xml', 'image/png'].find((type) => textOf(bundle[type]) !== '');
  const source = mime === undefined ? undefined : pictureAddress(mime, bundle[mime]);
  if (source) return html`<img class="static" src="${source}" alt="${alt}">`;
  return html`<noscript><p class="no-script">This figure is drawn by a script. ${alt}</p></noscript>`;
}
