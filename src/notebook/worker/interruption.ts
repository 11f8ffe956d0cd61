import type ts from '@tslab/typescript-for-tslab';
import { cellOfCaller } from './output';

type Compiler = typeof ts;

/** Thrown into a cell's own code at the first `await` that ends after the cell was given up. */
export const INTERRUPTED: unique symbol = Symbol('interrupted');

/** The name by which a cell's code calls `checkAfterAwait`. */
export const CHECK = '$afterAwait';

/** Cells that were interrupted and did not end by themselves. */
const givenUp = new Set<number>();

/** Passes an awaited value on, unless the cell whose code waited for it has been given up. */
export function checkAfterAwait<T>(value: T): T {
  if (givenUp.has(cellOfCaller())) throw INTERRUPTED;
  return value;
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
    const giveUp = (): void => {
      setTimeout(() => {
        if (!ended) givenUp.add(cell);
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
  }
}

/** Makes a cell's own code stoppable wherever it waits: each `await x` becomes `$afterAwait(await x)`. */
export function checkAwaits(
  compiler: Compiler,
  isCell: (file: ts.SourceFile) => boolean,
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const check = (awaited: readonly ts.Expression[]): ts.Expression =>
      factory.createCallExpression(factory.createIdentifier(CHECK), undefined, awaited);
    const visit = (node: ts.Node): ts.Node => {
      const inner = compiler.visitEachChild(node, visit, context);
      if (compiler.isAwaitExpression(inner)) return compiler.setTextRange(check([inner]), node);
      if (compiler.isForOfStatement(inner) && inner.awaitModifier) {
        const { awaitModifier, initializer, expression, statement } = inner;
        const body = factory.createBlock([factory.createExpressionStatement(check([])), statement]);
        return factory.updateForOfStatement(inner, awaitModifier, initializer, expression, body);
      }
      return inner;
    };
    return (file) => (isCell(file) ? (compiler.visitNode(file, visit) as ts.SourceFile) : file);
  };
}
