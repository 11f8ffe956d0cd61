import { runInNewContext } from 'node:vm';
import type ts from '@tslab/typescript-for-tslab';
import { CannotCarry, type Captured } from '../../live/encode';
import { CellScope, parsedAlone } from './cell-scope';
import type { Home } from './homes';
import { isAssigned, isReference } from './identifiers';
import { CHECK, HOLD } from './interruption';

type Compiler = typeof ts;
type Fn = (...args: never) => unknown;

/** What code of a page's worker finds without the notebook. */
const IN_PAGE: ReadonlySet<string> = new Set([
  ...(runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]),
  ...['console', 'performance', 'structuredClone', 'setTimeout', 'clearTimeout', 'queueMicrotask', 'atob', 'btoa'],
  ...['TextEncoder', 'TextDecoder', 'AbortController'],
]);

/** What every function has, and what the kernel puts into those of cells. */
const IN_FUNCTION: ReadonlySet<string> = new Set(['arguments', HOLD, CHECK]);

/** Where the names of a cell's code lead. */
export interface CellNames {
  /** The value of a name of the notebook's scope. */
  readonly has: (name: string) => boolean;
  readonly read: (name: string) => unknown;
  /** What a cell's import stands for, by the name that the compiler gives it; undefined where there is none or more than one. */
  readonly module: (alias: string) => unknown;
  /** The cell that a function with this text comes from; null where that cannot be told. */
  readonly home: (text: string) => Home | null;
  /** Whether a name is still what that cell declared. */
  readonly isLatest: (home: Home, name: string) => boolean;
  /** The module of Node that a cell has imported and that has this value. */
  readonly nodeModule: (value: unknown) => string | undefined;
}

const FILE = 'callback.js';

/** A function's own text, that text as an expression, and where it begins there. */
interface Expression {
  readonly own: string;
  readonly text: string;
  readonly begins: number;
}

/** A function, and where the names that lead out of its text were declared. */
interface Origin {
  readonly home: Home | null;
  readonly declared: (name: ts.Identifier) => ReturnType<CellScope['declared']>;
}

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
    const expression = this.#expression(fn);
    const { text } = expression;
    const { file, checker } = parsedAlone(this.compiler, FILE, text);
    const origin = this.#origin(expression, file);
    const captures = new Map<string, unknown>();
    const changes: { readonly from: number; readonly to: number; readonly text: string }[] = [];
    const visit = (node: ts.Node): void => {
      const free = this.#free(node, checker, origin);
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
  #expression(fn: Fn): Expression {
    const own = Function.prototype.toString.call(fn);
    if (/\{\s*\[native code\]\s*\}$/.test(own)) throw new CannotCarry(`\`${fn.name}\` is a function without a text`);
    if (this.#isExpression(`(${own})`)) return { own, text: `(${own})`, begins: 1 };
    const method = `({ ${own} })`;
    const opening = 'Object.values(';
    if (this.#isExpression(method)) return { own, text: `${opening}${method})[0]`, begins: opening.length + 3 };
    throw new CannotCarry(`\`${fn.name}\` is a method whose text does not stand alone`);
  }

  #origin({ own, begins }: Expression, file: ts.SourceFile): Origin {
    const home = this.names.home(own);
    let scope: CellScope | undefined;
    return {
      home,
      declared: (name) => {
        if (home === null) return 'not here';
        scope ??= new CellScope(this.compiler, home.code);
        return scope.declared(own, name.getStart(file) - begins);
      },
    };
  }

  #isExpression(text: string): boolean {
    const file = this.compiler.createSourceFile(FILE, text, this.compiler.ScriptTarget.ES2022, false);
    const { parseDiagnostics } = file as ts.SourceFile & { readonly parseDiagnostics: readonly unknown[] };
    return parseDiagnostics.length === 0;
  }

  /** A reference that leads out of the text: `x`, `exports.x` or `module_1.x`; null for anything else. */
  #free(node: ts.Node, checker: ts.TypeChecker, origin: Origin) {
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
    if (isOwn || IN_FUNCTION.has(base)) return null;
    const found = (whole: ts.Node, name: string, value: () => unknown) => ({
      whole,
      name,
      key: name,
      value,
      isShorthand,
      isCalled: compiler.isCallExpression(whole.parent) && whole.parent.expression === whole,
    });
    const { home } = origin;
    if (home === null && base === 'exports' && compiler.isPropertyAccessExpression(node))
      throw new CannotCarry(whyMissing(node.name.text, OUT_OF_REACH));
    if (home !== null && compiler.isPropertyAccessExpression(node)) {
      const { text: property } = node.name;
      if (base === 'exports' && this.names.has(property)) return found(node, property, () => this.names.read(property));
      const module = base === 'exports' ? undefined : this.names.module(base);
      if (module !== undefined) return found(node, property, () => (module as Record<string, unknown>)[property]);
    }
    const declared = origin.declared(identifier);
    // Hides what a page has of that name.
    if (declared === 'not here' && IN_PAGE.has(base)) return null;
    if (home === null) throw new CannotCarry(whyMissing(base, OUT_OF_REACH));
    if (declared === 'inside' || !this.names.has(base)) throw new CannotCarry(whyMissing(base));
    if (declared === 'top' && !this.names.isLatest(home, base))
      throw new CannotCarry(`\`${base}\` is not what it was for the callback: a later cell has declared it again`);
    return found(identifier, base, () => this.names.read(base));
  }

  #refuseAssignment(node: ts.Node, name: string): void {
    if (isAssigned(this.compiler, node))
      throw new CannotCarry(`\`${name}\` is changed by the callback, and a page has a copy of its own`);
  }
}

/** What cannot be told apart from names of the notebook. */
const OUT_OF_REACH = 'a module, or to one of several cells with the same function';

/** Why a page has no such name. */
function whyMissing(name: string, owner = 'a function or a block around the callback'): string {
  // The compiler's helpers stand around modules that are asked for as the code runs.
  if (name === 'require' || name.startsWith('__')) return 'modules that are loaded by the callback need Node';
  if (name in globalThis) return `\`${name}\` needs Node`;
  return `\`${name}\` belongs to ${owner}: a page takes names of the notebook's top level`;
}
