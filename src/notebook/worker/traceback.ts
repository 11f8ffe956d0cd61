import { inspect } from 'node:util';
import { nth } from '../../nth';
import type { CellError } from '../session/protocol';
import type { Diagnostic } from './diagnostics';
import type { Position } from './source-map';
import { isKernel, isNode, type Sources } from './sources';

const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const BOLD = '\u001b[1m';
const RESET = '\u001b[0m';
const CONTEXT_LINES = 2;
/** The errors that one error stands for. */
const LISTED_ERRORS = 5;
/** The most neighbouring frames shown of code that is not the user's own. */
const LISTED_FRAMES = 5;

/** The name under which a cell's script appears in stack traces. */
export function cellScriptName(count: number): string {
  return `In [${count}]`;
}

export function interrupted(): CellError {
  const text = 'the cell was interrupted; variables keep what they hold';
  return { ename: 'Interrupted', evalue: text, traceback: [`${RED}Interrupted${RESET}: ${text}`] };
}

/** A thrown value as Jupyter shows it: the frames of the user's own code, in TypeScript lines, the first with its text. */
export function runtimeError(thrown: unknown, sources: Sources, shown: ReadonlySet<unknown> = new Set()): CellError {
  if (!(thrown instanceof Error)) {
    const evalue = typeof thrown === 'string' ? thrown : inspect(thrown);
    return { ename: 'Uncaught', evalue, traceback: [`${RED}Uncaught${RESET} ${evalue}`] };
  }
  const ename = thrown.name || thrown.constructor.name;
  const head = `${RED}${ename}${RESET}: ${thrown.message}`;
  if (shown.has(thrown)) return { ename, evalue: thrown.message, traceback: [`${head} (shown above)`] };
  const traceback = [head, ...thin(frames(thrown, sources))];
  const add = (title: string, part: unknown): void => {
    const inner = runtimeError(part, sources, new Set([...shown, thrown]));
    traceback.push(title, ...inner.traceback.map((line) => line.replace(/^/gm, '  ')));
  };
  if (thrown.cause !== undefined) add('Caused by:', thrown.cause);
  if (thrown instanceof AggregateError) {
    const { errors } = thrown;
    for (const [i, part] of errors.slice(0, LISTED_ERRORS).entries()) add(`Error ${i + 1} of ${errors.length}:`, part);
  }
  return { ename, evalue: thrown.message, traceback };
}

const FRAME = /^ {4}at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/;

interface Frame {
  readonly text: string;
  /** Whether it lies in a cell or in a module of the notebook. */
  readonly isOwn: boolean;
}

function frames(error: Error, sources: Sources): Frame[] {
  const found: Frame[] = [];
  let excerpted = false;
  // Code that looks at who calls it has V8 write stacks as lists.
  const lines = typeof error.stack === 'string' ? error.stack.split('\n') : [];
  const isMapped = sources.isMapped(error);
  for (const line of lines) {
    const match = FRAME.exec(line);
    if (!match) continue;
    const [, name, script = '', row, column] = match;
    // These say nothing about the user's code.
    if (isNode(script) || isKernel(script)) continue;
    const position = { line: Number(row) - 1, column: Number(column) - 1 };
    const source = isMapped ? sources.named(script) : sources.ofScript(script);
    const at = isMapped && source ? position : source?.toSource(position);
    if (source && !at) continue;
    const where =
      source && at ? `${source.name}, line ${at.line + 1}, column ${at.column + 1}` : `${script}:${row}:${column}`;
    const text = `    at ${name ? `${name} (` : ''}${at ? GREEN : ''}${where}${at ? RESET : ''}${name ? ')' : ''}`;
    const shown = source && at && !excerpted ? excerpt(source.text, at) : [];
    if (shown.length > 0) excerpted = true;
    found.push({ text: [text, ...shown].join('\n'), isOwn: at !== undefined && at !== null });
  }
  return found;
}

/** The frames as lines: one that repeats is shown once, and of a library's only the nearest. */
function thin(all: readonly Frame[]): string[] {
  const lines: string[] = [];
  let foreign = 0;
  for (let i = 0, next = 0; i < all.length; i = next) {
    const { text, isOwn } = nth(all, i);
    for (next = i + 1; all[next]?.text === text; ) next++;
    foreign = isOwn ? 0 : foreign + 1;
    if (foreign > LISTED_FRAMES) {
      if (foreign === LISTED_FRAMES + 1) lines.push('    …');
      continue;
    }
    lines.push(...text.split('\n'));
    if (next > i + 1) lines.push(`    … ${next - i - 1} more of this`);
  }
  return lines;
}

function excerpt(text: string, { line, column }: Position, length = 1): string[] {
  const rows = text.split('\n');
  const first = Math.max(0, line - CONTEXT_LINES);
  const width = String(line + CONTEXT_LINES + 1).length;
  return rows.slice(first, line + CONTEXT_LINES + 1).flatMap((row, i) => {
    const number = first + i;
    const label = `${number === line ? '--> ' : '    '}${String(number + 1).padStart(width)} | `;
    if (number !== line) return [label + row];
    const mark = ' '.repeat(label.length + column) + '^'.repeat(Math.max(1, length));
    return [`${BOLD}${label}${row}${RESET}`, `${RED}${mark}${RESET}`];
  });
}

/** What the compiler refused, each with its line, column and text. */
export function compileError(diagnostics: readonly Diagnostic[], text: string): CellError {
  const [first] = diagnostics;
  const traceback = diagnostics.flatMap((diagnostic) => placed('TypeScriptError', diagnostic, text));
  return { ename: 'TypeScriptError', evalue: first ? describe(first) : 'the cell does not compile', traceback };
}

/** What V8 could not parse, with its place. */
export function syntaxError(diagnostic: Diagnostic, text: string): CellError {
  return {
    ename: 'SyntaxError',
    evalue: diagnostic.message,
    traceback: placed('SyntaxError', diagnostic, text),
  };
}

function describe({ file, line, column, message }: Diagnostic): string {
  return `${file ? `${file}:` : ''}${line}:${column} ${message}`;
}

function placed(ename: string, diagnostic: Diagnostic, text: string): string[] {
  const { file, line, column, length } = diagnostic;
  const shown = file ? [] : excerpt(text, { line: line - 1, column: column - 1 }, length);
  return [`${RED}${ename}${RESET}: ${describe(diagnostic)}`, ...shown];
}
