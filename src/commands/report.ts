import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors';
import { makeFolderSync } from '../files';
import type { RunOptions } from '../notebook/runner/run';
import { packageFile } from '../package';
import type { BuildResult, BuiltReport } from '../report/build-options';
import type { Executed } from '../report/executed';
import { counted } from '../words';
import { writeExplorePage } from './explore';
import type { CommandIo } from './io';
import { openInBrowser } from './open';
import { addRunOptions, append, type RunArguments, readJobs, readRunOptions } from './run/options';
import { openPrinter } from './run/printer';
import type { RunProgress } from './run/progress';
import { folderPath } from './vae-options';

interface Options extends RunArguments {
  readonly outputDir: string;
  readonly author: readonly string[];
  readonly open?: boolean;
  readonly fromExecuted?: boolean;
  readonly untrusted?: boolean;
  readonly pdf?: boolean;
  readonly to: readonly string[];
  readonly pictures: boolean;
}

const FORMATS = ['html', 'pdf', 'markdown'];

const wantsPdf = ({ pdf = false, to }: Options): boolean => pdf || to.includes('pdf');

/** The project's own notebooks lie beside the build, in a checkout and in the package. */
const notebooks = (): string => packageFile('notebooks');

export function registerReport(command: Command, io: CommandIo): void {
  command.argument('[notebooks...]', 'notebooks (.ipynb); default: the project’s own, in order');
  addRunOptions(command, availableParallelism(), 'as many as there are cores')
    .option('--output-dir <folder>', 'where the pages go', folderPath('--output-dir'), 'reports')
    .addOption(
      new Option(
        '--from-executed',
        'do not run anything: take the outputs that the notebooks, or an earlier build, have',
      ).conflicts(['parameter', 'parametersFile', 'timeout', 'totalTimeout', 'resume']),
    )
    .option('--author <name>', 'name an author in the title blocks (repeatable)', append, [])
    .option('--untrusted', 'scripts in the outputs wait for a click')
    .option(
      '--to <format>',
      'write pdf or markdown beside the pages (repeatable); PDF needs an installed Chromium, Chrome or Edge (CHROME_PATH names one)',
      append,
      [],
    )
    .option('--pdf', 'the same as --to pdf')
    .option('--no-pictures', 'do not add still pictures of the figures to the executed notebooks')
    .option('--open', 'open the index in the browser')
    .action((notebooks: string[], options: Options) => report(notebooks, options, io));
}

async function report(notebooks: readonly string[], options: Options, io: CommandIo): Promise<void> {
  const { buildReports } = await import('../report/build.js');
  const { executedPath } = await import('../report/executed.js');
  const { reproduce } = await import('../reproduce/index.js');
  const { createProgress } = await import('./run/progress.js');
  const jobs = readJobs(options);
  for (const format of options.to) {
    if (!FORMATS.includes(format))
      throw new UsageError(`--to: expected ${FORMATS.join(', ')}, got ${JSON.stringify(format)}`);
  }
  const outputDir = resolve(io.cwd, options.outputDir);
  const paths = await findNotebooks(notebooks, io.cwd);
  for (const path of paths) checkTarget(path, executedPath(path, outputDir), options);
  const progress = createProgress(io);
  const execute = await executor(options, paths, outputDir, progress, io);
  const printer = await openPrinter({ ...options, pdf: wantsPdf(options) }, progress, io);
  makeFolderSync(outputDir);
  // The page to play with belongs to the project's own notebooks.
  const hasExplore = notebooks.length === 0;
  if (hasExplore) await writeExplorePage(outputDir);
  const result = await buildReports({
    notebooks: paths,
    outputDir,
    jobs,
    execute,
    ...(showsEquations(paths, outputDir) ? { reproduce } : {}),
    authors: options.author,
    builtAt: io.now(),
    reproducible: options.reproducible ?? false,
    untrusted: options.untrusted ?? false,
    markdown: options.to.includes('markdown'),
    hasExplore,
    onReport: (built) => tell(built, progress),
    ...(printer ? { printer } : {}),
  }).finally(() => {
    progress.stop();
    return printer?.close();
  });
  summarise(result, io);
  if (options.open) openInBrowser(result.index);
  if (!result.ok) io.exit(1);
}

/** The front page belongs to the project's own notebooks: others get an index of their own, unless they join those. */
function showsEquations(paths: readonly string[], outputDir: string): boolean {
  const index = join(outputDir, 'index.html');
  return (
    paths.some((path) => dirname(path) === notebooks()) ||
    (existsSync(index) && readFileSync(index, 'utf8').includes('<h2 id="reproduce">'))
  );
}

/** Every file is checked before the first one runs. */
async function findNotebooks(given: readonly string[], cwd: string): Promise<string[]> {
  const { readNotebook } = await import('../notebook/document/ipynb.js');
  const own = (): string[] => readdirSync(notebooks()).filter((name) => name.endsWith('.ipynb'));
  const paths =
    given.length > 0
      ? given.map((path) => resolve(cwd, path))
      : own()
          .sort()
          .map((name) => join(notebooks(), name));
  for (const [i, path] of paths.entries()) {
    readNotebook(path);
    const twin = paths.findIndex((other) => basename(other) === basename(path));
    if (twin !== i)
      throw new UsageError(`${paths[twin]} and ${path} would both be written to ${basename(path, '.ipynb')}.html`);
  }
  return paths;
}

/** A page takes its name from its notebook, and what is run is written beside it: neither may fall on what is needed. */
function checkTarget(path: string, executed: string, { fromExecuted }: Options): void {
  if (basename(path) === 'index.ipynb')
    throw new UsageError(`${path}: its page would be index.html, which is the front page; rename the notebook`);
  if (!fromExecuted && executed === path)
    throw new UsageError(
      `${path}: the run would be written over it; give the source, or --from-executed to take the outputs it has`,
    );
}

/** How a notebook gets its outputs. What the options ask of each notebook is checked before the first one runs. */
async function executor(
  options: Options,
  paths: readonly string[],
  outputDir: string,
  progress: RunProgress,
  io: CommandIo,
): Promise<(path: string) => Promise<Executed>> {
  const { describeFailure, executedPath, readExecuted } = await import('../report/executed.js');
  if (options.fromExecuted) return async (path) => readExecuted(path, outputDir);
  const { checkOutput, checkRun, runNotebook } = await import('../notebook/runner/run.js');
  const shared = await readRunOptions(options, io);
  for (const path of paths) checkRun(path, shared);
  for (const path of paths) checkOutput(executedPath(path, outputDir));
  return async (path) => {
    const startedAt = io.now();
    const output = executedPath(path, outputDir);
    makeFolderSync(dirname(output));
    const onEvent: RunOptions['onEvent'] = (event) => progress.onEvent(event);
    const { notebook, error, reused, earlier } = await runNotebook(path, { ...shared, onEvent, output });
    const seconds = (io.now() - startedAt) / 1000;
    return {
      notebook,
      ...(reused ? { reused } : { startedAt, seconds }),
      ...(error
        ? { failure: `${describeFailure(error.cell, error.ename, error.evalue)}${aboutEarlier(earlier)}` }
        : {}),
    };
  };
}

/** Warns that outputs below the cell at which a resumed run stopped may not be its own. */
function aboutEarlier(cells: number): string {
  if (cells === 0) return '';
  return ` (${counted(cells, 'cell')} below show${cells === 1 ? 's' : ''} the outputs of an earlier run of the same code)`;
}

function tell({ notebook, failure, problems, notes }: BuiltReport, progress: RunProgress): void {
  if (failure !== undefined) progress.log(`gmm-vae: ${basename(notebook)}: ${failure}`);
  for (const { cell, message } of [...problems, ...notes])
    progress.log(`gmm-vae: ${basename(notebook)}: cells[${cell - 1}]: ${message}`);
}

/** The bytes beyond which a page is slow to open on a phone. */
const LARGEST_PAGE = 4_000_000;

function summarise({ index, reports, equations }: BuildResult, io: CommandIo): void {
  for (const { path, bytes, failure } of reports) {
    const size = `${(bytes / 1e6).toFixed(1)} MB${bytes > LARGEST_PAGE ? ' (more than 4 MB: pictures or text of the notebook are large)' : ''}`;
    io.stdout.write(`${relative(io.cwd, path)}  ${size}${failure === undefined ? '' : '  stopped at an error'}\n`);
  }
  if (equations.length > 0) {
    const passed = equations.filter(({ pass }) => pass).length;
    io.stdout.write(`${passed} of ${equations.length} equations pass\n`);
  }
  io.stdout.write(`Open ${index}\n`);
}
