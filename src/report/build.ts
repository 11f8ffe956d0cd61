import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Notebook, readNotebook, writeNotebook } from '../notebook/ipynb';
import type { ReproduceRow } from '../reproduce';
import { type Fact, formatSeconds, notebookFacts, runFact, versions } from './facts';
import { writeWhole } from './files';
import { type IndexEntry, renderIndexPage } from './index-page';
import { type Problem, renderNotebookPage } from './notebook-page';

/** A notebook after its run: with the outputs it has, also where a cell failed. */
export interface Executed {
  readonly notebook: Notebook;
  /** Why the run stopped; absent where it reached the end. */
  readonly failure?: string;
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
  /** The rows of the front page; called once, while the notebooks run. */
  readonly reproduce: () => readonly ReproduceRow[];
  /** Leaves dates and times out, so that equal runs give equal bytes. */
  readonly reproducible?: boolean;
  /** Scripts in outputs wait for a click. */
  readonly untrusted?: boolean;
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
  const building = inParallel(options.notebooks, options.jobs, (path) => buildReport(path, options));
  const [reports, rows] = await Promise.all([building, Promise.resolve().then(options.reproduce)]);
  const index = join(options.outputDir, 'index.html');
  const facts: Fact[] = [['Versions', versions()]];
  writeWhole(index, renderIndexPage({ reproduce: rows, reports: reports.map(({ entry }) => entry), facts }));
  const ok =
    rows.every(({ pass }) => pass) &&
    reports.every(({ failure, problems }) => failure === undefined && problems.length === 0);
  return { index, reports, equations: rows, ok };
}

async function buildReport(path: string, options: BuildOptions): Promise<BuiltReport> {
  const name = basename(path, '.ipynb');
  const executed = await options.execute(path);
  const { failure } = executed;
  const { printer } = options;
  await printer?.addPictures(executed.notebook);
  if (printer && executed.seconds !== undefined)
    writeNotebook(executedPath(path, options.outputDir), executed.notebook);
  const page = renderNotebookPage(executed.notebook, {
    name,
    facts: factsOf(executed, options.reproducible ?? false),
    trusted: !options.untrusted,
    ...(failure === undefined ? {} : { failure }),
  });
  const target = join(options.outputDir, `${name}.html`);
  writeWhole(target, page.html);
  if (printer?.print) writeWhole(join(options.outputDir, `${name}.pdf`), await printer.print(target));
  const report: BuiltReport = {
    notebook: path,
    path: target,
    bytes: Buffer.byteLength(page.html),
    problems: page.problems,
    entry: {
      href: `${encodeURIComponent(name)}.html`,
      title: page.titleHtml,
      summary: page.summary,
      status: failure === undefined ? statusOf(executed, options.reproducible ?? false) : `Stopped: ${failure}`,
      ok: failure === undefined,
    },
    ...(failure === undefined ? {} : { failure }),
  };
  options.onReport?.(report);
  return report;
}

function factsOf({ notebook, seconds, startedAt }: Executed, reproducible: boolean): Fact[] {
  const timed = !reproducible && seconds !== undefined && startedAt !== undefined;
  return [...(timed ? [runFact(startedAt, seconds)] : []), ...notebookFacts(notebook)];
}

function statusOf({ seconds }: Executed, reproducible: boolean): string {
  return reproducible || seconds === undefined ? 'Every cell ran.' : `Every cell ran, in ${formatSeconds(seconds)}.`;
}

/**
 * Results in the order of the inputs; at most `jobs` at work. The last input begins first: a course ends with its longest
 * notebook, and the short ones then fill the time beside it.
 */
async function inParallel<A, B>(inputs: readonly A[], jobs: number, work: (input: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  let left = inputs.length;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      const at = --left;
      results[at] = await work(inputs[at] as A);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, inputs.length) }, worker));
  return results;
}

/** A notebook that has been run before: its outputs as they are, its first error as the reason it stopped. */
export function readExecuted(path: string, outputDir: string): Executed {
  const earlier = executedPath(path, outputDir);
  const notebook = readNotebook(existsSync(earlier) ? earlier : path);
  const codeCells = notebook.cells.filter((cell) => cell.cell_type === 'code');
  for (const [i, { metadata, outputs }] of codeCells.entries()) {
    const error = outputs.find((output) => output.output_type === 'error');
    if (error && !metadata.tags?.includes('raises-exception')) {
      return { notebook, failure: describeFailure(i + 1, error.ename, error.evalue) };
    }
  }
  return { notebook };
}

/** One line about the code cell, counted from 1, at which a run stopped. */
export function describeFailure(cell: number, ename: string, evalue: string): string {
  return `cell ${cell}: ${ename}: ${evalue.split('\n')[0]}`;
}

/** Where a build leaves the executed notebook. */
export function executedPath(path: string, outputDir: string): string {
  return join(outputDir, 'executed', basename(path));
}
