import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { foreignFile } from '../../files';
import { checkLanguage, isJavaScript, prepareNotebook } from '../document/format';
import { type Notebook, readNotebook, writeNotebook } from '../document/ipynb';
import { injectParameters } from '../document/parameters';
import { KernelSession } from '../session/session';
import { REPRODUCIBLE } from '../timing';
import { expectedRecord, type RunRecord, recordOf, writeRecord } from './record';
import { NOTHING_KEPT, reuseOutputs, withKept } from './reuse';
import { CellRun } from './run-cells';
import { interruptedBefore } from './run-errors';
import type { RunOptions, RunResult } from './run-options';

export type { RunError, RunEvent, RunOptions, RunResult } from './run-options';

/**
 * Executes a notebook in a process of its own, through the same session that the Jupyter kernel uses, with the notebook's
 * folder as the current one. A failing cell ends the run with the error as Jupyter shows it and every output so far.
 * @throws UsageError when the file is no notebook in TypeScript, a parameter does not fit or the output cannot be written.
 */
export async function runNotebook(path: string, options: RunOptions = {}): Promise<RunResult> {
  const { output, onEvent, resume = false } = options;
  const notebook = checkRun(path, options);
  const env = environmentOf(options);
  const record = await expectedRecord(notebook, path, env);
  let kept = NOTHING_KEPT;
  if (resume) {
    const reuse = reuseOutputs(notebook, record, output);
    if ('notebook' in reuse) {
      if (output !== undefined) writeNotebook(output, reuse.notebook);
      onEvent?.({ type: 'reused', path, cells: record.cells.length });
      return { notebook: reuse.notebook, ok: true, reused: true, earlier: 0 };
    }
    onEvent?.({ type: 'changed', path, reason: reuse.changed });
    kept = reuse.kept;
  }
  if (options.signal?.aborted) return notBegun(notebook, record, output);
  if (output !== undefined) {
    writeRecord(notebook, { ...record, cells: record.cells.slice(0, kept.whole) });
    // A place that cannot be written is found before anything runs.
    writeNotebook(output, withKept(notebook, kept.cells));
  }
  const isJavaScriptOnly = isJavaScript(notebook);
  const session = new KernelSession({
    cwd: dirname(resolve(path)),
    env,
    isJavaScript: isJavaScriptOnly,
    isUnattended: true,
  });
  try {
    // A cell's time starts when it can run.
    await session.ready();
    return await new CellRun(path, notebook, record, kept, session, options).all();
  } finally {
    session.close();
  }
}

/** A run that was interrupted before it began, as one of several notebooks: what an earlier one has shown stays. */
function notBegun(prepared: Notebook, record: RunRecord, output: string | undefined): RunResult {
  const index = prepared.cells.findIndex(({ cell_type }) => cell_type === 'code');
  const stopped = { ok: false, reused: false, error: { cell: 1, index, ...interruptedBefore(1) } };
  const reuse = reuseOutputs(prepared, record, output);
  if ('notebook' in reuse) return { notebook: reuse.notebook, earlier: record.cells.length, ...stopped };
  const { cells, whole } = reuse.kept;
  writeRecord(prepared, { ...record, cells: record.cells.slice(0, whole) });
  return { notebook: withKept(prepared, cells), earlier: cells.size, ...stopped };
}

/** Returns the environment of the process that runs the cells. To set the variable by hand asks for the same. */
function environmentOf({ env = process.env, reproducible = false }: RunOptions): NodeJS.ProcessEnv {
  return reproducible ? { ...env, [REPRODUCIBLE]: '1' } : env;
}

/** @throws UsageError where an executed notebook would be written over one that no run has made */
export function checkOutput(output: string): void {
  if (existsSync(output) && !isExecuted(output)) throw foreignFile(output, 'run');
}

function isExecuted(path: string): boolean {
  try {
    return recordOf(readNotebook(path)) !== undefined;
  } catch {
    return false;
  }
}

/**
 * The notebook as a run would execute it: parameters set, outputs removed.
 * @throws UsageError when the file is no notebook in TypeScript or a parameter does not fit.
 */
export function checkRun(path: string, { parameters = {} }: Pick<RunOptions, 'parameters'>): Notebook {
  const notebook = readNotebook(path);
  checkLanguage(notebook, path);
  return prepareNotebook(injectParameters(notebook, parameters, path));
}
