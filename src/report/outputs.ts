import type { MimeBundle } from '../figures/display';
import { escapeHtml } from '../figures/display';
import { PLOTLY_MIME } from '../figures/figure';
import { joinText, type Output } from '../notebook/ipynb';
import { ansiWriter, cutBefore, printed } from './ansi';
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
  if (!isPlainHtml(given)) return renderFrame(given, context);
  const html = withPageClasses(given);
  if (!/<table\b/.test(html)) return `<div class="output html">${html}</div>`;
  const numbered = withCaption(html, context).replace(/<caption([^>]*)>/g, (_, attributes: string) => {
    const { number, id } = nextNumber(context, 'table');
    return `<caption id="${id}"${attributes}><b>Table ${number}.</b> `;
  });
  return `<div class="output html scroll">${numbered}</div>`;
}

/** A table whose cell gives it a label or a caption has one, and so a number. */
function withCaption(html: string, { options: { label, tableCaption = '' } }: OutputContext): string {
  const wanted = tableCaption !== '' || label?.startsWith('tbl-');
  if (!wanted || html.includes('<caption')) return html;
  return html.replace(/<table\b[^>]*>/, (tag) => `${tag}<caption>${escapeHtml(tableCaption)}</caption>`);
}

/**
 * The frame tells the page how high its content is, once loaded and when asked: either may be ready first. Ahead of the
 * content, so that nothing unclosed there swallows it.
 */
const MEASURE = `<script>{
const tell = () => parent.postMessage({ frameHeight: document.body.offsetHeight + 16 }, '*');
addEventListener('load', () => new ResizeObserver(tell).observe(document.body));
addEventListener('message', () => document.body && tell());
}</script>`;

/** HTML with scripts, styles or broken nesting: shown in a sandbox that shares nothing with the page. */
function renderFrame(html: string, context: OutputContext): string {
  const source = `<!doctype html><meta charset="utf-8"><base target="_blank"><style>body{margin:8px;overflow-wrap:break-word;font:15px/1.5 system-ui,sans-serif;color:#1d1f23}table{border-collapse:collapse}th,td{padding:2px 10px;text-align:right}</style>${context.trusted ? MEASURE : ''}${html}`;
  const permission = context.trusted ? 'allow-scripts allow-popups' : '';
  const frame = `<iframe class="output frame" title="Output of this cell" loading="lazy" sandbox="${permission}" srcdoc="${escapeHtml(source)}"></iframe>`;
  const button = '<button type="button" class="run-frame">Run the scripts of this output</button>';
  return context.trusted || !/<script|\son\w+\s*=/i.test(html)
    ? frame
    : `<div class="untrusted">${frame}${button}</div>`;
}
