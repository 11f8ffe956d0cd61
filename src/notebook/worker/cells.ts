import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Script } from 'node:vm';
import { CannotCarry, encode } from '../../live/encode';
import type { Program } from '../../live/program';
import type { CellError } from '../session/protocol';
import { CaptureReader } from './capture';
import { CellCompiler } from './compile';
import type { CompiledCell } from './compiled';
import { Homes } from './homes';
import {
  CHECK,
  checkAfterAwait,
  HOLD,
  holdBeforeAwait,
  isSigint,
  settleWatchdog,
  untilInterrupted,
} from './interruption';
import { LocalModules } from './modules';
import { compiling, INTERRUPTED } from './output';
import { Sources } from './sources';
import { parsed, Unparsed } from './syntax-error';
import { cellScriptName, compileError, interrupted, runtimeError, syntaxError } from './traceback';

export type CellResult =
  | { readonly ok: true; readonly hasValue: boolean; readonly value: unknown }
  | { readonly ok: false; readonly error: CellError };

type Link = readonly [get: () => unknown, set: ((value: unknown) => void) | undefined];

/** The package as the notebook finds it, which may be a copy of its own. */
const LIBRARY = 'gmm-vae';
const FRAME: unique symbol = Symbol.for('gmm-vae.cell-frame') as never;

/** Compiles and runs cells in one shared scope. */
export class Cells {
  readonly compiler: CellCompiler;
  readonly #modules: LocalModules;
  /** Where the cells and modules that run came from. */
  readonly sources: Sources;
  readonly #scope: Record<string, unknown> = Object.create(null);
  readonly #homes = new Homes();
  #declarations: string;

  /**
   * @param builtins Names every cell may use, with their TypeScript declarations.
   * @param special Packages that the kernel itself provides.
   */
  constructor(options: {
    readonly cwd: string;
    readonly isJavaScript: boolean;
    readonly projectFile: string;
    readonly fallbacks: () => Readonly<Record<string, string>>;
    readonly builtins: Readonly<Record<string, { readonly declaration: string; readonly value: unknown }>>;
    readonly special: Readonly<Record<string, () => unknown>>;
  }) {
    this.#cwd = options.cwd;
    this.#browserEntry = join(dirname(options.projectFile), 'dist', 'browser.js');
    this.compiler = new CellCompiler(options.cwd, options.fallbacks, options.isJavaScript);
    this.#modules = new LocalModules(options.projectFile, options.special);
    this.sources = new Sources(this.#modules);
    for (const [name, { value }] of Object.entries(options.builtins)) this.#scope[name] = value;
    this.#declarations = Object.values(options.builtins)
      .map(({ declaration }) => `${declaration}\n`)
      .join('');
    this.compiler.compile(this.#declarations, '');
  }

  readonly #cwd: string;
  /** Its exports are the names that a page has too. */
  readonly #browserEntry: string;

  /** Declarations of everything the cells so far have named. */
  get declarations(): string {
    return this.#declarations;
  }

  /**
   * Runs one cell.
   * @param signal Aborted by an interrupt: what the cell awaits is then given up, after `graceMs`.
   */
  async run(code: string, count: number, signal: AbortSignal, graceMs: () => number): Promise<CellResult> {
    const cell = this.#compile(code);
    if (!cell.ok) return { ok: false, error: compileError(cell.diagnostics, code) };
    // An interrupt that came while the compiler was at work is read in these two turns of the event loop.
    await setImmediate();
    await setImmediate();
    if (signal.aborted) return { ok: false, error: interrupted() };
    const note = this.compiler.takeNote();
    if (note !== null) process.stderr.write(`${note}\n`);
    this.#modules.add(cell.modules);
    this.#rememberImports(cell.body.code);
    const name = this.sources.remember(cellScriptName(count), { text: code, toSource: cell.body.toSource });
    try {
      const done = this.#start(cell, name);
      if (cell.isAsync) await untilInterrupted(done as Promise<unknown>, signal, graceMs);
      return { ok: true, ...this.#takeLastValue(cell.lastValue) };
    } catch (thrown) {
      if (isSigint(thrown)) {
        this.#modules.dropUnfinished();
        settleWatchdog();
      }
      if (thrown === INTERRUPTED || isSigint(thrown)) return { ok: false, error: interrupted() };
      const unparsed = thrown instanceof Unparsed ? thrown.place(name, cell.body) : undefined;
      if (unparsed) return { ok: false, error: syntaxError(unparsed, code) };
      return { ok: false, error: this.describe(thrown instanceof Unparsed ? thrown.cause : thrown) };
    } finally {
      if (signal.aborted) settleWatchdog();
      // Also after an error: what the cell had named by then is there for the next one.
      this.#declarations = cell.declarations;
    }
  }

  /** Evaluates an expression without leaving a trace in the scope's declarations. */
  async evaluate(expression: string, signal: AbortSignal, graceMs: () => number): Promise<CellResult> {
    const before = this.#declarations;
    try {
      return await this.run(`(${expression}\n)`, 0, signal, graceMs);
    } finally {
      this.#declarations = before;
    }
  }

  /**
   * Writes a function of a cell as data, for a page that has no notebook.
   * @throws CannotCarry naming what has no place there
   */
  carry(fn: (...args: never) => unknown): Program {
    const load = this.#modules.requireFrom(this.#cwd);
    const library = load(LIBRARY) as Record<string, unknown>;
    const inPage = Object.keys(load(this.#browserEntry) as object);
    const reader = new CaptureReader(this.compiler.compiler, {
      has: (name) => name in this.#scope,
      read: (name) => {
        const namespace = [...(this.#imports.get(name) ?? [])].find(isBuiltin);
        if (namespace !== undefined) throw new CannotCarry(`\`${namespace}\` needs Node`);
        return this.#scope[name];
      },
      module: (alias) => {
        const [id, ...others] = this.#imports.get(alias) ?? [];
        return id === undefined || others.length > 0 ? undefined : load(id);
      },
      home: (text) => this.#homes.of(text),
      isLatest: (home, name) => this.#homes.isLatest(home, name),
      nodeModule: (value) =>
        [...this.#imports.values()]
          .flatMap((ids) => [...ids])
          .find((id) => isBuiltin(id) && Object.values(load(id) as object).includes(value)),
    });
    const names = new Map(Object.entries(library).map(([name, value]) => [value, name]));
    return encode(fn, {
      capture: reader.read,
      libraryName: (value) => {
        const name = value === library ? '*' : names.get(value);
        return name === undefined ? undefined : name === '*' || inPage.includes(name) ? name : null;
      },
    });
  }

  /** Modules by the names that the compiler gives them in cells. */
  readonly #imports = new Map<string, Set<string>>();

  #rememberImports(code: string): void {
    for (const [, alias = '', id = ''] of code.matchAll(/^const (\w+) = (?:[\w.]+\()?require\("([^"]+)"\)/gm))
      this.#imports.set(alias, (this.#imports.get(alias) ?? new Set()).add(id));
  }

  describe(thrown: unknown): CellError {
    if (thrown === INTERRUPTED || isSigint(thrown)) return interrupted();
    return runtimeError(thrown, this.sources);
  }

  /** A compiler that fails on a cell is an error of the cell. */
  #compile(code: string): CompiledCell {
    try {
      return compiling(() => this.compiler.compile(this.#declarations, code));
    } catch (error) {
      const message = `the compiler gave up on this cell: ${(error as Error).message}`;
      return { ok: false, diagnostics: [{ line: 1, column: 1, length: 1, message }] };
    }
  }

  #start(cell: CompiledCell & { ok: true }, name: string): unknown {
    const require = this.#modules.requireFrom(this.#cwd);
    const frame = { exports: this.#scope, require, link: this.#link, holdBeforeAwait, checkAfterAwait };
    (globalThis as { [FRAME]?: object })[FRAME] = frame;
    const head = `(${cell.isAsync ? 'async ' : ''}function (exports, require, $link, ${HOLD}, ${CHECK}) { 'use strict';`;
    const tail = `})(...Object.values(globalThis[Symbol.for('gmm-vae.cell-frame')]))`;
    const whole = `${head}\n${cell.body.code}\n${tail}`;
    for (const module of cell.modules) this.#homes.begin({ code: module.code, isModule: true });
    this.#homes.begin({ code: cell.body.code, isModule: false });
    const script = parsed(() => new Script(whole, { filename: name, lineOffset: -1 }));
    return script.runInThisContext({ breakOnSigint: true, displayErrors: false });
  }

  /** Gives the scope live access to a cell's variables. */
  readonly #link = (links: Readonly<Record<string, Link>>): void => {
    this.#homes.declare(Object.keys(links));
    for (const [name, [read, set]] of Object.entries(links)) {
      const get = (): unknown => {
        try {
          return read();
        } catch {
          throw new ReferenceError(`${name} has no value: the cell that declares it did not get that far`);
        }
      };
      Object.defineProperty(this.#scope, name, { get, ...(set && { set }), configurable: true, enumerable: true });
    }
  };

  #takeLastValue(name: string | undefined): { hasValue: boolean; value: unknown } {
    if (name === undefined) return { hasValue: false, value: undefined };
    const value = this.#scope[name];
    delete this.#scope[name];
    return { hasValue: value !== undefined, value };
  }
}
