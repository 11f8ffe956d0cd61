import type ts from '@tslab/typescript-for-tslab';

type Compiler = typeof ts;

/** The messages that a package without types causes wherever it is imported. */
export const UNTYPED_PACKAGE = 7016;

/**
 * Takes a cell out of type checking: JavaScript, or TypeScript that asks for it by `// @ts-nocheck` above its first
 * statement, where the compiler does not find it behind the line that tslab puts there.
 */
export function leaveUnchecked(compiler: Compiler, cell: ts.SourceFile, isJavaScript: boolean): void {
  if (!isJavaScript && !asksForNoCheck(compiler, cell.text)) return;
  const unchecked = cell as { checkJsDirective?: ts.CheckJsDirective };
  unchecked.checkJsDirective = { enabled: false, pos: 0, end: 0 };
}

function asksForNoCheck(compiler: Compiler, text: string): boolean {
  if (!text.includes('@ts-nocheck')) return false;
  const own = text.slice(text.indexOf('\n') + 1);
  const { checkJsDirective } = compiler.createSourceFile('cell.ts', own, compiler.ScriptTarget.ES2022) as {
    checkJsDirective?: ts.CheckJsDirective;
  };
  return checkJsDirective?.enabled === false;
}
