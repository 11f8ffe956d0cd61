import { runInNewContext } from 'node:vm';
import type ts from '@tslab/typescript-for-tslab';
import { CannotCarry, type Captured } from '../../live/encode';
import { isAssigned, isReference } from './identifiers';
import { CHECK, HOLD } from './interruption';

type Compiler = typeof ts;
type Fn = (...args: never) => unknown;

/** What code of a page's worker finds without the notebook. */
const IN_PAGE: ReadonlySet<string> = new Set([
  ...(runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]),
  ...['console', 'performance', 'structuredClone', 'setTimeout', 'clearTimeout', 'queueMicrotask', 'atob', 'btoa'],
  ...['TextEncoder', 'TextDecoder', 'AbortController', 'arguments', HOLD, CHECK],
]);

/** Where the names of a cell's code lead. */
export interface CellNames {
  /** The value of a name of the notebook's scope. */
  readonly has: (name: string) => boolean;
  readonly read: (name: string) => unknown;
  /** What a cell's import stands for, by the name that the compiler gives it; undefined where there is none or more than one. */
  readonly module: (alias: string) => unknown;
  /** The module of Node that a cell has imported and that has this value. */
  readonly nodeModule: (value: unknown) => string | undefined;
}

const FILE = 'callback.js';

/** Reads what a function of a cell takes from outside, by its compiled text. */
export class CaptureReader {
  constructor(
    private readonly compiler: Compiler,
    private readonly names: CellNames,
  ) {}

  /** @throws CannotCarry where a name leads nowhere that a page could follow */
  read = (fn: Fn): Captured => {
    const ofNode = this.names.nodeModule(fn);
    if (ofNode !== undefined) throw new CannotCarry(`\`${ofNode}\` needs Node`);
    const text = this.#expression(fn);
    const { file, checker } = this.#parsed(text);
    const captures = new Map<string, unknown>();
    const changes: { readonly from: number; readonly to: number; readonly text: string }[] = [];
    const visit = (node: ts.Node): void => {
      const free = this.#free(node, checker);
      if (free === null) {
        this.compiler.forEachChild(node, visit);
        return;
      }
      this.#refuseAssignment(free.whole, free.name);
      captures.set(free.key, free.value());
      const stand = `$captured[${JSON.stringify(free.key)}]`;
      const written = free.isShorthand ? `${free.name}: ${stand}` : free.isCalled ? `(0, ${stand})` : stand;
      changes.push({ from: free.whole.getStart(file), to: free.whole.end, text: written });
    };
    visit(file);
    let source = text;
    for (const { from, to, text: put } of changes.toReversed()) source = source.slice(0, from) + put + source.slice(to);
    return { source, captures };
  };

  /** The function as an expression: a method's text is none by itself. */
  #expression(fn: Fn): string {
    const text = Function.prototype.toString.call(fn);
    if (/\{\s*\[native code\]\s*\}$/.test(text)) throw new CannotCarry(`\`${fn.name}\` is a function without a text`);
    if (this.#isExpression(`(${text})`)) return `(${text})`;
    const method = `({ ${text} })`;
    if (this.#isExpression(method)) return `Object.values(${method})[0]`;
    throw new CannotCarry(`\`${fn.name}\` is a method whose text does not stand alone`);
  }

  #isExpression(text: string): boolean {
    const file = this.compiler.createSourceFile(FILE, text, this.compiler.ScriptTarget.ES2022, false);
    const { parseDiagnostics } = file as ts.SourceFile & { readonly parseDiagnostics: readonly unknown[] };
    return parseDiagnostics.length === 0;
  }

  /** A checker that knows this text alone: whatever it cannot resolve comes from outside. */
  #parsed(text: string): { readonly file: ts.SourceFile; readonly checker: ts.TypeChecker } {
    const { compiler } = this;
    const file = compiler.createSourceFile(FILE, text, compiler.ScriptTarget.ES2022, true);
    const host: ts.CompilerHost = {
      getSourceFile: (name) => (name === FILE ? file : undefined),
      getDefaultLibFileName: () => 'lib.d.ts',
      writeFile: () => {},
      getCurrentDirectory: () => '',
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => '\n',
      fileExists: (name) => name === FILE,
      readFile: () => undefined,
    };
    const options = { allowJs: true, noLib: true, noResolve: true, types: [], target: compiler.ScriptTarget.ES2022 };
    return { file, checker: compiler.createProgram([FILE], options, host).getTypeChecker() };
  }

  /** A reference that leads out of the text: `x`, `exports.x` or `module_1.x`; null for anything else. */
  #free(node: ts.Node, checker: ts.TypeChecker) {
    const { compiler } = this;
    const isShorthand = compiler.isIdentifier(node) && compiler.isShorthandPropertyAssignment(node.parent);
    const identifier = compiler.isPropertyAccessExpression(node) ? node.expression : node;
    if (!compiler.isIdentifier(identifier) || !isReference(compiler, identifier)) return null;
    const symbol = isShorthand
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(identifier);
    const base = identifier.text;
    // An assignment to `exports.x` looks to the checker as if this text were the module that exports it.
    const isOwn = base !== 'exports' && (symbol?.declarations?.length ?? 0) > 0;
    if (isOwn || IN_PAGE.has(base)) return null;
    const found = (whole: ts.Node, name: string, value: () => unknown) => ({
      whole,
      name,
      key: name,
      value,
      isShorthand,
      isCalled: compiler.isCallExpression(whole.parent) && whole.parent.expression === whole,
    });
    if (compiler.isPropertyAccessExpression(node)) {
      const { text: property } = node.name;
      if (base === 'exports' && this.names.has(property)) return found(node, property, () => this.names.read(property));
      const module = base === 'exports' ? undefined : this.names.module(base);
      if (module !== undefined) return found(node, property, () => (module as Record<string, unknown>)[property]);
    }
    if (this.names.has(base)) return found(identifier, base, () => this.names.read(base));
    throw new CannotCarry(whyMissing(base));
  }

  #refuseAssignment(node: ts.Node, name: string): void {
    if (isAssigned(this.compiler, node))
      throw new CannotCarry(`\`${name}\` is changed by the callback, and a page has a copy of its own`);
  }
}

/** Why a page has no such name. */
function whyMissing(name: string): string {
  // The compiler's helpers stand around modules that are asked for as the code runs.
  if (name === 'require' || name.startsWith('__')) return 'modules that are loaded by the callback need Node';
  if (name in globalThis) return `\`${name}\` needs Node`;
  return `\`${name}\` belongs to a function or a block around the callback: a page takes names of the notebook's top level`;
}
