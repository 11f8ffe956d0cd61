import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { mayRaise, type Notebook, readNotebook, writeNotebook } from '../notebook/document/ipynb';
import { inParallel } from '../notebook/runner/in-parallel';
import { versions } from '../notebook/runner/record';
import type { ReproduceRow } from '../reproduce';
import { readText } from '../text-files';
import { type Fact, formatDate, formatSeconds, notebookFacts, runFact } from './facts';
import { writeWhole } from './files';
import { earlierEntries, type IndexEntry, renderIndexPage } from './index-page';
import { type NotebookPage, type NotebookPageOptions, type Problem, renderNotebookPage } from './notebook-page';
import { topOf } from './page';
import { toMarkdown } from './to-markdown';
import { withCharts } from './vega';

/** A notebook after its run: with the outputs it has, also where a cell failed. */
export interface Executed {
  readonly notebook: Notebook;
  /** Why the run stopped; absent where it reached the end. */
  readonly failure?: string;
  /** Whether nothing had changed since an earlier run, so that its outputs were taken. */
  readonly reused?: boolean;
  /** The file its outputs come from; absent where it ran just now. */
  readonly readFrom?: string;
  /** Wall time of the run; absent where the notebook had been run before. */
  readonly seconds?: number;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
}

export interface BuildOptions {
  /** Paths of notebooks, in the order of the index. */
  readonly notebooks: readonly string[];
  readonly outputDir: string;
  /** Runs a notebook, or reads one that has been run. */
  readonly execute: (path: string) => Promise<Executed>;
  /** How many run at once. */
  readonly jobs: number;
  /** The rows of the front page; called once, while the notebooks run. Absent where they are none of these notebooks' business. */
  readonly reproduce?: () => readonly ReproduceRow[];
  /** Named in every title block, before those that a notebook names itself. */
  readonly authors?: readonly string[];
  /** Milliseconds since the epoch, for the index; the runs have their own. */
  readonly builtAt?: number;
  /** Leaves dates and times out, so that equal runs give equal bytes. */
  readonly reproducible?: boolean;
  /** Scripts in outputs wait for a click. */
  readonly untrusted?: boolean;
  /** Writes each notebook as Markdown too, with its pictures beside it. */
  readonly markdown?: boolean;
  /** Whether the page to play with lies beside the index. */
  readonly hasExplore?: boolean;
  /** Makes still pictures and PDFs; absent where there is no browser. */
  readonly printer?: Printer;
  readonly onReport?: (report: BuiltReport) => void;
}

/** What only a browser can do. */
export interface Printer {
  /** Puts still pictures beside the figures of an executed notebook. */
  addPictures(notebook: Notebook): Promise<unknown>;
  /** A page as PDF; absent where none is wanted. */
  readonly print?: (htmlPath: string) => Promise<Uint8Array>;
}

export interface BuiltReport {
  readonly notebook: string;
  readonly path: string;
  readonly bytes: number;
  readonly failure?: string;
  /** What the page cannot show as it was meant, e.g. maths that KaTeX refuses. */
  readonly problems: readonly Problem[];
  /** What a reader of it may miss, e.g. a live cell that stands still. */
  readonly notes: readonly Problem[];
  readonly entry: IndexEntry;
}

export interface BuildResult {
  readonly index: string;
  readonly reports: readonly BuiltReport[];
  readonly equations: readonly ReproduceRow[];
  /** Whether every notebook ran, every page shows all it should and every equation passes. */
  readonly ok: boolean;
}

/** Runs the notebooks, writes one page each beside its executed notebook, then the index. */
export async function buildReports(options: BuildOptions): Promise<BuildResult> {
  const index = join(options.outputDir, 'index.html');
  // One that cannot be read is refused before anything runs.
  if (existsSync(index)) readText(index);
  // A course ends with its longest notebook: begun first, the short ones fill the time beside it.
  const building = inParallel(options.notebooks, options.jobs, (path) => buildReport(path, options), {
    lastFirst: true,
  });
  const [reports, rows] = await Promise.all([building, Promise.resolve().then(options.reproduce ?? (() => []))]);
  const earlier = existsSync(index) ? earlierEntries(readText(index)) : [];
  const others = earlier.filter(({ href }) => existsSync(join(options.outputDir, decodeURIComponent(href))));
  const entries = reports.map(({ entry }) => entry);
  writeWhole(
    index,
    renderIndexPage({
      reproduce: rows,
      reports: entries,
      others,
      facts: indexFacts(options),
      hasExplore: options.hasExplore ?? false,
    }),
  );
  const ok =
    rows.every(({ pass }) => pass) &&
    reports.every(({ failure, problems }) => failure === undefined && problems.length === 0);
  return { index, reports, equations: rows, ok };
}

async function buildReport(path: string, options: BuildOptions): Promise<BuiltReport> {
  const name = basename(path, '.ipynb');
  const given = await options.execute(path);
  const { printer } = options;
  await printer?.addPictures(given.notebook);
  const kept = executedPath(path, options.outputDir);
  const isOurs = given.seconds !== undefined || given.reused;
  if (printer && isOurs) writeNotebook(kept, given.notebook);
  const { notebook, problems } = await withCharts(given.notebook);
  const executed = { ...given, notebook };
  const shown = executed.readFrom ?? kept;
  const { page, failure } = renderOrSay(executed, {
    name,
    facts: factsOf(executed, options),
    ...(existsSync(shown) ? { executedHref: linkTo(shown, options.outputDir) } : {}),
    trusted: !options.untrusted,
    folder: dirname(path),
  });
  const target = join(options.outputDir, `${name}.html`);
  writeWhole(target, page.html);
  if (printer?.print) writeWhole(join(options.outputDir, `${name}.pdf`), await printer.print(target));
  if (options.markdown) writeMarkdown(notebook, name, path, options);
  const report: BuiltReport = {
    notebook: path,
    path: target,
    bytes: Buffer.byteLength(page.html),
    problems: [...page.problems, ...problems],
    notes: page.notes,
    entry: {
      href: `${encodeURIComponent(name)}.html`,
      title: page.titleHtml,
      summary: page.summary,
      contents: options.reproduce ? [] : topOf(page.headings),
      status: failure === undefined ? statusOf(executed, options.reproducible ?? false) : `Stopped: ${failure}`,
      ok: failure === undefined,
    },
    ...(failure === undefined ? {} : { failure }),
  };
  options.onReport?.(report);
  return report;
}

function writeMarkdown(notebook: Notebook, name: string, path: string, { outputDir, untrusted }: BuildOptions): void {
  // A notebook from elsewhere could ask for any picture of this machine.
  const { text, files } = toMarkdown(notebook, { name, folder: untrusted ? undefined : dirname(path) });
  for (const [place, bytes] of files) writeWhole(join(outputDir, place), bytes);
  writeWhole(join(outputDir, `${name}.md`), text);
}

/** The page, or one that says why there is none: the other notebooks and the index do not go without theirs. */
function renderOrSay(
  { notebook, failure }: Executed,
  options: NotebookPageOptions,
): { readonly page: NotebookPage; readonly failure: string | undefined } {
  const render = (shown: Notebook, reason: string | undefined): NotebookPage =>
    renderNotebookPage(shown, { ...options, ...(reason === undefined ? {} : { failure: reason }) });
  try {
    return { page: render(notebook, failure), failure };
  } catch (error) {
    const reason = `no page could be made of it: ${String(error)}`;
    return { page: render({ ...notebook, metadata: {}, cells: [] }, reason), failure: reason };
  }
}

function linkTo(path: string, folder: string): string {
  return relative(folder, path).split(sep).map(encodeURIComponent).join('/');
}

function factsOf({ notebook, seconds, startedAt }: Executed, { reproducible, authors }: BuildOptions): Fact[] {
  const timed = !reproducible && seconds !== undefined && startedAt !== undefined;
  const [first, ...others] = notebookFacts(notebook, authors ?? []);
  const run = timed ? [runFact(startedAt, seconds)] : [];
  return first?.[0] === 'Authors' ? [first, ...run, ...others] : [...run, ...(first ? [first] : []), ...others];
}

function indexFacts({ authors = [], builtAt, reproducible }: BuildOptions): Fact[] {
  return [
    ...(authors.length > 0 ? [['Authors', authors.join(', ')] as const] : []),
    ...(reproducible || builtAt === undefined ? [] : [['Built', formatDate(builtAt)] as const]),
    ['Versions', versions()],
  ];
}

function statusOf({ seconds, reused }: Executed, reproducible: boolean): string {
  if (reproducible) return 'Every cell ran.';
  if (reused) return 'Unchanged since an earlier run, in which every cell ran.';
  return seconds === undefined ? 'Every cell ran.' : `Every cell ran, in ${formatSeconds(seconds)}.`;
}

/**
 * A notebook that has been run before: the outputs it has or, where it has none, those of an earlier build. Its first error is the reason it stopped.
 */
export function readExecuted(path: string, outputDir: string): Executed {
  const given = readNotebook(path);
  const earlier = executedPath(path, outputDir);
  const hasOutputs = given.cells.some((cell) => cell.cell_type === 'code' && cell.outputs.length > 0);
  const readFrom = hasOutputs || !existsSync(earlier) ? path : earlier;
  const notebook = readFrom === path ? given : readNotebook(earlier);
  const codeCells = notebook.cells.filter((cell) => cell.cell_type === 'code');
  for (const [i, cell] of codeCells.entries()) {
    const error = cell.outputs.find((output) => output.output_type === 'error');
    if (error && !mayRaise(cell)) {
      return { notebook, readFrom, failure: describeFailure(i + 1, error.ename, error.evalue) };
    }
  }
  return { notebook, readFrom };
}

/** One line about the code cell, counted from 1, at which a run stopped. */
export function describeFailure(cell: number, ename: string, evalue: string): string {
  return `cell ${cell}: ${ename}: ${evalue.split('\n')[0]}`;
}

/** Where a build leaves the executed notebook. */
export function executedPath(path: string, outputDir: string): string {
  return join(outputDir, 'executed', basename(path));
}
