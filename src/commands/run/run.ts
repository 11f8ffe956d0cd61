import { basename, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Command, Option } from 'commander';
import { UsageError } from '../../errors';
import { makeFolderSync } from '../../files';
import type { RunOptions, RunResult } from '../../notebook/runner/run';
import { nth } from '../../nth';
import { type CommandIo, hasColours } from '../io';
import { folderPath } from '../vae-options';
import { addRunOptions, type RunArguments, readJobs, readRunOptions } from './options';
import type { RunProgress } from './progress';

interface Options extends RunArguments {
  readonly outputDir: string;
  readonly inplace?: boolean;
  readonly allowErrors?: boolean;
  readonly json?: boolean;
}

export function registerRun(command: Command, io: CommandIo): void {
  command.argument('<notebook...>', 'notebooks (.ipynb)');
  addRunOptions(command, 1)
    .option(
      '--output-dir <folder>',
      'where the executed notebooks go',
      folderPath('--output-dir'),
      join('reports', 'executed'),
    )
    .addOption(new Option('--inplace', 'write the outputs into the given notebooks instead').conflicts(['outputDir']))
    .option('--allow-errors', 'go on after a failing cell')
    .option('--json', 'one JSON event per line; with --reproducible, without milliseconds')
    .action((notebooks: string[], options: Options) => run(notebooks, options, io));
}

async function run(notebooks: readonly string[], options: Options, io: CommandIo): Promise<void> {
  const { checkOutput, checkRun, runNotebook } = await import('../../notebook/runner/run.js');
  const { inParallel } = await import('../../notebook/runner/in-parallel.js');
  const jobs = readJobs(options);
  const shared = { ...(await readRunOptions(options, io)), allowErrors: options.allowErrors ?? false };
  const paths = notebooks.map((path) => resolve(io.cwd, path));
  const outputs = outputPaths(paths, options, io.cwd);
  // Every notebook is checked before the first one runs.
  for (const path of paths) checkRun(path, shared);
  if (!options.inplace) for (const output of outputs) checkOutput(output);
  if (!options.inplace) makeFolderSync(resolve(io.cwd, options.outputDir));
  const teller = await createTeller(options, io);
  try {
    const results = await inParallel(paths, jobs, async (path, i) => {
      const output = nth(outputs, i);
      if (io.signal.aborted) return { ok: false };
      const result = await runNotebook(path, { ...shared, ...teller.options, output });
      teller.tell(nth(notebooks, i), output, result);
      return result;
    });
    if (results.some(({ ok }) => !ok)) io.exit(1);
  } finally {
    teller.stop();
  }
}

interface Teller {
  readonly options: Pick<RunOptions, 'onEvent'>;
  tell(notebook: string, output: string, result: RunResult): void;
  stop(): void;
}

async function createTeller({ json, reproducible }: Options, io: CommandIo): Promise<Teller> {
  if (json) {
    const { wellFormedJson } = await import('../../notebook/well-formed.js');
    const onEvent: RunOptions['onEvent'] = (event) => {
      const { milliseconds: _time, ...lasting } = { milliseconds: 0, ...event };
      io.stdout.write(`${wellFormedJson(reproducible ? lasting : event)}\n`);
    };
    return { options: { onEvent }, tell: () => {}, stop: () => {} };
  }
  const { createProgress } = await import('./progress.js');
  const progress = createProgress(io);
  const done: string[] = [];
  return {
    options: { onEvent: (event) => progress.onEvent(event) },
    tell: (notebook, output, result) => {
      if (result.error) tellFailure(progress, notebook, output, result.error, hasColours(io.stderr, io.env));
      else done.push(output);
    },
    // A terminal shows both streams: paths wait until the bars stand still.
    stop: () => {
      progress.stop();
      for (const output of done) io.stdout.write(`${output}\n`);
    },
  };
}

function tellFailure(
  progress: RunProgress,
  notebook: string,
  output: string,
  { cell, traceback }: NonNullable<RunResult['error']>,
  inColours: boolean,
): void {
  const text = traceback.join('\n');
  progress.log(inColours ? text : stripVTControlCharacters(text));
  progress.log(`gmm-vae: ${notebook}: cell ${cell} failed; outputs so far: ${output}`);
}

/** Where each executed notebook goes: never over its source, and never two into one file. */
function outputPaths(paths: readonly string[], options: Options, cwd: string): string[] {
  const folder = resolve(cwd, options.outputDir);
  const outputs = paths.map((path) => (options.inplace ? path : join(folder, basename(path))));
  for (const [i, output] of outputs.entries()) {
    if (!options.inplace && paths.includes(output)) {
      throw new UsageError(`--output-dir: ${output} is a source notebook; choose another folder or pass --inplace`);
    }
    if (outputs.indexOf(output) !== i) throw new UsageError(`two notebooks would both be written to ${output}`);
  }
  return outputs;
}
