import type ts from '@tslab/typescript-for-tslab';
import type { Diagnostic } from './diagnostics';

type Compiler = typeof ts;

/** A line that means something elsewhere, and what to write in its place. */
interface Foreign {
  /** What the line begins with, or where in it such code stands. */
  readonly line: RegExp;
  readonly say: (line: string, version: string) => string;
}

const FOREIGN: readonly Foreign[] = [
  {
    line: /(?:^|(?<=[{(;]\s*))(?:await\s+)?using\s+[\p{ID_Start}$_][\p{ID_Continue}$]*\s*(?:[=:;]|of\b|$)/u,
    say: (_, version) =>
      `\`using\` came with TypeScript 5.2 and cells are TypeScript ${version}: declare it with const, and dispose of it in a finally block.`,
  },
  {
    line: /^#!/,
    say: () => 'Cells are run by the kernel, whatever a line with #! names: leave it out.',
  },
  {
    line: /^%%?[\p{ID_Start}_]/u,
    say: (line) =>
      `${word(line)} is a magic of IPython, and cells are TypeScript: leave the line out, or write what it does (for %time: console.time() and console.timeEnd()).`,
  },
  {
    line: /^!!?\s*[\p{ID_Start}_./~]/u,
    say: (line) => {
      const command = line.replace(/^!+\s*/, '');
      return `Lines with ! are IPython's, and cells are TypeScript. To run a command, write: (await import('node:child_process')).execSync(${JSON.stringify(command)}, { encoding: 'utf8' })`;
    },
  },
];

function word(line: string): string {
  return /^\S+/.exec(line)?.[0] ?? line;
}

/** One clear message for each line that the parser stumbles over without knowing it, often in several messages. */
export function explainForeign(diagnostics: readonly Diagnostic[], source: string, version: string): Diagnostic[] {
  const rows = source.split('\n');
  const explained = new Map<number, Diagnostic>();
  for (const { file, line } of diagnostics) {
    const row = rows[line - 1] ?? '';
    const foreign = file === undefined ? FOREIGN.find((one) => one.line.test(row.trim())) : undefined;
    if (!foreign) continue;
    const at = row.length - row.trimStart().length + row.trim().search(foreign.line);
    const length = row.trimEnd().length - at;
    explained.set(line, { line, column: at + 1, length, message: foreign.say(row.trim(), version) });
  }
  return [...explained.values(), ...diagnostics.filter(({ file, line }) => file !== undefined || !explained.has(line))];
}

/** One clear message for a cell that could be read if it were JSX. */
export function explainJsx(
  compiler: Compiler,
  diagnostics: readonly Diagnostic[],
  source: string,
): readonly Diagnostic[] {
  if (!diagnostics.some(({ file }) => file === undefined) || !/<[\p{ID_Start}>]/u.test(source)) return diagnostics;
  const parse = (kind: ts.ScriptKind) =>
    compiler.createSourceFile('cell.tsx', source, compiler.ScriptTarget.ES2022, true, kind) as ts.SourceFile & {
      parseDiagnostics: readonly ts.Diagnostic[];
    };
  if (parse(compiler.ScriptKind.TS).parseDiagnostics.length === 0) return diagnostics;
  const file = parse(compiler.ScriptKind.TSX);
  const element = file.parseDiagnostics.length === 0 ? firstJsx(compiler, file) : undefined;
  if (!element) return diagnostics;
  const { line, character } = file.getLineAndCharacterOfPosition(element.getStart(file));
  const message =
    'JSX cannot stand in a cell: put it into a .tsx file beside the notebook and import that, or call React.createElement().';
  return [{ line: line + 1, column: character + 1, length: 1, message }];
}

function firstJsx(compiler: Compiler, node: ts.Node): ts.Node | undefined {
  if (compiler.isJsxElement(node) || compiler.isJsxSelfClosingElement(node) || compiler.isJsxFragment(node))
    return node;
  return compiler.forEachChild(node, (child) => firstJsx(compiler, child));
}

/** What a cell is a function of; a declaration of the same name could not even be parsed. */
const RESERVED = ['exports', 'require'] as const;

/** A message for each declaration of a name that cells need themselves. */
export function reservedNames(cell: ts.SourceFile): Diagnostic[] {
  return RESERVED.flatMap((name) => {
    const declaration = localsOf(cell)?.get(name)?.declarations?.[0];
    return declaration ? [isReserved(cell, declaration, name)] : [];
  });
}

/**
 * The same for a declaration inside the cell that would hide the variables of earlier cells from code that names some: they
 * are read as `exports.name`.
 */
export function hidesEarlierCells(
  compiler: Compiler,
  cell: ts.SourceFile,
  isEarlier: (name: ts.Identifier) => boolean,
): Diagnostic[] {
  const [name] = RESERVED;
  if (!cell.text.includes(name)) return [];
  const hiding = (node: ts.Node): ts.Declaration | undefined => {
    const own =
      node === cell ? undefined : (localsOf(node)?.get(name)?.declarations?.[0] ?? named(compiler, node, name));
    return own && namesEarlier(compiler, node, isEarlier) ? own : compiler.forEachChild(node, hiding);
  };
  const found = hiding(cell);
  return found ? [isReserved(cell, found, name)] : [];
}

/** A function or class as an expression has its name for itself. */
function named(compiler: Compiler, node: ts.Node, name: string): ts.Declaration | undefined {
  const isExpression = compiler.isFunctionExpression(node) || compiler.isClassExpression(node);
  return isExpression && node.name?.text === name ? node : undefined;
}

function namesEarlier(compiler: Compiler, node: ts.Node, isEarlier: (name: ts.Identifier) => boolean): boolean {
  if (compiler.isIdentifier(node)) return isEarlier(node);
  if (compiler.isTypeNode(node) && !compiler.isExpressionWithTypeArguments(node)) return false;
  if (compiler.isPropertyAccessExpression(node)) return namesEarlier(compiler, node.expression, isEarlier);
  return compiler.forEachChild(node, (child) => namesEarlier(compiler, child, isEarlier) || undefined) ?? false;
}

function localsOf(node: ts.Node): ReadonlyMap<string, ts.Symbol> | undefined {
  return (node as ts.Node & { readonly locals?: ReadonlyMap<string, ts.Symbol> }).locals;
}

function isReserved(cell: ts.SourceFile, declaration: ts.Declaration & { name?: ts.Node }, name: string): Diagnostic {
  const { line, character } = cell.getLineAndCharacterOfPosition((declaration.name ?? declaration).getStart(cell));
  // One line above the cell is tslab's.
  const message = `\`${name}\` is a name that the kernel gives to every cell: choose another.`;
  return { line, column: character + 1, length: name.length, message };
}
