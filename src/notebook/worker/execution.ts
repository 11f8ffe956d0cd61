import { setImmediate } from 'node:timers/promises';
import type { CellError, ExecuteReply, UserExpressionResult, WorkerRequest } from '../session/protocol';
import type { Cells } from './cells';
import type { Interrupt } from './foreground';
import { inspectText, pagerName } from './language';
import { cellOfCaller, compiling, INTERRUPTED, show } from './output';
import { render } from './render';
import { interrupted } from './traceback';

interface ExecutionOptions {
  readonly cells: Cells;
  readonly interrupt: Interrupt;
  /** Waits for what a cell has asked of standard input. Returns whether it was interrupted there. */
  readonly finishStdin: (cell: number) => Promise<boolean>;
}

/** The running of cells, one after the other, up to the reply to whoever asked. */
export class Execution {
  #allowsStdin = false;
  #runningCell: number | undefined;
  /** What went wrong in the running cell beside its own thread: a promise that nobody caught, a timer. Already shown. */
  readonly #besides: CellError[] = [];

  constructor(private readonly options: ExecutionOptions) {}

  /** Whether the front end of the last cell answers questions. */
  get allowsStdin(): boolean {
    return this.#allowsStdin;
  }

  async execute(request: WorkerRequest<'execute'>): Promise<ExecuteReply> {
    const { cells, interrupt, finishStdin } = this.options;
    const page = pagerName(request.code);
    if (page !== null) {
      const text = compiling(() => inspectText(cells, page, page.length)) ?? `${page}: no such name`;
      const payload = [{ source: 'page' as const, data: { 'text/plain': text }, start: 0 as const }];
      return { status: 'ok', payload, userExpressions: {} };
    }
    this.#allowsStdin = request.allowStdin;
    this.#runningCell = request.id;
    this.#besides.length = 0;
    const result = await cells.run(request.code, request.count, interrupt.signal, interrupt.windUpMs);
    const left = result.ok && (await finishStdin(request.id)) ? interrupted() : undefined;
    if (left) {
      show({ type: 'error', ...left });
      return { status: 'error', ...left };
    }
    // A promise that nobody caught is reported before the reply, not after the front end has stopped listening.
    await setImmediate();
    const [beside] = this.#besides;
    if (result.ok && beside) return { status: 'error', ...beside };
    try {
      if (!result.ok) throw result.error;
      if (result.hasValue && !request.silent) {
        const data = await render(result.value);
        // What has nothing to show has shown itself.
        if (Object.keys(data).length > 0) show({ type: 'execute_result', data, metadata: {} });
      }
    } catch (thrown) {
      const error = result.ok ? cells.describe(thrown) : result.error;
      show({ type: 'error', ...error });
      return { status: 'error', ...error };
    }
    return { status: 'ok', payload: [], userExpressions: await this.#userExpressions(request.userExpressions) };
  }

  async #userExpressions(expressions: Readonly<Record<string, string>>): Promise<Record<string, UserExpressionResult>> {
    const { cells, interrupt } = this.options;
    const results: Record<string, UserExpressionResult> = {};
    for (const [name, expression] of Object.entries(expressions)) {
      const result = await cells.evaluate(expression, interrupt.signal, interrupt.windUpMs);
      results[name] = result.ok
        ? { status: 'ok', data: await render(result.value), metadata: {} }
        : { status: 'error', ...result.error };
    }
    return results;
  }

  /** Shows what was thrown beside any cell's own thread. */
  readonly showLate = (thrown: unknown): void => {
    // The rest of a cell that was given up ends by this.
    if (thrown === INTERRUPTED) return;
    const error = this.options.cells.describe(thrown);
    show({ type: 'error', ...error });
    if (cellOfCaller() === this.#runningCell) this.#besides.push(error);
  };
}
