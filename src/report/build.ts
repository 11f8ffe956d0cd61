import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inParallel } from '../notebook/runner/in-parallel';
import { versions } from '../notebook/runner/record';
import { readText } from '../text-files';
import type { BuildOptions, BuildResult } from './build-options';
import { buildReport } from './build-report';
import { type Fact, formatDate } from './facts';
import { checkPage, checkTargets, writeWhole } from './files';
import { earlierEntries, renderIndexPage } from './index-page';

/** Runs the notebooks, writes one page each beside its executed notebook, then the index. */
export async function buildReports(options: BuildOptions): Promise<BuildResult> {
  const index = join(options.outputDir, 'index.html');
  // What somebody else has made is refused before anything runs.
  checkPage(index);
  const extensions = [...(options.markdown ? ['md'] : []), ...(options.printer?.print ? ['pdf'] : [])];
  for (const path of options.notebooks) checkTargets(options.outputDir, basename(path, '.ipynb'), extensions);
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

function indexFacts({ authors = [], builtAt, reproducible }: BuildOptions): Fact[] {
  return [
    ...(authors.length > 0 ? [['Authors', authors.join(', ')] as const] : []),
    ...(reproducible || builtAt === undefined ? [] : [['Built', formatDate(builtAt)] as const]),
    ['Versions', versions()],
  ];
}
