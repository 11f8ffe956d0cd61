import type ts from '@tslab/typescript-for-tslab';
import type { Converter } from 'tslab/dist/converter';
import type { IsCompleteReply } from '../session/protocol';
import { COMPILER, compiler as loadCompiler, tslabRequire } from '../tslab';
import { CellModules } from './cell-modules';
import { CommonJs } from './common-js';
import type { CompiledCell } from './compiled';
import { completeness } from './completeness';
import { type Diagnostic, Diagnostics } from './diagnostics';
import { Emission } from './emission';
import { Encoding } from './encoding';
import { CellHost } from './host';
import { Installations } from './installations';
import { loadConverter } from './load-converter';
import { bracketObject } from './object-value';
import { isCell } from './program';
import { Project } from './project';
import { type AboutName, overloadsAt } from './quick-info';
import { dropExports } from './rewrite';
import type { Position } from './source-map';
import { Watch } from './watch';

type Compiler = typeof ts;
type TslabConverter = typeof import('tslab/dist/converter');

/**
 * tslab's converter with its options and blind spots corrected from outside. The converter reaches the compiler through one
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
  readonly #project: Project;
  readonly #host: CellHost;
  readonly #emission: Emission;
  readonly #commonJs: CommonJs;

  /**
   * @param fallbacks Packages that any cell may import, wherever its notebook lies: name → folder.
   * @param isJavaScript Whether cells are JavaScript: translated like TypeScript, and not checked.
   */
  constructor(
    private readonly cwd: string,
    fallbacks: () => Readonly<Record<string, string>>,
    isJavaScript: boolean,
  ) {
    this.#installations = new Installations(cwd);
    const path = tslabRequire.resolve(COMPILER);
    this.compiler = loadCompiler();
    const { compiler } = this;
    this.#project = new Project(compiler, cwd);
    this.#diagnostics = new Diagnostics(compiler, cwd, this.#project);
    this.#cellModules = new CellModules(compiler);
    this.#emission = new Emission({ compiler, cwd, isJavaScript, cellModules: this.#cellModules });
    this.#commonJs = new CommonJs(compiler, (input) => this.#emission.isCellOutput(input));
    this.#host = new CellHost({
      compiler,
      cwd,
      fallbacks,
      project: this.#project,
      cellModules: this.#cellModules,
      wrap: (builder) => this.#emission.wrap(builder),
    });
    const module = tslabRequire.cache[path];
    if (!module) throw new Error('the compiler that tslab brings was not loaded');
    module.exports = {
      ...this.compiler,
      ...this.#diagnostics.wrapCollect(),
      createWatchCompilerHost: this.#host.createWatchCompilerHost,
      transpileModule: this.#commonJs.transpileModule,
    };
    this.#encoding.watch(this.compiler.sys);
    this.compiler.sys.watchFile = (file, callback) => this.#watch.watchFile(file, callback);
    this.compiler.sys.watchDirectory = (folder, callback) => this.#watch.watchFolder(folder, callback);
    // Loaded here and nowhere earlier: on loading it takes hold of the compiler's module object.
    this.#tslab = loadConverter();
    this.#converter = this.#tslab.createConverter();
  }

  /** What was compiled last, with all that it reaches. */
  get program(): ts.Program | undefined {
    return this.#emission.program;
  }

  compile(earlier: string, source: string): CompiledCell {
    this.#look();
    this.#diagnostics.begin();
    this.#emission.begin();
    this.#commonJs.begin();
    const { problems } = this.#project;
    if (problems.length > 0) return { ok: false, diagnostics: problems };
    const { code, back } = bracketObject(this.compiler, source);
    const result = this.#convert(earlier, dropExports(this.compiler, code));
    const diagnostics = [
      ...this.#encoding.problems(this.#emission.reached, this.cwd),
      ...this.#emission.reserved,
      ...this.#diagnostics.complete(result.diagnostics, source),
    ];
    if (diagnostics.length > 0) return { ok: false, diagnostics: diagnostics.map((one) => putBack(one, back)) };
    const outside = this.#emission.outside.map(({ path, data }) => ({
      path,
      data: this.#commonJs.transpileModule(data).outputText,
    }));
    const body = this.#commonJs.traced(result.output ?? '');
    const modules = [...(result.sideOutputs ?? []), ...outside];
    return {
      ok: true,
      body: { ...body, toSource: (position) => mapped(body.toSource(position), back) },
      isAsync: this.#emission.awaits,
      lastValue: result.lastExpressionVar,
      declarations: result.declOutput ?? '',
      modules: modules.map(({ path, data }) => ({
        path,
        ...this.#emission.origin(path),
        ...this.#commonJs.traced(data),
      })),
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

  complete(earlier: string, source: string, cursor: number): ReturnType<Converter['complete']> {
    return this.#use((converter) => converter.complete(earlier + this.#cellModules.globals, source, cursor));
  }

  inspect(earlier: string, source: string, cursor: number): AboutName | undefined {
    const info = this.#use((converter) => converter.inspect(earlier + this.#cellModules.globals, source, cursor));
    const { program } = this.#emission;
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

  /** What may wait until nobody does. */
  catchUp(): void {
    this.#installations.catchUp();
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
}

function putBack(diagnostic: Diagnostic, back: (position: Position) => Position): Diagnostic {
  if (diagnostic.file !== undefined) return diagnostic;
  const { line, column } = back({ line: diagnostic.line - 1, column: diagnostic.column - 1 });
  return { ...diagnostic, line: line + 1, column: column + 1 };
}

function mapped(position: Position | null, back: (position: Position) => Position): Position | null {
  return position && back(position);
}
