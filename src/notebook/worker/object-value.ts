import type ts from '@tslab/typescript-for-tslab';
import type { Position } from './source-map';

type Compiler = typeof ts;

/** Code with its last line put into brackets, and the way back from positions in it. */
export interface Bracketed {
  readonly code: string;
  readonly back: (position: Position) => Position;
}

/** The semicolon, since the statement above may end without one. */
const OPENING = ';(';

/**
 * Makes an object of a last statement that reads like one, such as `{ a: 1, b: 2 }`, as every console does; the language
 * takes it for a block with labels.
 */
export function bracketObject(compiler: Compiler, code: string): Bracketed {
  const asItIs = { code, back: (position: Position) => position };
  if (!code.trimEnd().endsWith('}') || !/^\s*\{/m.test(code)) return asItIs;
  const file = parse(compiler, code);
  const start = file.statements.filter(compiler.isBlock).at(-1)?.getStart(file);
  if (start === undefined || !isObject(compiler, code.slice(start).trimEnd())) return asItIs;
  if (errorsOf(parse(compiler, code.slice(0, start))).length > 0) return asItIs;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return {
    code: `${code.slice(0, start)}${OPENING}${code.slice(start).trimEnd()})`,
    back: (position) =>
      position.line === line && position.column >= character
        ? { line, column: Math.max(character, position.column - OPENING.length) }
        : position,
  };
}

function isObject(compiler: Compiler, text: string): boolean {
  const file = parse(compiler, `(${text})`);
  if (errorsOf(file).length > 0 || file.statements.length !== 1) return false;
  const [only] = file.statements;
  if (!only || !compiler.isExpressionStatement(only) || !compiler.isParenthesizedExpression(only.expression))
    return false;
  return compiler.isObjectLiteralExpression(only.expression.expression);
}

function parse({ createSourceFile, ScriptTarget, ScriptKind }: Compiler, code: string): ts.SourceFile {
  return createSourceFile('cell.ts', code, ScriptTarget.ES2022, true, ScriptKind.TS);
}

function errorsOf(file: ts.SourceFile): readonly ts.Diagnostic[] {
  return (file as ts.SourceFile & { parseDiagnostics?: readonly ts.Diagnostic[] }).parseDiagnostics ?? [];
}
