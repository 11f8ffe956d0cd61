import { escapeHtml } from '../display';
import { formatValue } from '../figures/table';
import type { ReproduceRow } from '../reproduce';
import type { Fact } from './facts';
import { createMarkdownContext, type Heading, renderMarkdown } from './markdown';
import { type Html, html, joinHtml, NOTHING, verbatim } from './markup';
import { type MathsContext, renderMaths } from './maths';
import { renderFacts } from './notebook-page';
import { renderPage } from './page';

/** One report as the index shows it. */
export interface IndexEntry {
  /** File name of the page, in the index's folder. */
  readonly href: string;
  /** Inline HTML. */
  readonly title: string;
  readonly summary: string;
  /** The address of a picture, a `data:` URL. */
  readonly thumbnail?: string;
  /** Sections, where the index lists them. */
  readonly contents?: readonly Heading[];
  /** How the run went, in words: `run in 4.2 s`. */
  readonly status: string;
  readonly ok: boolean;
}

export interface IndexOptions {
  readonly reproduce: readonly ReproduceRow[];
  readonly reports: readonly IndexEntry[];
  /** Entries of the index that this one replaces, see {@link earlierEntries}. */
  readonly others?: readonly EarlierEntry[];
  readonly facts?: readonly Fact[];
  readonly hasExplore?: boolean;
}

/** An entry of an earlier index, as it stands there. */
export interface EarlierEntry {
  readonly href: string;
  readonly html: string;
}

/** The entries of an index page, in order. */
export function earlierEntries(page: string): EarlierEntry[] {
  return [...page.matchAll(/^<li data-href="([^"]*)">[\s\S]*?<\/li>$/gm)].map(([html, href = '']) => ({ href, html }));
}

/** Where a report of today was in the earlier index it stays in its place; new ones follow. */
function mergeEntries(reports: readonly IndexEntry[], others: readonly EarlierEntry[]): Html[] {
  const today = new Map(reports.map((entry) => [escapeHtml(entry.href), renderEntry(entry)]));
  if (others.every(({ href }) => today.has(href))) return [...today.values()];
  const kept = others.map(({ href, html: earlier }) => today.get(href) ?? verbatim(earlier));
  for (const { href } of others) today.delete(href);
  return [...kept, ...today.values()];
}

const OWN_TITLE = 'The KL term of a variational autoencoder';

/** Renders the front page: the lectures, then whether every equation holds. For other notebooks it is their table of contents. */
export function renderIndexPage({
  reproduce,
  reports,
  others = [],
  facts = [],
  hasExplore = false,
}: IndexOptions): string {
  const context = createMarkdownContext((message, tex) => {
    throw new Error(`reproduce: ${message} in ${tex}`);
  });
  const passed = reproduce.filter(({ pass }) => pass).length;
  const isOwn = reproduce.length > 0;
  const title = isOwn ? OWN_TITLE : 'Reports';
  const table = isOwn ? renderReproduce(reproduce, passed, context) : NOTHING;
  const body = html`<header class="title-block">
<h1>${title}</h1>
${renderFacts(facts)}
<div class="tools"><button type="button" class="toggle-theme">Light or dark</button></div>
</header>
${
  isOwn &&
  html`<p>What the KL term is, when it has a closed form, and what to do when the prior is a Gaussian mixture and none is
known. You need densities and expectations, and nothing about neural networks. Begin with the first lecture.</p>
<p class="verdict-line"><a href="#reproduce">Every numbered equation, checked</a>: <span class="verdict ${passed === reproduce.length ? 'pass' : 'fail'}">${passed} of ${reproduce.length} pass.</span></p>
`
}<h2 id="reports">${isOwn ? 'Lectures' : 'Contents'}</h2>
<ul class="reports">
${joinHtml(mergeEntries(reports, others), '\n')}
</ul>${
    hasExplore &&
    html`
<p><a href="explore.html">Explore KL(q‖p)</a>: any q and p, computed in the page.</p>`
  }
${table}`;
  return renderPage({ title, body, headings: [], hasFigures: false });
}

function renderReproduce(rows: readonly ReproduceRow[], passed: number, context: MathsContext): Html {
  const verdict = passed === rows.length ? 'pass' : 'fail';
  return html`<h2 id="reproduce">Every equation, checked</h2>
<p>Each numbered equation is evaluated and compared with an independent figure.
<span class="verdict ${verdict}">${passed} of ${rows.length} pass.</span></p>
<div class="scroll"><table class="reproduce" role="table">
<thead role="rowgroup"><tr role="row">${HEADERS.map(renderHeader)}</tr></thead>
<tbody role="rowgroup">
${joinHtml(
  rows.map((row) => renderRow(row, context)),
  '\n',
)}
</tbody></table></div>`;
}

const HEADERS = ['Equation', 'Result', 'Claim', 'Measured', 'Expected', 'Tolerance'] as const;

function renderHeader(name: (typeof HEADERS)[number], column: number): Html {
  return html`<th role="columnheader" scope="col"${column > 2 && html` class="number"`}>${name}</th>`;
}

// On a phone the style stacks the cells of a row; a stacked table is one to a screen reader only where the roles say so.
function renderRow(row: ReproduceRow, context: MathsContext): Html {
  const number = (name: (typeof HEADERS)[number], value: number, digits: number): Html =>
    html`<td role="cell" class="number" data-name="${name}">${formatValue(value, digits)}</td>`;
  return html`<tr role="row" id="equation-${row.equation}"><th role="rowheader" scope="row">(${row.equation})</th>
<td role="cell" class="result"><span class="verdict ${row.pass ? 'pass' : 'fail'}">${row.pass ? '✓ pass' : '✗ fail'}</span></td>
<td role="cell" class="claim">${verbatim(renderMarkdown(row.claim, createMarkdownContext(context.onError)))}<span class="formula">${renderMaths(`\\displaystyle ${row.formula}`, false, context)}</span></td>
${number('Measured', row.measured, 7)}${number('Expected', row.expected, 7)}${number('Tolerance', row.tolerance, 2)}</tr>`;
}

function renderEntry({ href, title, summary, thumbnail, contents = [], status, ok }: IndexEntry): Html {
  const sections = contents.map(({ id, html: words }) => html`<li><a href="${href}#${id}">${verbatim(words)}</a></li>`);
  // The title is the link that a keyboard and a screen reader come to; the picture repeats it for a mouse.
  const picture =
    thumbnail !== undefined &&
    html`<a class="thumbnail" href="${href}" tabindex="-1" aria-hidden="true"><img src="${thumbnail}" alt=""></a>\n`;
  return html`<li data-href="${href}">${picture}<h3><a href="${href}">${verbatim(title)}</a></h3>
<p>${verbatim(summary)}</p>
${sections.length > 0 && html`<ol class="sections">${sections}</ol>\n`}<p class="meta${ok ? '' : ' fail'}">${status}</p></li>`;
}
