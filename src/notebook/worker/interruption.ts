import { Script } from 'node:vm';
import type ts from '@tslab/typescript-for-tslab';
import { cellOfCaller, INTERRUPTED } from './output';

type Compiler = typeof ts;

/** The names by which a cell's code calls `holdBeforeAwait` and `checkAfterAwait`. */
export const HOLD = '$beforeAwait';
export const CHECK = '$afterAwait';

/** Code that catches the interrupt may clean up behind as many more awaits, and is then left waiting for ever. */
const CAUGHT_AT_MOST = 3;

/** Cells that were interrupted and did not end by themselves, with how often they were told. */
const givenUp = new Map<number, number>();

export function holdBeforeAwait<T>(value: T): T | Promise<never> {
  return (givenUp.get(cellOfCaller()) ?? 0) > CAUGHT_AT_MOST ? new Promise<never>(() => {}) : value;
}

/** Cells that wait, and how each is ended by an error. */
const waiting = new Map<number, (error: Error) => void>();

/** Ends a cell that waits for what will never come. Returns whether it did wait. */
export function endCell(cell: number, error: Error): boolean {
  const end = waiting.get(cell);
  end?.(error);
  return end !== undefined;
}

/** Passes an awaited value on, unless the cell whose code waited for it has been given up. */
export function checkAfterAwait<T>(value: T): T {
  const cell = cellOfCaller();
  const told = givenUp.get(cell);
  if (told === undefined) return value;
  givenUp.set(cell, told + 1);
  throw INTERRUPTED;
}

/**
 * Waits for a cell; once interrupted, for `graceMs()` longer, so that code which honours the signal ends in good order.
 * @throws INTERRUPTED when it did not; its code then ends at its next `await`.
 */
export async function untilInterrupted(
  done: Promise<unknown>,
  signal: AbortSignal,
  graceMs: () => number,
): Promise<void> {
  const cell = cellOfCaller();
  let ended = false;
  done.catch(() => {});
  const gaveUp = new Promise<never>((_, reject) => {
    waiting.set(cell, (error) => {
      givenUp.set(cell, 0);
      reject(error);
    });
    const giveUp = (): void => {
      setTimeout(() => {
        if (!ended) givenUp.set(cell, 0);
        reject(INTERRUPTED);
      }, graceMs());
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  gaveUp.catch(() => {});
  try {
    await Promise.race([done, gaveUp]);
  } finally {
    ended = true;
    waiting.delete(cell);
  }
}

/** Makes a cell's own code stoppable wherever it waits: each `await x` becomes `$afterAwait(await $beforeAwait(x))`. */
export function checkAwaits(
  compiler: Compiler,
  isCell: (file: ts.SourceFile) => boolean,
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const call = (name: string, values: readonly ts.Expression[]): ts.Expression =>
      factory.createCallExpression(factory.createIdentifier(name), undefined, values);
    const visit = (node: ts.Node): ts.Node => {
      const inner = compiler.visitEachChild(node, visit, context);
      if (compiler.isAwaitExpression(inner)) {
        const held = factory.updateAwaitExpression(inner, call(HOLD, [inner.expression]));
        return compiler.setTextRange(call(CHECK, [held]), node);
      }
      if (compiler.isForOfStatement(inner) && inner.awaitModifier) {
        const { awaitModifier, initializer, expression, statement } = inner;
        const body = factory.createBlock([factory.createExpressionStatement(call(CHECK, [])), statement]);
        return factory.updateForOfStatement(inner, awaitModifier, initializer, expression, body);
      }
      return inner;
    };
    return (file) => (isCell(file) ? (compiler.visitNode(file, visit) as ts.SourceFile) : file);
  };
}

/** Whether this is what an interrupt throws into code that does not wait. */
export function isSigint(thrown: unknown): boolean {
  return (thrown as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
}

const SETTLE_MS = 20;
const wait = new Script(`Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${SETTLE_MS})`);

/**
 * Node's watchdog for SIGINT may keep a signal that came in as a script ended, and would break off the next one by it. This
 * is that next one.
 */
export function settleWatchdog(): void {
  try {
    wait.runInThisContext({ breakOnSigint: true });
  } catch {}
}
