import { mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../errors';
import type { RunEvent, RunOptions } from '../notebook/run';
import type { CommandIo } from './io';

interface Options {
  readonly parameter: readonly string[];
  readonly timeout?: string;
  readonly outputDir: string;
  readonly inplace?: boolean;
  readonly allowErrors?: boolean;
  readonly json?: boolean;
}

export function registerRun(program: Command, io: CommandIo): void {
  program
    .command('run')
    .description('execute notebooks through the kernel; the sources stay untouched')
    .argument('<notebook...>', 'notebooks (.ipynb)')
    .option('-p, --parameter <name=value>', 'set a variable of the parameters cell (repeatable)', append, [])
    .option('--timeout <seconds>', 'longest time for each cell')
    .option('--output-dir <folder>', 'where the executed notebooks go', join('reports', 'executed'))
    .option('--inplace', 'write the outputs into the given notebooks instead')
    .option('--allow-errors', 'go on after a failing cell')
    .option('--json', 'one JSON event per line')
    .action((notebooks: string[], options: Options) => run(notebooks, options, io));
}

function append(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text];
}

async function run(notebooks: readonly string[], options: Options, io: CommandIo): Promise<void> {
  const { runNotebook } = await import('../notebook/run.js');
  const { readNotebook } = await import('../notebook/ipynb.js');
  const { parseParameter } = await import('../notebook/parameters.js');
  const parameters = Object.fromEntries(options.parameter.map(parseParameter));
  const timeoutMs = milliseconds(options.timeout);
  const paths = notebooks.map((path) => resolve(io.cwd, path));
  const outputs = outputPaths(paths, options, io.cwd);
  for (const path of paths) readNotebook(path);
  let ok = true;
  for (const [i, path] of paths.entries()) {
    const result = await runNotebook(path, {
      ...runOptions(options, io),
      parameters,
      ...(timeoutMs !== undefined && { timeoutMs }),
      output: outputs[i] ?? path,
    });
    ok &&= result.ok;
    if (result.error && !options.json) {
      io.stderr.write(`${result.error.traceback.join('\n')}\n`);
      io.stderr.write(`gmm-vae: ${notebooks[i]}: cell ${result.error.cell} failed; outputs so far: ${outputs[i]}\n`);
    } else if (!options.json) io.stdout.write(`${outputs[i]}\n`);
  }
  if (!ok) io.exit(1);
}

function runOptions(options: Options, io: CommandIo): RunOptions {
  return {
    onEvent: options.json ? (event) => void io.stdout.write(`${JSON.stringify(event)}\n`) : progress(io),
    signal: io.signal,
    env: { ...io.env },
    now: io.now,
    allowErrors: options.allowErrors ?? false,
  };
}

function milliseconds(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const value = Number(seconds);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new UsageError(`--timeout: expected a number of seconds > 0, got ${seconds}`);
  }
  return value * 1000;
}

/** Where each executed notebook goes: never over its source, and never two into one file. */
function outputPaths(paths: readonly string[], options: Options, cwd: string): string[] {
  if (options.inplace) return [...paths];
  const folder = resolve(cwd, options.outputDir);
  const outputs = paths.map((path) => join(folder, basename(path)));
  for (const [i, output] of outputs.entries()) {
    if (paths.includes(output)) {
      throw new UsageError(`--output-dir: ${output} is a source notebook; choose another folder or pass --inplace`);
    }
    if (outputs.indexOf(output) !== i) throw new UsageError(`two notebooks would both be written to ${output}`);
  }
  mkdirSync(folder, { recursive: true });
  return outputs;
}

/** Progress of runs on stderr: one rewritten line on a terminal, one line per cell elsewhere. */
export function progress(io: CommandIo): (event: RunEvent) => void {
  const live = io.stderr.isTTY === true;
  return (event) => {
    const name = basename(event.path);
    if (event.type === 'cell-start' && live) {
      const label = `${name}  cell ${event.cell}/${event.cells}  ${firstLine(event.source)}`;
      io.stderr.write(`\r\u001b[K${label.slice(0, (io.stderr.columns ?? 80) - 1)}`);
    } else if (event.type === 'cell-end' && !live) {
      const outcome = event.ok ? 'ok' : 'failed';
      io.stderr.write(`${name}  cell ${event.cell}/${event.cells}  ${outcome}  ${event.milliseconds} ms\n`);
    } else if (event.type === 'end') {
      const seconds = (event.milliseconds / 1000).toFixed(1);
      io.stderr.write(`${live ? '\r\u001b[K' : ''}${name}  ${event.ok ? 'done' : 'failed'} in ${seconds} s\n`);
    }
  };
}

function firstLine(source: string): string {
  return source.trim().split('\n')[0] ?? '';
}
