import { dirname, resolve } from 'node:path';
import { type CodeCell, joinText, type Notebook, readNotebook, writeNotebook } from './ipynb';
import { OutputCollector } from './outputs';
import { injectParameters, type Parameters } from './parameters';
import type { CellError, ExecuteReply } from './protocol';
import { KernelSession } from './session';

/** What happens while a notebook runs. `cell` counts code cells from 1; `index` is the place in `notebook.cells`. */
export type RunEvent =
  | { readonly type: 'start'; readonly path: string; readonly cells: number }
  | {
      readonly type: 'cell-start';
      readonly path: string;
      readonly cell: number;
      readonly cells: number;
      readonly index: number;
      readonly source: string;
    }
  | {
      readonly type: 'cell-end';
      readonly path: string;
      readonly cell: number;
      readonly cells: number;
      readonly index: number;
      readonly ok: boolean;
      readonly milliseconds: number;
    }
  | { readonly type: 'end'; readonly path: string; readonly ok: boolean; readonly milliseconds: number };

export interface RunOptions {
  readonly parameters?: Parameters;
  /** For each cell; the cell is interrupted and counts as failed. */
  readonly timeoutMs?: number;
  readonly onEvent?: (event: RunEvent) => void;
  /** Interrupts the running cell and ends the run. */
  readonly signal?: AbortSignal;
  /** Where the executed notebook is written after every cell. Never written when it is not given. */
  readonly output?: string;
  /** Runs the cells after a failed one too. */
  readonly allowErrors?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly now?: () => number;
}

export interface RunError extends CellError {
  /** The code cell at fault, counted from 1. */
  readonly cell: number;
  /** Its place in `notebook.cells`. */
  readonly index: number;
}

export interface RunResult {
  /** The notebook with the outputs of every cell that ran. */
  readonly notebook: Notebook;
  readonly ok: boolean;
  /** The first failure. */
  readonly error?: RunError;
}

/**
 * Executes a notebook in a process of its own, through the same session that the Jupyter kernel uses, with the notebook's
 * folder as the current one. A failing cell ends the run with the error as Jupyter shows it and every output so far.
 * @throws UsageError when the file is no notebook or a parameter does not fit.
 */
export async function runNotebook(path: string, options: RunOptions = {}): Promise<RunResult> {
  const notebook = withoutOutputs(injectParameters(readNotebook(path), options.parameters ?? {}, path));
  const session = new KernelSession({ cwd: dirname(resolve(path)), ...(options.env && { env: options.env }) });
  try {
    // A cell's time starts when it can run.
    await session.ready();
    return await new Run(path, notebook, session, options).all();
  } finally {
    session.close();
  }
}

function withoutOutputs(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === 'code' ? { ...cell, execution_count: null, outputs: [] } : cell,
  );
  return { ...notebook, cells };
}

/** Longest time for which an output is only in memory. */
const SAVE_MS = 500;

class Run {
  readonly #collector = new OutputCollector();
  readonly #codeCells: { cell: CodeCell; index: number }[];
  #error: RunError | undefined;
  #saving: NodeJS.Timeout | undefined;

  constructor(
    readonly path: string,
    readonly notebook: Notebook,
    readonly session: KernelSession,
    readonly options: RunOptions,
  ) {
    this.#codeCells = notebook.cells.flatMap((cell, index) => (cell.cell_type === 'code' ? [{ cell, index }] : []));
  }

  async all(): Promise<RunResult> {
    const { path, options } = this;
    const started = this.#now();
    const interrupt = (): void => void this.session.interrupt();
    options.signal?.addEventListener('abort', interrupt);
    options.onEvent?.({ type: 'start', path, cells: this.#codeCells.length });
    this.#save();
    try {
      for (const [i, { cell, index }] of this.#codeCells.entries()) {
        if (joinText(cell.source).trim() === '') continue;
        options.signal?.throwIfAborted();
        await this.#one(cell, i + 1, index);
        if (this.#error && !options.allowErrors) break;
      }
    } finally {
      options.signal?.removeEventListener('abort', interrupt);
      this.#save();
    }
    const ok = this.#error === undefined;
    options.onEvent?.({ type: 'end', path, ok, milliseconds: this.#now() - started });
    return { notebook: this.notebook, ok, ...(this.#error && { error: this.#error }) };
  }

  async #one(cell: CodeCell, count: number, index: number): Promise<void> {
    const { path, options } = this;
    const about = { path, cell: count, cells: this.#codeCells.length, index };
    const source = joinText(cell.source);
    const started = this.#now();
    options.onEvent?.({ type: 'cell-start', ...about, source });
    cell.execution_count = count;
    const reply = await this.#execute(cell, source, count);
    if (reply.status === 'error') {
      const { ename, evalue, traceback } = reply;
      this.#error ??= { cell: count, index, ename, evalue, traceback };
    }
    this.#save();
    options.onEvent?.({
      type: 'cell-end',
      ...about,
      ok: reply.status === 'ok',
      milliseconds: this.#now() - started,
    });
  }

  async #execute(cell: CodeCell, source: string, count: number): Promise<ExecuteReply> {
    const { timeoutMs } = this.options;
    let timedOut = false;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            this.session.interrupt();
          }, timeoutMs);
    const reply = await this.session.execute(source, {
      count,
      // An interrupt that this run caused is told as what it is, below.
      onOutput: (output) => {
        if (timedOut && output.type === 'error') return;
        this.#collector.add(cell, output);
        this.#saveSoon();
      },
    });
    clearTimeout(timer);
    if (!timedOut || reply.status === 'ok') return reply;
    const evalue = `the cell ran longer than ${(timeoutMs ?? 0) / 1000} s`;
    const error = { ename: 'CellTimeout', evalue, traceback: [`\u001b[31mCellTimeout\u001b[0m: ${evalue}`] };
    this.#collector.add(cell, { type: 'error', ...error });
    return { status: 'error', ...error };
  }

  /** Within a long cell, so that a run that is killed leaves what it had shown. */
  #saveSoon(): void {
    this.#saving ??= setTimeout(() => this.#save(), SAVE_MS);
  }

  #save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.options.output !== undefined) writeNotebook(this.options.output, this.notebook);
  }

  #now(): number {
    return (this.options.now ?? Date.now)();
  }
}
