import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { Diagnostic } from './diagnostics';

type Compiler = typeof ts;

/** What a tsconfig.json may say about cells: how strictly they are checked, and what they are translated from. */
const USED: ReadonlySet<string> = new Set([
  'strict',
  'noImplicitAny',
  'strictNullChecks',
  'strictFunctionTypes',
  'strictBindCallApply',
  'strictPropertyInitialization',
  'noImplicitThis',
  'useUnknownInCatchVariables',
  'exactOptionalPropertyTypes',
  'noImplicitOverride',
  'noImplicitReturns',
  'noFallthroughCasesInSwitch',
  'noPropertyAccessFromIndexSignature',
  'noUncheckedIndexedAccess',
  'allowUnreachableCode',
  'allowUnusedLabels',
  'checkJs',
  'lib',
  'types',
  'experimentalDecorators',
  'emitDecoratorMetadata',
  'useDefineForClassFields',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
]);
/** Where the parser has found the file, and says so among the options. */
const OF_THE_PARSER = ['configFilePath', 'pathsBasePath'];
/** What this version of the compiler does not know: options, their likes, and values of options. */
const UNKNOWN: ReadonlySet<number> = new Set([5023, 5025, 6046]);
/** Nothing to compile: a notebook's cells are in no list of files. */
const NO_FILES: ReadonlySet<number> = new Set([18002, 18003]);

/** What lies beside a notebook and says how its cells are checked: tsconfig.json and files of declarations. */
export class Project {
  #options: ts.CompilerOptions = {};
  #declarations: readonly string[] = [];
  #problems: readonly Diagnostic[] = [];
  #unknown: readonly string[] = [];
  #watched: readonly string[] = [];
  #stamp: string | undefined;

  constructor(
    private readonly compiler: Compiler,
    private readonly folder: string,
  ) {}

  /** Reads everything again, where something has changed. Returns whether it has. */
  look(): boolean {
    if (this.#stamp === this.#stampNow()) return false;
    this.#read();
    this.#stamp = this.#stampNow();
    return true;
  }

  /** Files whose declarations every cell sees. */
  get declarations(): readonly string[] {
    return this.#declarations;
  }

  /** Why no cell can be compiled. */
  get problems(): readonly Diagnostic[] {
    return this.#problems;
  }

  /** Whether it asks for errors about `any`, also those about packages without types. */
  get refusesAny(): boolean {
    return this.#options.noImplicitAny === true;
  }

  /** The options of cells, changed by what the file says. */
  apply(options: ts.CompilerOptions): ts.CompilerOptions {
    const used = Object.fromEntries(Object.entries(this.#options).filter(([name]) => USED.has(name)));
    const { lib = [], types = [] } = used as ts.CompilerOptions;
    return {
      ...options,
      ...used,
      lib: [...(options.lib ?? []), ...lib],
      types: [...(options.types ?? []), ...types],
    };
  }

  /** What a person should know of the file, given the options of cells: null where all of it counts. */
  note(options: ts.CompilerOptions): string | null {
    const others = Object.entries(this.#options).filter(([name, value]) => {
      if (USED.has(name) || OF_THE_PARSER.includes(name)) return false;
      return JSON.stringify(options[name]) !== JSON.stringify(value);
    });
    const names = [...others.map(([name]) => name), ...this.#unknown];
    return names.length === 0 ? null : `tsconfig.json: not used for cells: ${names.join(', ')}`;
  }

  #read(): void {
    const { compiler, folder } = this;
    const path = join(folder, 'tsconfig.json');
    const beside = names(folder).filter((name) => name.endsWith('.d.ts'));
    this.#declarations = beside.map((name) => join(folder, name));
    this.#options = {};
    this.#problems = [];
    this.#unknown = [];
    this.#watched = [path];
    if (!existsSync(path)) return;
    const file = compiler.readJsonConfigFile(path, compiler.sys.readFile);
    const parsed = compiler.parseJsonSourceFileConfigFileContent(file, compiler.sys, folder, undefined, path);
    const errors = [
      ...(file as typeof file & { parseDiagnostics: ts.Diagnostic[] }).parseDiagnostics,
      ...parsed.errors,
    ];
    const known = errors.filter(({ code }) => !NO_FILES.has(code));
    this.#options = parsed.options;
    this.#problems = known.filter(({ code }) => !UNKNOWN.has(code)).map((error) => this.#problem(error));
    this.#unknown = known.filter(({ code }) => UNKNOWN.has(code)).map((error) => `${this.#textOf(error)}`);
    const listed = parsed.fileNames.filter((name) => name.endsWith('.d.ts'));
    this.#declarations = [...new Set([...this.#declarations, ...listed])];
    this.#watched = [path, ...(file.extendedSourceFiles ?? [])];
  }

  /** The option that is not known, as it is written. */
  #textOf({ file, start, length }: ts.Diagnostic): string {
    return file && start !== undefined ? file.text.slice(start, start + (length ?? 0)).replace(/"/g, '') : '';
  }

  #problem({ file, start = 0, length = 1, messageText }: ts.Diagnostic): Diagnostic {
    const { line, character } = file?.getLineAndCharacterOfPosition(start) ?? { line: 0, character: 0 };
    return {
      file: file ? relative(this.folder, file.fileName) : 'tsconfig.json',
      line: line + 1,
      column: character + 1,
      length,
      message: this.compiler.flattenDiagnosticMessageText(messageText, '\n'),
    };
  }

  #stampNow(): string {
    const declarations = names(this.folder).filter((name) => name.endsWith('.d.ts'));
    const stamps = this.#watched.map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
      return stats ? `${stats.mtimeNs}:${stats.size}` : '';
    });
    return JSON.stringify([declarations, stamps]);
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
