import type ts from '@tslab/typescript-for-tslab';
import type { Cells } from './cells';
import { describeName } from './quick-info';

type Compiler = typeof ts;

/** `name?` alone in a cell asks for help about the name. */
export function pagerName(code: string): string | null {
  return /^\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)\s*\?\s*$/u.exec(code)?.[1] ?? null;
}

/** What there is to say about the name at the cursor, or else about the function that is being called there. */
export function inspectText(cells: Cells, code: string, cursor: number): string | null {
  const { compiler } = cells.compiler;
  // Behind a name's last letter the cursor is still on the name; the compiler looks at the letter after it.
  const places = [cursor, cursor - 1, calleeAt(compiler, code, cursor)];
  for (const place of places) {
    if (place === undefined || place < 0 || place >= code.length) continue;
    const info = cells.compiler.inspect(cells.declarations, code, place);
    const text = info && describeName(info);
    if (text) return text;
  }
  return null;
}

/** Where the name of the function stands, between whose brackets the cursor is. */
function calleeAt(compiler: Compiler, code: string, cursor: number): number | undefined {
  const { createSourceFile, ScriptTarget, ScriptKind } = compiler;
  const file = createSourceFile('cell.ts', code, ScriptTarget.ES2022, true, ScriptKind.TS);
  let callee: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    // What is not closed goes on to the end of the code.
    if (node.pos > cursor || (node.end < cursor && code.slice(node.end, cursor).trim() !== '')) return;
    if ((compiler.isCallExpression(node) || compiler.isNewExpression(node)) && isBetweenBrackets(node, code, cursor)) {
      callee = node.expression;
    }
    compiler.forEachChild(node, visit);
  };
  visit(file);
  if (!callee) return undefined;
  return (compiler.isPropertyAccessExpression(callee) ? callee.name : callee).getStart(file);
}

function isBetweenBrackets(
  { expression, end }: ts.CallExpression | ts.NewExpression,
  code: string,
  cursor: number,
): boolean {
  const open = code.indexOf('(', expression.end);
  if (open < 0 || cursor <= open) return false;
  return cursor < end || code[end - 1] !== ')';
}

/** Names that the declarations of Node have, and a cell has not: it is no module and lies in no file. */
const NOT_IN_CELLS: ReadonlySet<string> = new Set(['__dirname', '__filename', 'module']);

/** Picks from the compiler's proposals those that a cell can use at the cursor. */
export function usable(candidates: readonly string[], code: string, start: number): string[] {
  const isPrivate = code[start - 1] === '#' || code[start] === '#';
  const isMember = /\.\s*$/.test(code.slice(0, start));
  return candidates.filter((name) => {
    if (isPrivate) return name.startsWith('#');
    return isMember || !NOT_IN_CELLS.has(name);
  });
}
