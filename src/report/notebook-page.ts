import { languageOf } from '../notebook/document/format';
import { type Cell, joinText, type Notebook } from '../notebook/document/ipynb';
import type { Fact } from './facts';
import { highlightCode } from './highlight';
import { createNumbering, splitOptions, type Targets, turnsOff } from './labels';
import { bundleWorker } from './live/bundle';
import { createRoom } from './long-text';
import { createMarkdownContext, renderMarkdown } from './markdown';
import { type Html, html, joinHtml, NOTHING, verbatim } from './markup';
import { type OutputContext, renderOutputs } from './outputs';
import { renderPage } from './page';
import { pictureAddress } from './picture-data';

export interface NotebookPageOptions {
  /** File name, for messages and for the title of a notebook without a heading. */
  readonly name: string;
  /** The title block: run, versions, device, seed. */
  readonly facts?: readonly Fact[];
  /** Whether scripts in outputs run at once; default true, as in a notebook one has run oneself. */
  readonly trusted?: boolean;
  /** Where the executed notebook lies beside the page; absent where it does not. */
  readonly executedHref?: string;
  /** Why the run stopped, if it did. */
  readonly failure?: string;
  /** Where the notebook lies: pictures that its text names are looked for there. */
  readonly folder?: string;
}

/** Something the page cannot show as it was meant, with the place to mend it. */
export interface Problem {
  /** Counted from 1, all kinds of cells. */
  readonly cell: number;
  readonly message: string;
}

export interface NotebookPage {
  readonly html: string;
  readonly title: string;
  /** The title as inline HTML, maths rendered. */
  readonly titleHtml: string;
  /** The first paragraph as HTML, for the index. */
  readonly summary: string;
  readonly problems: readonly Problem[];
  /** What a reader of the page may miss, and nothing is wrong with. */
  readonly notes: readonly Problem[];
}

/** An executed notebook as one HTML page. */
export function renderNotebookPage(notebook: Notebook, options: NotebookPageOptions): NotebookPage {
  const { name, facts = [], trusted = true, executedHref, failure, folder } = options;
  const shared = { trusted, folder, ...(executedHref === undefined ? {} : { executedHref }) };
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  // A reference may stand before its figure: numbers are known after a first look, whose complaints come again in the second.
  const { context: targets } = renderCells(notebook, shared, undefined, [], []);
  const { context, cells } = renderCells(notebook, shared, targets, problems, notes);
  const body = html`${titleBlock(context, name, facts)}
${failure !== undefined && html`<p class="failed" role="note"><strong>The run stopped.</strong> ${failure}</p>`}
${joinHtml(cells, '\n')}`;
  const title = context.title?.text ?? name;
  const page = renderPage({
    title,
    body,
    headings: context.headings,
    hasFigures: context.figures > 0,
    trusted,
    worker: context.live.programs.length > 0 ? bundleWorker(context.live.programs) : undefined,
  });
  return {
    html: page,
    title,
    titleHtml: context.title?.html ?? html`${name}`.source,
    summary: context.summary,
    problems,
    notes,
  };
}

function renderCells(
  notebook: Notebook,
  shared: Pick<OutputContext, 'trusted' | 'executedHref' | 'folder'>,
  targets: Targets | undefined,
  problems: Problem[],
  notes: Problem[],
): { readonly context: OutputContext; readonly cells: readonly Html[] } {
  let at = 0;
  const onError = (message: string, source: string): void =>
    void problems.push({ cell: at + 1, message: `${message} in ${source.trim()}` });
  const markdown = createMarkdownContext(onError, { targets, ...shared });
  const context: OutputContext = {
    ...markdown,
    ...createNumbering(markdown),
    ...shared,
    room: createRoom(),
    live: { programs: [], note: (reason) => void notes.push({ cell: at + 1, message: reason }) },
  };
  const cells = notebook.cells.map((cell, index) => {
    at = index;
    return renderCell(cell, context, languageOf(notebook)?.toLowerCase() ?? 'typescript');
  });
  return { context, cells };
}

/** What was run, where and with what; nothing where there is nothing to say. */
export function renderFacts(facts: readonly Fact[]): Html {
  const rows = facts.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`);
  return rows.length > 0 ? html`<dl class="facts">${rows}</dl>` : NOTHING;
}

function titleBlock({ title: heading }: OutputContext, name: string, facts: readonly Fact[]): Html {
  const title = heading ? html`<h1 id="${heading.id}">${verbatim(heading.html)}</h1>` : html`<h1>${name}</h1>`;
  return html`<header class="title-block">
<p class="eyebrow"><a href="index.html">All reports</a></p>
${title}
${renderFacts(facts)}
<div class="tools"><button type="button" class="toggle-code" aria-pressed="false">Show all code</button><button type="button" class="toggle-theme">Light or dark</button></div>
</header>`;
}

function renderCell(cell: Cell, context: OutputContext, language: string): Html {
  const source = joinText(cell.source);
  if (cell.cell_type === 'markdown') {
    context.attachments = attachmentsOf(cell);
    return verbatim(renderMarkdown(source, context));
  }
  if (cell.cell_type !== 'code') return source.trim() === '' ? NOTHING : html`<pre class="raw">${source}</pre>`;
  const { options, code: written } = splitOptions(source);
  Object.assign(context, { options, labelled: 0 });
  const tags = cell.metadata.tags ?? [];
  if (tags.includes('remove-cell') || turnsOff(source, 'include')) return NOTHING;
  const isLeftOut = tags.includes('remove-input') || turnsOff(source, 'echo');
  const code = isLeftOut ? NOTHING : renderCode(written, language, cell);
  const outputs = tags.includes('remove-output') ? NOTHING : renderOutputs(cell.outputs, context);
  return code.source === '' && outputs.source === '' ? NOTHING : html`<div class="cell">${code}\n${outputs}</div>`;
}

/** Folded to one line that says what is inside; the parameters, which a reader may want to change, lie open. */
function renderCode(source: string, language: string, { metadata }: Cell): Html {
  if (source.trim() === '') return NOTHING;
  const tags = metadata.tags ?? [];
  const hides = tags.includes('hide-input') || tags.includes('hide-cell') || isHidden(metadata.jupyter);
  const shows = tags.includes('parameters') || tags.includes('injected-parameters') || tags.includes('show-input');
  const open = shows && !hides;
  const rest = source.replace(/^import\b[\s\S]*?from\s*['"][^'"]*['"];?$/gm, '');
  const preview = rest.split('\n').find((line) => line.trim() !== '') ?? 'imports';
  return html`<details class="code"${open && ' open'}><summary>Code<code aria-hidden="true">${preview.trim()}</code></summary>
<div class="listing"><button type="button" class="copy">Copy</button><pre><code>${highlightCode(source, language)}</code></pre></div></details>`;
}

/** What JupyterLab keeps of a cell whose code its author has folded. */
function isHidden(jupyter: unknown): boolean {
  return (jupyter as { readonly source_hidden?: unknown } | null | undefined)?.source_hidden === true;
}

function attachmentsOf(cell: Cell): Record<string, string> {
  const entries = Object.entries(cell.attachments ?? {}).flatMap(([file, bundle]) => {
    const [mime, content] = Object.entries(bundle ?? {})[0] ?? ['', ''];
    const address = pictureAddress(mime, content);
    return address === undefined ? [] : [[file, address]];
  });
  return Object.fromEntries(entries);
}
