import type { MimeBundle } from '../display';
import { PLOTLY_MIME } from '../figures/figure';
import { joinText, type Output } from '../notebook/document/ipynb';
import { withoutColours } from './ansi';
import { renderFrame } from './frame';
import { withMaths } from './html-maths';
import { type Numbering, nextNumber } from './labels';
import { type LiveCells, liveDataOf, renderLive } from './live/live-cell';
import { elsewhere, LONGEST_SHOWN, longText, type Place } from './long-text';
import { type MarkdownContext, renderMarkdown } from './markdown';
import { type Html, html, joinHtml, NOTHING, verbatim } from './markup';
import { pictureAddress } from './picture-data';
import { canDraw, renderPlotly } from './plotly';
import { plainOutput, withText } from './sanitise/output-html';
import { textOf } from './text';
import { drawWidget, WIDGET_MIME, type Widgets } from './widgets';

/** What the outputs of one notebook share. */
export interface OutputContext extends MarkdownContext, Numbering, Place {
  /** Whether scripts in outputs may run; if not, they wait for a click. */
  readonly trusted: boolean;
  /** The widgets that the notebook was saved with. */
  readonly widgets?: Widgets;
  readonly live: LiveCells;
}

/** The outputs of one cell as HTML, in order; neighbouring pieces of one stream are one block. */
export function renderOutputs(outputs: readonly Output[], context: OutputContext): Html {
  const merged = mergeStreams(outputs);
  const parts = merged.map((output, i) => {
    const part = renderOutput(output, context);
    context.room.left -= part.source.length;
    // A live cell's controls come first, and what they move next.
    const live = liveDataOf(merged[i - 1]);
    return live ? renderLive(live, part, context.live, context.trusted) : part;
  });
  return joinHtml(parts, '\n');
}

function mergeStreams(outputs: readonly Output[]): Output[] {
  const merged: Output[] = [];
  for (const output of outputs) {
    const last = merged.at(-1);
    if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name)
      merged[merged.length - 1] = { ...last, text: joinText(last.text) + joinText(output.text) };
    else merged.push(output);
  }
  return merged;
}

function renderOutput(output: Output, context: OutputContext): Html {
  switch (output.output_type) {
    case 'stream':
      return renderText(joinText(output.text), output.name === 'stderr' ? 'stderr' : 'stdout', context);
    case 'error':
      return renderError(output, context);
    default:
      if (liveDataOf(output)) return NOTHING;
      return renderBundle(output.data, output.metadata ?? {}, context);
  }
}

function renderText(text: string, kind: string, context: OutputContext): Html {
  if (text.trim() === '') return NOTHING;
  return html`<pre class="output ${kind}${isAligned(text) && ' aligned'}">${longText(text, context)}</pre>`;
}

/** Columns of text, as a printed table has them, scroll sideways; other lines wrap. */
function isAligned(text: string): boolean {
  const sample = withoutColours(text.slice(0, LONGEST_SHOWN));
  return /[│┃|║]\s.*\n.*[│┃|║]\s/.test(sample) || (sample.match(/\S(?: {2,}|\t)\S/g)?.length ?? 0) >= 3;
}

function renderError({ ename, evalue, traceback }: Output & { output_type: 'error' }, context: OutputContext): Html {
  const text = traceback.length > 0 ? traceback.join('\n') : `${ename}: ${evalue}`;
  return html`<pre class="output error">${longText(text, context)}</pre>`;
}

/** Undefined where this content is better left to the next type of the bundle. */
type Renderer = (content: unknown, bundle: MimeBundle, context: OutputContext, metadata: unknown) => Html | undefined;

const UNNAMED = 'Picture made by this cell';

const asPicture =
  (mime: string): Renderer =>
  (content, bundle, { options }, metadata) => {
    const src = pictureAddress(mime, content);
    const alt = options.figureAlt ?? (textOf(bundle['text/plain']) || UNNAMED);
    if (src === undefined)
      return html`<p class="output"><strong class="rest">A picture that cannot be shown: its ${mime} is not base64. ${alt}</strong></p>`;
    return html`<p class="picture"><img src="${src}" alt="${alt}"${sizeGiven(metadata)}></p>`;
  };

/** The size in CSS pixels that a kernel asks for: a figure drawn for twice the density is half as wide as its pixels. */
function sizeGiven(metadata: unknown): Html {
  const given = (metadata ?? {}) as { readonly width?: unknown; readonly height?: unknown };
  const sizes = (['width', 'height'] as const).flatMap((name) => {
    const size = Number(given[name]);
    return given[name] !== undefined && size >= 1 && size <= 1e5 ? [html` ${name}="${Math.round(size)}"`] : [];
  });
  return joinHtml(sizes);
}

/** MIME types a report can show, richest first; of a bundle the first one found is shown. */
const RENDERERS: readonly (readonly [string, Renderer])[] = [
  [PLOTLY_MIME, (content, bundle, context) => (canDraw(content) ? renderPlotly(content, bundle, context) : undefined)],
  [WIDGET_MIME, (content, _, context) => renderWidget(content, context)],
  ['text/html', (content, _, context) => renderHtml(textOf(content), context)],
  ['text/markdown', (content, _, context) => verbatim(renderMarkdown(textOf(content), context))],
  ['text/latex', (content, _, context) => verbatim(renderMarkdown(textOf(content), context))],
  ['image/svg+xml', asPicture('image/svg+xml')],
  ['image/png', asPicture('image/png')],
  ['image/jpeg', asPicture('image/jpeg')],
  ['image/gif', asPicture('image/gif')],
  ['image/webp', asPicture('image/webp')],
  ['application/json', (content, _, context) => renderText(JSON.stringify(content, null, 2), 'result', context)],
  ['text/plain', (content, _, context) => renderText(textOf(content), 'result', context)],
];

function renderBundle(bundle: MimeBundle, metadata: Record<string, unknown>, context: OutputContext): Html {
  let left = 0;
  for (const [mime, render] of RENDERERS) {
    const content = bundle[mime];
    if (isEmpty(content)) continue;
    if (mime !== 'text/plain' && sizeOf(content) > context.room.left) {
      left = Math.max(left, sizeOf(content));
      continue;
    }
    const rendered = render(content, bundle, context, metadata[mime]);
    if (rendered === undefined) continue;
    const shown = isPicture(mime, rendered) ? renderStill(rendered, context) : rendered;
    return left === 0 ? shown : html`${shown}\n${leftOut(left, context)}`;
  }
  if (left > 0) return leftOut(left, context);
  // Text that is empty says nothing, and is shown as that.
  const kinds = Object.keys(bundle)
    .filter((mime) => !isEmpty(bundle[mime]))
    .join(', ');
  return kinds === '' ? NOTHING : renderText(`An output this report cannot show: ${kinds}`, 'result', context);
}

function renderWidget(view: unknown, context: OutputContext): Html | undefined {
  return drawWidget(view, {
    widgets: context.widgets ?? {},
    renderHtml: (given) => renderHtml(given, context),
    renderOutputs: (outputs) => renderOutputs(outputs, context),
  });
}

function isEmpty(content: unknown): boolean {
  return (
    content === undefined || content === null || content === '' || (Array.isArray(content) && content.join('') === '')
  );
}

function sizeOf(content: unknown): number {
  return (textOf(content) || JSON.stringify(content)).length;
}

function leftOut(size: number, context: OutputContext): Html {
  return html`<p class="output">${elsewhere(`This output, ${(size / 1e6).toFixed(1)} MB, is`, context)}</p>`;
}

/** A picture, as such or as HTML that holds nothing else. */
function isPicture(mime: string, { source }: Html): boolean {
  return (
    mime.startsWith('image/') || (mime === 'text/html' && /^<div class="output html"><img\b[^>]*><\/div>$/.test(source))
  );
}

/** A picture that its cell gives a label or a caption is a numbered figure; others stand in the text as they are. */
function renderStill(picture: Html, context: OutputContext): Html {
  const { label, figureCaption = '' } = context.options;
  if (!label?.startsWith('fig-') && figureCaption === '') return picture;
  const { number, id } = nextNumber(context, 'figure');
  return html`<figure class="still" id="${id}">${picture}
<figcaption><b>Figure ${number}.</b> ${figureCaption}</figcaption>
</figure>`;
}

/** HTML among the page's elements where it only marks text up, else in a frame. */
export function renderHtml(given: string, context: OutputContext): Html {
  const markup = plainOutput(withoutFrameStyle(given), context.options.figureAlt ?? UNNAMED);
  if (markup === undefined) return renderFrame(given, context.trusted);
  const plain = withText(markup, (text) => withMaths(text, context, (made) => made.source)).source;
  if (!/<table\b/.test(plain)) return html`<div class="output html">${verbatim(plain)}</div>`;
  const numbered = withCaption(plain, context).replace(/<caption([^>]*)>/g, (_, attributes: string) => {
    const { number, id } = nextNumber(context, 'table');
    return html`<caption id="${id}"${verbatim(attributes)}><b>Table ${number}.</b> `.source;
  });
  return html`<div class="output html scroll">${verbatim(numbered)}</div>`;
}

/** Every table of pandas brings the same style along; without it, it is a table like any other, and breaks between pages. */
function withoutFrameStyle(given: string): string {
  return given
    .replace(/^\s*<div>\s*<style scoped>[^<]*<\/style>/, '<div>')
    .replace(/<table border="1" class="dataframe">/g, '<table class="dataframe">');
}

/** A table whose cell gives it a label or a caption has one, and so a number. */
function withCaption(plain: string, { options: { label, tableCaption = '' } }: OutputContext): string {
  const wanted = tableCaption !== '' || label?.startsWith('tbl-');
  if (!wanted || plain.includes('<caption')) return plain;
  const caption = html`<caption>${tableCaption}</caption>`.source;
  return plain.replace(/<table\b[^>]*>/, (tag) => tag + caption);
}
