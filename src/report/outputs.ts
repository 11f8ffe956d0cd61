import type { MimeBundle } from '../display';
import { PLOTLY_MIME } from '../figures/figure';
import { joinText, type Output } from '../notebook/document/ipynb';
import { withoutColours } from './ansi';
import { renderHtml } from './html-output';
import { liveDataOf, renderLive } from './live/live-cell';
import { elsewhere, LONGEST_SHOWN, longText } from './long-text';
import { renderMarkdown } from './markdown';
import { type Html, html, joinHtml, NOTHING, verbatim } from './markup';
import type { OutputContext } from './output-context';
import { asPicture, isPicture, renderStill } from './picture-output';
import { canDraw, renderPlotly } from './plotly';
import { textOf } from './text';
import { drawWidget, WIDGET_MIME } from './widgets';

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
