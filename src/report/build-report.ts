import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type Notebook, writeNotebook } from '../notebook/document/ipynb';
import type { BuildOptions, BuiltReport } from './build-options';
import { type Executed, executedPath } from './executed';
import { type Fact, formatSeconds, notebookFacts, runFact } from './facts';
import { writeWhole } from './files';
import { type NotebookPage, type NotebookPageOptions, renderNotebookPage } from './notebook-page';
import { topOf } from './page';
import { toMarkdown } from './to-markdown';
import { withCharts } from './vega';

/** Runs one notebook and writes its page, and what else is asked for, beside it. */
export async function buildReport(path: string, options: BuildOptions): Promise<BuiltReport> {
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
      ...(page.thumbnail === undefined ? {} : { thumbnail: page.thumbnail }),
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

function statusOf({ seconds, reused }: Executed, reproducible: boolean): string {
  if (reproducible) return 'Every cell ran.';
  if (reused) return 'Unchanged since an earlier run, in which every cell ran.';
  return seconds === undefined ? 'Every cell ran.' : `Every cell ran, in ${formatSeconds(seconds)}.`;
}
