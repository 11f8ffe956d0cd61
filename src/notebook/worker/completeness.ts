import type ts from '@tslab/typescript-for-tslab';
import type { IsCompleteReply } from '../session/protocol';
import { pagerName } from './language';

type Compiler = typeof ts;

/** Messages that name the end of the code although it is no use to go on after it: strings and regular expressions end with their line. */
const ENDS_WITH_ITS_LINE = new Set([1002, 1161]);
/** Messages about text that may span lines. Their position is sometimes its beginning and sometimes its end. */
const MAY_SPAN_LINES = new Set([1010, 1160]);

/**
 * Whether code can run as it stands, wants another line, or can never be right. It wants another line when the first thing
 * that the parser misses is missing at its end.
 */
export function completeness(compiler: Compiler, code: string): IsCompleteReply {
  if (pagerName(code) !== null) return { status: 'complete' };
  const { createSourceFile, ScriptTarget, ScriptKind } = compiler;
  const file = createSourceFile('cell.ts', code, ScriptTarget.ES2022, false, ScriptKind.TS);
  const { parseDiagnostics = [] } = file as typeof file & { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] };
  const [first] = [...parseDiagnostics].sort((a, b) => a.start - b.start);
  if (!first) return { status: 'complete' };
  const isAtEnd = first.start >= code.trimEnd().length && !ENDS_WITH_ITS_LINE.has(first.code);
  if (!isAtEnd && !parseDiagnostics.some((diagnostic) => MAY_SPAN_LINES.has(diagnostic.code)))
    return { status: 'invalid' };
  return { status: 'incomplete', indent: indentAfter(code) };
}

/** Indents as deep as the last line that holds something, and deeper behind an opening bracket. */
function indentAfter(code: string): string {
  const line = code.trimEnd().split('\n').at(-1) ?? '';
  return (/^\s*/.exec(line)?.[0] ?? '') + (/[{([]$/.test(line) ? '  ' : '');
}
