import { SourceMap } from 'node:module';
import { parse, relative, resolve } from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { Converter } from 'tslab/dist/converter';
import type { IsCompleteReply } from '../session/protocol';
import { COMPILER, compiler as loadCompiler, tslabRequire } from '../tslab';
import { CellModules } from './cell-modules';
import { completeness } from './completeness';
import { type Diagnostic, Diagnostics } from './diagnostics';
import { Encoding } from './encoding';
import { reservedNames } from './explain';
import { CellHost } from './host';
import { Installations } from './installations';
import { checkAwaits } from './interruption';
import { leaveUnchecked } from './leniency';
import { bracketObject } from './object-value';
import {
  awaitsAtTop,
  bindCell,
  declaresGlobals,
  hasNestedVariables,
  isCell,
  isEarlierCells,
  localDependencies,
} from './program';
import { Project } from './project';
import { type AboutName, overloadsAt } from './quick-info';
import { clarifyNames, dropExports, linkVariables } from './rewrite';
import { lookUp, type Position, splitMap } from './source-map';
import { Watch } from './watch';

type Compiler = typeof ts;
type TslabConverter = typeof import('tslab/dist/converter');

/** JavaScript with the way back to the TypeScript it came from. */
export interface CompiledCode {
  readonly code: string;
  readonly toSource: (position: Position) => Position | null;
}

export interface LocalModule extends CompiledCode {
  /** Where the module's JavaScript would lie: its source's path with the extension `.js`. */
  readonly path: string;
  /** The file that a person edits, and what it held. */
  readonly name: string;
  readonly text: string;
}

export type CompiledCell =
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly ok: true;
      /** The body of a function of `exports`, `require` and `$link`. */
      readonly body: CompiledCode;
      readonly isAsync: boolean;
      readonly lastValue: string | undefined;
      readonly declarations: string;
      /** Local modules that the cell imports and that are new or changed since they were last handed out. */
      readonly modules: readonly LocalModule[];
    };

/** Modules that tslab passes over, and which Node would load once and for ever. */
const PASSED_OVER = /\.(?:[cm][jt]s|[jt]sx|json)$/;

const CELL_OUTPUT = 'outDir/__tslab__.js';
const CELL_DECLARATIONS = 'outDir/__tslab__.d.ts';

/**
 * tslab's converter with its options and blind spots mended from outside. The converter reaches the compiler through one
 * module object; it is given a copy of that object in which three functions are wrapped.
 */
export class CellCompiler {
  readonly compiler: Compiler;
  #converter: Converter;
  readonly #tslab: TslabConverter;
  readonly #diagnostics: Diagnostics;
  readonly #encoding = new Encoding();
  readonly #cellModules: CellModules;
  readonly #installations: Installations;
  #watch = new Watch();
  readonly #cwd: string;
  #cellOutput = '';
  #program: ts.Program | undefined;
  /** Of the cell being compiled: modules that tslab is not told of, where each came from, and the way back from each code. */
  #outside: { path: string; data: string }[] = [];
  readonly #origins = new Map<string, ts.SourceFile>();
  #toSource = new Map<string, CompiledCode['toSource']>();
  #awaits = false;
  #reserved: readonly Diagnostic[] = [];
  readonly #project: Project;
  readonly #host: CellHost;
  /** The cell and the local modules that it reaches. */
  #reached: readonly string[] = [];

  /**
   * @param fallbacks Packages that any cell may import, wherever its notebook lies: name → folder.
   * @param isJavaScript Whether cells are JavaScript: translated like TypeScript, and not checked.
   */
  constructor(
    cwd: string,
    fallbacks: () => Readonly<Record<string, string>>,
    private readonly isJavaScript: boolean,
  ) {
    this.#cwd = cwd;
    this.#installations = new Installations(cwd);
    const path = tslabRequire.resolve(COMPILER);
    this.compiler = loadCompiler();
    const { compiler } = this;
    this.#project = new Project(compiler, cwd);
    this.#diagnostics = new Diagnostics(compiler, cwd, this.#project);
    this.#cellModules = new CellModules(compiler);
    this.#host = new CellHost({
      compiler,
      cwd,
      fallbacks,
      project: this.#project,
      cellModules: this.#cellModules,
      wrap: (builder) => this.#wrap(builder),
    });
    const module = tslabRequire.cache[path];
    if (!module) throw new Error('the compiler that tslab brings was not loaded');
    module.exports = {
      ...this.compiler,
      ...this.#diagnostics.wrapCollect(),
      createWatchCompilerHost: this.#host.createWatchCompilerHost,
      transpileModule: this.#toCommonJs.bind(this),
    };
    this.#encoding.watch(this.compiler.sys);
    this.compiler.sys.watchFile = (file, callback) => this.#watch.watchFile(file, callback);
    this.compiler.sys.watchDirectory = (folder, callback) => this.#watch.watchFolder(folder, callback);
    // Loaded here and nowhere earlier: on loading it takes hold of the compiler's module object.
    this.#tslab = tslabRequire('./dist/converter') as TslabConverter;
    this.#converter = this.#tslab.createConverter();
  }

  /** What was compiled last, with all that it reaches. */
  get program(): ts.Program | undefined {
    return this.#program;
  }

  compile(earlier: string, source: string): CompiledCell {
    this.#look();
    this.#diagnostics.begin();
    this.#outside = [];
    this.#toSource = new Map();
    this.#awaits = false;
    const { problems } = this.#project;
    if (problems.length > 0) return { ok: false, diagnostics: problems };
    this.#reserved = [];
    const { code, back } = bracketObject(this.compiler, source);
    const result = this.#convert(earlier, dropExports(this.compiler, code));
    const diagnostics = [
      ...this.#encoding.problems(this.#reached, this.#cwd),
      ...this.#reserved,
      ...this.#diagnostics.complete(result.diagnostics, source),
    ];
    if (diagnostics.length > 0) return { ok: false, diagnostics: diagnostics.map((one) => putBack(one, back)) };
    const outside = this.#outside.map(({ path, data }) => ({ path, data: this.#toCommonJs(data).outputText }));
    const body = this.#traced(result.output ?? '');
    const modules = [...(result.sideOutputs ?? []), ...outside];
    return {
      ok: true,
      body: { ...body, toSource: (position) => mapped(body.toSource(position), back) },
      isAsync: this.#awaits,
      lastValue: result.lastExpressionVar,
      declarations: result.declOutput ?? '',
      modules: modules.map(({ path, data }) => ({ path, ...this.#origin(path), ...this.#traced(data) })),
    };
  }

  /** A cell that declares something global once more may be meant to replace what an earlier one declared. */
  #convert(earlier: string, code: string): ReturnType<Converter['convert']> {
    const once = (): ReturnType<Converter['convert']> =>
      this.#use((converter) => converter.convert(earlier + this.#cellModules.globals, code));
    const result = once();
    if (result.diagnostics.length === 0 || !/declare\s+global/.test(code)) return result;
    const restore = this.#cellModules.dropGlobals();
    const again = once();
    if (again.diagnostics.length > 0) restore();
    return again;
  }

  /** A converter that an exception has left half-way through its work refuses all that follows; it is replaced. */
  #use<T>(work: (converter: Converter) => T): T {
    try {
      return work(this.#converter);
    } catch (error) {
      this.#renew();
      throw error;
    }
  }

  #renew(): void {
    this.#watch = new Watch();
    this.#converter = this.#tslab.createConverter();
  }

  #origin(path: string): { name: string; text: string } {
    const file = this.#origins.get(path);
    return { name: file?.fileName ?? path, text: file?.text ?? '' };
  }

  #traced(code: string): CompiledCode {
    return { code, toSource: this.#toSource.get(code) ?? (() => null) };
  }

  complete(earlier: string, source: string, cursor: number): ReturnType<Converter['complete']> {
    return this.#use((converter) => converter.complete(earlier + this.#cellModules.globals, source, cursor));
  }

  inspect(earlier: string, source: string, cursor: number): AboutName | undefined {
    const info = this.#use((converter) => converter.inspect(earlier + this.#cellModules.globals, source, cursor));
    const program = this.#program;
    const cell = program?.getSourceFiles().find(isCell);
    if (!info || !program || !cell) return undefined;
    const { start } = info.textSpan;
    // tslab's own line stands above the cell.
    const position = cell.text.indexOf('\n') + 1 + start;
    return { info, overloads: overloadsAt(this.compiler, program.getTypeChecker(), cell, position) };
  }

  /** What a person should know of how cells are compiled; null once it has been told. */
  takeNote(): string | null {
    return this.#host.takeNote();
  }

  /** Whether the code can run as it stands, wants another line, or can never be right. */
  completeness(code: string): IsCompleteReply {
    return completeness(this.compiler, bracketObject(this.compiler, code).code);
  }

  #look(): void {
    // The compiler remembers for ever what it has not found; and watching all files of all packages would take long.
    if (this.#installations.changed() || this.#project.look()) this.#renew();
    this.#watch.look();
    this.#host.catchUp();
  }

  #wrap(builder: ts.BuilderProgram): ts.BuilderProgram {
    const { compiler } = this;
    const program = builder.getProgram();
    this.#program = program;
    bindCell(compiler, program);
    this.#cellModules.adopt(program);
    const cell = program.getSourceFiles().find(isCell);
    if (cell) leaveUnchecked(compiler, cell, this.isJavaScript);
    const passedOver: ts.SourceFile[] = [];
    builder.getAllDependencies = (file) => {
      const paths = localDependencies(compiler, program, file);
      this.#reached = paths;
      passedOver.push(
        ...paths.filter((path) => PASSED_OVER.test(path)).flatMap((path) => program.getSourceFile(path) ?? []),
      );
      return paths;
    };
    builder.emit = (file, write, token, onlyDts, transformers) => {
      const checker = program.getTypeChecker();
      if (file && isCell(file)) {
        this.#awaits = awaitsAtTop(compiler, file);
        this.#reserved = reservedNames(file);
      }
      const before = [clarifyNames(compiler, checker, isEarlierCells), checkAwaits(compiler, isCell)];
      for (const module of passedOver.splice(0)) {
        program.emit(module, (name, data) => this.#receive(module, name, data, undefined), token);
      }
      const kept = file && isCell(file) ? this.#keep(program, file) : undefined;
      const receive: ts.WriteFileCallback = (name, data) => {
        if (kept === undefined || !name.endsWith('.d.ts')) this.#receive(file, name, data, write);
      };
      const result = program.emit(file, receive, token, onlyDts, { ...transformers, before });
      if (kept !== undefined) write?.(CELL_DECLARATIONS, kept, false);
      return result;
    };
    return builder;
  }

  /** The declarations of a cell that the compiler cannot write down as a declaration file would have them. */
  #keep(program: ts.Program, cell: ts.SourceFile): string | undefined {
    const isNameable = program.getDeclarationDiagnostics(cell).length === 0;
    const isGlobal = declaresGlobals(this.compiler, cell);
    if (isNameable && !isGlobal && !hasNestedVariables(this.compiler, cell)) return undefined;
    return this.#cellModules.keep(program, cell, isGlobal);
  }

  /** Emitted paths are relative to the root of the disk; tslab expects them relative to the notebook's folder. */
  #receive(file: ts.SourceFile | undefined, name: string, data: string, write: ts.WriteFileCallback | undefined): void {
    const path = resolve(parse(this.#cwd).root, relative('outDir', name));
    if (file && !isCell(file)) this.#origins.set(path, file);
    const fromHere = relative(this.#cwd, path).replace(/\\/g, '/');
    if (write && !fromHere.startsWith('..')) {
      const output = `outDir/${fromHere}`;
      if (output === CELL_OUTPUT) this.#cellOutput = data;
      write(output, data, false);
    } else if (/\.[cm]?js$/.test(name)) this.#outside.push({ path, data });
    else if (name.endsWith('.json')) this.#outside.push({ path, data: `module.exports = ${data}` });
  }

  /** The second step of tslab's translation, from ES module to CommonJS, with source maps kept through both. */
  #toCommonJs(input: string, options?: ts.TranspileOptions): ts.TranspileOutput {
    const { code, map: first } = splitMap(input);
    const isCell = input === this.#cellOutput;
    const { compiler } = this;
    const output = compiler.transpileModule(isCell ? linkVariables(compiler, code) : code, {
      fileName: 'custom.js',
      ...options,
      compilerOptions: {
        module: compiler.ModuleKind.CommonJS,
        target: compiler.ScriptTarget.ES2022,
        esModuleInterop: true,
        ...options?.compilerOptions,
        sourceMap: true,
        // A cell's imports are used by later cells.
        preserveValueImports: true,
      },
    });
    const outputText = output.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    const second = output.sourceMapText ? new SourceMap(JSON.parse(output.sourceMapText)) : null;
    const lines = outputText.split('\n').length - 1;
    this.#toSource.set(outputText, (position) => {
      if (position.line >= lines) return null;
      const middle = lookUp(second, position);
      // One line for the links, one for the `export {}` that tslab puts before a cell.
      const source = middle && lookUp(first, { ...middle, line: middle.line - (isCell ? 1 : 0) });
      return source && { ...source, line: source.line - (isCell ? 1 : 0) };
    });
    return { ...output, outputText };
  }
}

function putBack(diagnostic: Diagnostic, back: (position: Position) => Position): Diagnostic {
  if (diagnostic.file !== undefined) return diagnostic;
  const { line, column } = back({ line: diagnostic.line - 1, column: diagnostic.column - 1 });
  return { ...diagnostic, line: line + 1, column: column + 1 };
}

function mapped(position: Position | null, back: (position: Position) => Position): Position | null {
  return position && back(position);
}
