import { setTimeout as sleep } from 'node:timers/promises';
import { type CodeCell, joinText, mayRaise, type Notebook, writeNotebook } from '../document/ipynb';
import { OutputCollector } from '../document/outputs';
import type { CellError } from '../session/protocol';
import type { KernelSession } from '../session/session';
import { Saver } from './autosave';
import { type RunRecord, writeRecord } from './record';
import { type Kept, type KeptOutputs, withKept } from './reuse';
import { cellTooLong, diedAfter, interrupted, interruptedBefore, notebookTooLong, notSaved } from './run-errors';
import type { RunError, RunOptions, RunResult } from './run-options';

interface Place {
  readonly cell: CodeCell;
  /** Counts code cells from 1. */
  readonly count: number;
  /** The cell's place in `notebook.cells`. */
  readonly index: number;
}

/** How one cell ended. */
interface CellEnd {
  readonly error?: CellError;
  /** No other cell can follow an `end of run`: time is up, the user stopped it or the variables are gone. */
  readonly by: 'itself' | 'stop' | 'end of run';
}

/** Milliseconds for which a process that runs no cell is waited for, before its last work counts as endless. */
const ANSWER_MS = 10_000;
/** Milliseconds that a timer can wait, 25 days: a longer one would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One run of a notebook's cells, from the first to the last or to the one at which it must end. */
export class CellRun {
  readonly #collector = new OutputCollector();
  readonly #places: readonly Place[];
  readonly #started: number;
  /** The process as it was at the start: a new one has none of the variables. */
  readonly #process: Promise<void>;
  #error: RunError | undefined;
  #over = false;
  #passed = 0;
  /** Outputs of an earlier run, each until its cell has run again: a kill in between loses none. */
  readonly #kept: Map<CodeCell, KeptOutputs>;
  #whole: number;
  readonly #saver = new Saver(() => this.#write());

  constructor(
    readonly path: string,
    readonly notebook: Notebook,
    readonly record: RunRecord,
    kept: Kept,
    readonly session: KernelSession,
    readonly options: RunOptions,
  ) {
    const cells = notebook.cells.flatMap((cell, index) => (cell.cell_type === 'code' ? [{ cell, index }] : []));
    this.#places = cells.map((place, i) => ({ ...place, count: i + 1 }));
    this.#kept = new Map(kept.cells);
    this.#whole = kept.whole;
    this.#started = this.#now();
    this.#process = session.ready();
  }

  async all(): Promise<RunResult> {
    const { path, options } = this;
    const interrupt = (): void => void this.session.interrupt();
    options.signal?.addEventListener('abort', interrupt);
    options.onEvent?.({ type: 'start', path, cells: this.#places.length });
    try {
      for (const place of this.#places) {
        if (joinText(place.cell.source).trim() !== '') {
          const problem = this.#problemBefore(place);
          if (problem) this.#fail(place, problem, true);
          else await this.#one(place);
        }
        if (this.#over) break;
        if (this.#error === undefined) this.#passed = place.count;
      }
      if (this.#error === undefined && this.#passed > 0) await this.#tellUnfinished();
    } finally {
      options.signal?.removeEventListener('abort', interrupt);
      this.#saver.now();
    }
    const error = this.#error;
    const ok = error === undefined;
    options.onEvent?.({
      type: 'end',
      path,
      ok,
      milliseconds: this.#now() - this.#started,
      ...(error && { error: { cell: error.cell, ename: error.ename, evalue: error.evalue } }),
    });
    const notebook = withKept(this.notebook, this.#kept);
    return { notebook, ok, reused: false, earlier: this.#kept.size, ...(error && { error }) };
  }

  /** Says what ends with the process that the cells ran in, as `train(…)` without `await` does. */
  async #tellUnfinished(): Promise<void> {
    const { path, options } = this;
    // What holds the process up does not let it answer.
    const held = sleep(ANSWER_MS, ['a loop without a pause'], { ref: false });
    const work = await Promise.race([this.session.unfinished().catch(() => []), held]);
    if (work.length > 0) options.onEvent?.({ type: 'unfinished', path, work });
  }

  /** Why a cell cannot begin. */
  #problemBefore({ count }: Place): CellError | undefined {
    if (this.options.signal?.aborted) return interruptedBefore(count);
    if (this.session.ready() !== this.#process) return diedAfter(count - 1);
    const left = this.#totalLeft();
    return left !== undefined && left <= 0 ? this.#tooLong() : undefined;
  }

  async #one(place: Place): Promise<void> {
    const { path, options } = this;
    const { cell, count, index } = place;
    const about = { path, cell: count, cells: this.#places.length, index };
    const started = this.#now();
    options.onEvent?.({ type: 'cell-start', ...about, source: joinText(cell.source) });
    cell.execution_count = count;
    const { error, by } = await this.#execute(place);
    this.#kept.delete(cell);
    const meant = by === 'itself' && mayRaise(cell);
    const failure = meant ? undefined : error;
    if (failure) this.#failAt(place, failure, by === 'end of run' || !options.allowErrors);
    else if (this.#error === undefined) this.#passed = count;
    const unsaved = this.#saver.now();
    const lost = unsaved && notSaved(unsaved);
    if (lost) this.#fail(place, lost, true);
    const told = failure ?? lost;
    options.onEvent?.({
      type: 'cell-end',
      ...about,
      ok: told === undefined,
      milliseconds: this.#now() - started,
      ...(told && { error: { ename: told.ename, evalue: told.evalue } }),
    });
  }

  /** Records a failure: no outputs from this cell on are those of a run that went well. */
  #failAt(place: Place, failure: CellError, over: boolean): void {
    this.#whole = Math.min(this.#whole, place.count - 1);
    this.#passed = Math.min(this.#passed, place.count - 1);
    this.#fail(place, failure, over);
  }

  #fail({ count, index }: Place, { ename, evalue, traceback }: CellError, over: boolean): void {
    this.#error ??= { cell: count, index, ename, evalue, traceback };
    this.#over ||= over;
  }

  async #execute(place: Place): Promise<CellEnd> {
    const { cell, count } = place;
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } = this.options;
    const totalLeft = this.#totalLeft() ?? Number.POSITIVE_INFINITY;
    const limit = Math.min(timeoutMs, totalLeft);
    let timedOut = false;
    const stop = (): void => {
      timedOut = true;
      this.session.interrupt();
    };
    // What a timer or a promise that nobody awaits throws, also after the cell has ended.
    let beside: CellError | undefined;
    let ended = false;
    const timer = limit <= LONGEST_TIMER ? setTimeout(stop, limit) : undefined;
    const reply = await this.session.execute(joinText(cell.source), {
      count,
      // An interrupt that this run caused is told as what it is, below.
      onOutput: (output) => {
        if (timedOut && output.type === 'error') return;
        if (this.#kept.get(cell)?.whole === false) this.#kept.delete(cell);
        this.#collector.add(cell, output);
        this.#saver.soon();
        if (output.type !== 'error') return;
        beside ??= output;
        if (ended && !mayRaise(cell)) this.#failAt(place, output, !this.options.allowErrors);
      },
    });
    ended = true;
    clearTimeout(timer);
    const lost = (reply.status === 'error' && reply.restarted === true) || signal?.aborted === true;
    if (timedOut) {
      const total = totalLeft < timeoutMs;
      const error = total ? this.#tooLong() : cellTooLong(timeoutMs);
      return { error: this.#show(cell, error), by: lost || total ? 'end of run' : 'stop' };
    }
    // A cell that honours the interrupt, as a training does, ends without an error, and shows what it had by then.
    if (reply.status === 'ok' && signal?.aborted) return { error: this.#show(cell, interrupted()), by: 'end of run' };
    const error = reply.status === 'error' ? reply : beside;
    return { ...(error && { error }), by: lost ? 'end of run' : 'itself' };
  }

  #show(cell: CodeCell, error: CellError): CellError {
    this.#collector.add(cell, { type: 'error', ...error });
    return error;
  }

  #tooLong(): CellError {
    return notebookTooLong(this.options.totalTimeoutMs ?? 0);
  }

  /** Milliseconds until the notebook's time is up. */
  #totalLeft(): number | undefined {
    const { totalTimeoutMs } = this.options;
    return totalTimeoutMs === undefined ? undefined : totalTimeoutMs - (this.#now() - this.#started);
  }

  #write(): void {
    const { output } = this.options;
    if (output === undefined) return;
    const cells = this.record.cells.slice(0, Math.max(this.#passed, this.#whole));
    writeRecord(this.notebook, { ...this.record, cells });
    writeNotebook(output, withKept(this.notebook, this.#kept));
  }

  #now(): number {
    return (this.options.now ?? Date.now)();
  }
}
