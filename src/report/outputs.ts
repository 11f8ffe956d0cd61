import type { MimeBundle } from '../figures/display';
import { escapeHtml } from '../figures/display';
import { PLOTLY_MIME } from '../figures/figure';
import { joinText, type Output } from '../notebook/ipynb';
import { ansiWriter, cutBefore, printed } from './ansi';
import { renderFrame } from './frame';
import { isPlainHtml, withPageClasses } from './html';
import { type Numbering, nextNumber } from './labels';
import { type MarkdownContext, renderMarkdown } from './markdown';
import { renderPlotly } from './plotly';
import { textOf } from './text';

/** What the outputs of one notebook share. */
export interface OutputContext extends MarkdownContext, Numbering {
  /** Whether scripts in outputs may run; if not, they wait for a click. */
  readonly trusted: boolean;
  /** Where the executed notebook lies, for what is too long for a page. */
  readonly executedHref?: string;
}

/** Text beyond this many characters shows its beginning and end, with the rest folded between them. */
const LONGEST_SHOWN = 20_000;
/** Text beyond this many characters leaves its middle to the executed notebook, which has the whole. */
const LONGEST_KEPT = 500_000;

/** The outputs of one cell as HTML, in order; neighbouring pieces of one stream are one block. */
export function renderOutputs(outputs: readonly Output[], context: OutputContext): string {
  return mergeStreams(outputs)
    .map((output) => renderOutput(output, context))
    .join('\n');
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

function renderOutput(output: Output, context: OutputContext): string {
  switch (output.output_type) {
    case 'stream':
      return renderText(joinText(output.text), output.name === 'stderr' ? 'stderr' : 'stdout', context);
    case 'error':
      return renderError(output, context);
    default:
      return renderBundle(output.data, context);
  }
}

function renderText(text: string, kind: string, context: OutputContext): string {
  if (text.trim() === '') return '';
  return `<pre class="output ${kind}${isAligned(text) ? ' aligned' : ''}">${longText(text, context)}</pre>`;
}

/** Columns of text, as a printed table has them, scroll sideways; other lines wrap. */
function isAligned(text: string): boolean {
  const sample = text.slice(0, LONGEST_SHOWN);
  return /[│┃|║]\s.*\n.*[│┃|║]\s/.test(sample) || (sample.match(/\S(?: {2,}|\t)\S/g)?.length ?? 0) >= 3;
}

/** The whole text, or its beginning and end with the rest folded between them or, past a page's size, a click away. */
function longText(given: string, { executedHref }: OutputContext): string {
  const text = printed(given);
  const write = ansiWriter();
  if (text.length <= LONGEST_SHOWN) return write(text);
  const from = cutBefore(text, LONGEST_SHOWN * 0.75);
  const to = cutBefore(text, text.length - LONGEST_SHOWN * 0.25);
  const [head, rest] = [write(text.slice(0, from)), write(text.slice(from, to))];
  const count = `${(to - from).toLocaleString('en-US')} more characters`;
  const place =
    executedHref === undefined
      ? 'the executed notebook only'
      : `<a href="${escapeHtml(executedHref)}">the executed notebook</a>`;
  const middle =
    text.length <= LONGEST_KEPT
      ? `<details class="rest"><summary>${count}</summary>${rest}</details>`
      : `<strong class="rest">${count} are in ${place}</strong>`;
  return `${head}${middle}${write(text.slice(to))}`;
}

function renderError({ ename, evalue, traceback }: Output & { output_type: 'error' }, context: OutputContext): string {
  const text = traceback.length > 0 ? traceback.join('\n') : `${ename}: ${evalue}`;
  return `<pre class="output error">${longText(text, context)}</pre>`;
}

type Renderer = (content: unknown, bundle: MimeBundle, context: OutputContext) => string;

const asPicture =
  (mime: string): Renderer =>
  (content, bundle) => {
    const base64 = mime === 'image/svg+xml' ? Buffer.from(textOf(content)).toString('base64') : textOf(content);
    const alt = textOf(bundle['text/plain']) || 'Picture made by this cell';
    return `<p class="picture"><img src="data:${mime};base64,${base64.replace(/\s+/g, '')}" alt="${escapeHtml(alt)}"></p>`;
  };

/** MIME types a report can show, richest first; of a bundle the first one found is shown. */
const RENDERERS: readonly (readonly [string, Renderer])[] = [
  [PLOTLY_MIME, (content, bundle, context) => renderPlotly(content, bundle, context)],
  ['text/html', (content, _, context) => renderHtml(textOf(content), context)],
  ['text/markdown', (content, _, context) => renderMarkdown(textOf(content), context)],
  ['text/latex', (content, _, context) => renderMarkdown(textOf(content), context)],
  ['image/svg+xml', asPicture('image/svg+xml')],
  ['image/png', asPicture('image/png')],
  ['image/jpeg', asPicture('image/jpeg')],
  ['image/gif', asPicture('image/gif')],
  ['application/json', (content, _, context) => renderText(JSON.stringify(content, null, 2), 'result', context)],
  ['text/plain', (content, _, context) => renderText(textOf(content), 'result', context)],
];

function renderBundle(bundle: MimeBundle, context: OutputContext): string {
  for (const [mime, render] of RENDERERS) {
    const content = bundle[mime];
    if (content === undefined || content === null || content === '') continue;
    const html = render(content, bundle, context);
    return isPicture(mime, html) ? renderStill(html, context) : html;
  }
  const kinds = Object.keys(bundle).join(', ');
  return kinds === '' ? '' : renderText(`An output this report cannot show: ${kinds}`, 'result', context);
}

/** A picture, as such or as HTML that holds nothing else. */
function isPicture(mime: string, html: string): boolean {
  return (
    mime.startsWith('image/') || (mime === 'text/html' && /^<div class="output html"><img\b[^>]*><\/div>$/.test(html))
  );
}

/** A picture that its cell gives a label or a caption is a numbered figure; others stand in the text as they are. */
function renderStill(html: string, context: OutputContext): string {
  const { label, figureCaption = '' } = context.options;
  if (!label?.startsWith('fig-') && figureCaption === '') return html;
  const { number, id } = nextNumber(context, 'figure');
  return `<figure class="still" id="${id}">${html}
<figcaption><b>Figure ${number}.</b> ${escapeHtml(figureCaption)}</figcaption>
</figure>`;
}

function renderHtml(given: string, context: OutputContext): string {
  const bare = withoutFrameStyle(given);
  if (!isPlainHtml(bare)) return renderFrame(given, context.trusted);
  const html = withPageClasses(bare);
  if (!/<table\b/.test(html)) return `<div class="output html">${html}</div>`;
  const numbered = withCaption(html, context).replace(/<caption([^>]*)>/g, (_, attributes: string) => {
    const { number, id } = nextNumber(context, 'table');
    return `<caption id="${id}"${attributes}><b>Table ${number}.</b> `;
  });
  return `<div class="output html scroll">${numbered}</div>`;
}

/** Every table of pandas brings the same style along; without it, it is a table like any other, and breaks between pages. */
function withoutFrameStyle(html: string): string {
  return html
    .replace(/^\s*<div>\s*<style scoped>[^<]*<\/style>/, '<div>')
    .replace(/<table border="1" class="dataframe">/g, '<table class="dataframe">');
}

/** A table whose cell gives it a label or a caption has one, and so a number. */
function withCaption(html: string, { options: { label, tableCaption = '' } }: OutputContext): string {
  const wanted = tableCaption !== '' || label?.startsWith('tbl-');
  if (!wanted || html.includes('<caption')) return html;
  return html.replace(/<table\b[^>]*>/, (tag) => `${tag}<caption>${escapeHtml(tableCaption)}</caption>`);
}
