import { languageOf } from '../notebook/document/format';
import { joinText, type Notebook } from '../notebook/document/ipynb';
import { renderCell } from './cell';
import { tagsIn } from './equations';
import type { Fact } from './facts';
import { readFrontMatter } from './front-matter';
import { createNumbering, type Targets } from './labels';
import { bundleWorker } from './live/bundle';
import { createRoom } from './long-text';
import { createMarkdownContext, type Heading } from './markdown';
import { type Html, html, joinHtml, NOTHING, verbatim } from './markup';
import type { OutputContext } from './output-context';
import { renderPage } from './page';
import { thumbnailOf } from './thumbnail';
import { widgetsOf } from './widgets';

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
  /** Whether no index of reports lies beside the page. */
  readonly alone?: boolean;
  /** Where the notebook lies: pictures that its text names are looked for there. */
  readonly folder?: string;
}

/** Something the page cannot show as it was meant, with the place to fix it. */
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
  /** The description, else the first paragraph, as HTML: for the index. */
  readonly summary: string;
  /** The address of a picture for the index. */
  readonly thumbnail: string | undefined;
  readonly headings: readonly Heading[];
  readonly problems: readonly Problem[];
  /** What a reader of the page may miss, and nothing is wrong with. */
  readonly notes: readonly Problem[];
}

/** An executed notebook as one HTML page. */
export function renderNotebookPage(given: Notebook, options: NotebookPageOptions): NotebookPage {
  const { notebook, title: titled, description, facts: said } = readFrontMatter(given);
  const { name, facts: known = [], trusted = true, executedHref, failure, folder, alone = false } = options;
  const tags = new Set(
    notebook.cells.flatMap(({ cell_type, source }) => (cell_type === 'markdown' ? tagsIn(joinText(source)) : [])),
  );
  const shared = {
    trusted,
    folder,
    tags,
    title: titled === undefined ? undefined : plainTitle(titled),
    dropped: given.cells.length - notebook.cells.length,
    ...(executedHref === undefined ? {} : { executedHref }),
  };
  const facts = mergeFacts(said, known);
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  // A reference may stand before its figure: numbers are known after a first look, whose complaints come again in the second.
  const { context: targets } = renderCells(notebook, shared, undefined, [], []);
  const { context, cells } = renderCells(notebook, shared, targets, problems, notes);
  const body = html`${titleBlock(context, name, facts, alone)}
${failure !== undefined && html`<p class="failed" role="note"><strong>The run stopped.</strong> ${failure}</p>`}
${joinHtml(cells, '\n')}`;
  const title = context.title?.text ?? name;
  const page = renderPage({
    title,
    body,
    headings: context.headings,
    hasFigures: context.drawn > 0,
    trusted,
    worker: context.live.programs.length > 0 ? bundleWorker(context.live.programs) : undefined,
    hasFrames: context.live.hasFrames,
  });
  return {
    html: page,
    title,
    titleHtml: context.title?.html ?? html`${name}`.source,
    summary: description === undefined ? context.summary : html`${description}`.source,
    thumbnail: thumbnailOf(notebook),
    headings: context.headings,
    problems,
    notes,
  };
}

function renderCells(
  notebook: Notebook,
  shared: Pick<OutputContext, 'trusted' | 'executedHref' | 'folder' | 'title'> & {
    readonly tags: ReadonlySet<string>;
    readonly dropped: number;
  },
  targets: Targets | undefined,
  problems: Problem[],
  notes: Problem[],
): { readonly context: OutputContext; readonly cells: readonly Html[] } {
  let at = 0;
  const onError = (message: string, source: string): void =>
    void problems.push({ cell: at + 1 + shared.dropped, message: `${message} in ${source.trim()}` });
  const markdown = createMarkdownContext(onError, { targets, ...shared });
  const context: OutputContext = {
    ...markdown,
    ...createNumbering(markdown),
    ...shared,
    room: createRoom(),
    widgets: widgetsOf(notebook),
    live: { programs: [], hasFrames: false, note: (reason) => void notes.push({ cell: at + 1, message: reason }) },
  };
  const cells = notebook.cells.map((cell, index) => {
    at = index;
    return renderCell(cell, context, languageOf(notebook)?.toLowerCase() ?? 'typescript');
  });
  return { context, cells };
}

/** A title that is no heading of the text: words alone. */
const plainTitle = (text: string): Heading => ({ level: 1, id: 'title', html: html`${text}`.source, text });

/** What the notebook says of itself comes first; authors named in two places stand together. */
function mergeFacts(said: readonly Fact[], known: readonly Fact[]): Fact[] {
  const merged = new Map(said);
  for (const [name, value] of known) {
    const before = merged.get(name);
    merged.set(
      name,
      before === undefined ? value : [...new Set([...before.split(', '), ...value.split(', ')])].join(', '),
    );
  }
  return [...merged];
}

/** What was run, where and with what; nothing where there is nothing to say. */
export function renderFacts(facts: readonly Fact[]): Html {
  const rows = facts.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`);
  return rows.length > 0 ? html`<dl class="facts">${rows}</dl>` : NOTHING;
}

function titleBlock({ title: heading }: OutputContext, name: string, facts: readonly Fact[], alone: boolean): Html {
  const title = heading ? html`<h1 id="${heading.id}">${verbatim(heading.html)}</h1>` : html`<h1>${name}</h1>`;
  return html`<header class="title-block">
${!alone && html`<p class="eyebrow"><a href="index.html">All reports</a></p>\n`}${title}
${renderFacts(facts)}
<div class="tools">${!alone && html`<button type="button" class="toggle-code" aria-pressed="false">Show all code</button>`}<button type="button" class="toggle-theme">Light or dark</button></div>
</header>`;
}
