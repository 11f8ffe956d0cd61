// Runs under `node --build-snapshot`, which loads one file alone: nothing here may import a file of this project but for its types.
// Nor may it load `node:v8` or `node:crypto`: where they are in a snapshot, threads of its processes that load `net` or `crypto` abort
// Node.js 22 and 24, which refuse to make an object template that the thread has from the snapshot.
// Arguments: a JSON file with the wishes, see make.ts.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import type ts from '@tslab/typescript-for-tslab';
import type { Prepared } from './prepared';

export interface Wishes {
  /** The compiler's file. */
  readonly path: string;
  readonly options: ts.CompilerOptions;
  /** What `parsingOptions` makes of the options. */
  readonly key: string;
  readonly files: readonly string[];
  /** The folder that cells lie in. */
  readonly folder: string;
}

/** What the compiler needs of `node:crypto`, which is loaded in the process that hashes something. */
const CRYPTO: Pick<typeof import('node:crypto'), 'createHash'> = {
  createHash: (...how) => process.getBuiltinModule('node:crypto').createHash(...how),
};

function load(path: string): typeof ts {
  const module: { exports: unknown } = { exports: {} };
  const names = ['exports', 'require', 'module', '__filename', '__dirname'];
  const run = compileFunction(readFileSync(path, 'utf8'), names, { filename: path });
  const given = (name: string): unknown => (name === 'crypto' ? CRYPTO : require(name));
  run.call(module.exports, module.exports, given, module, path, dirname(path));
  return module.exports as typeof ts;
}

/** Parses each file once and has a checker bind it, in a host that remembers nothing of this process: no current folder. */
function parse(compiler: typeof ts, { files, options }: Wishes): Map<string, ts.SourceFile> {
  const { sys } = compiler;
  const parsed = new Map<string, ts.SourceFile>();
  const host: ts.CompilerHost = {
    fileExists: sys.fileExists,
    readFile: sys.readFile,
    directoryExists: sys.directoryExists,
    ...(sys.realpath && { realpath: sys.realpath }),
    getSourceFile: (name, target) => {
      const text = parsed.has(name) ? undefined : sys.readFile(name);
      if (text !== undefined) parsed.set(name, compiler.createSourceFile(name, text, target));
      return parsed.get(name);
    },
    getDefaultLibFileName: (given) => compiler.getDefaultLibFilePath(given),
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile: () => {},
  };
  compiler.createProgram(files, options, host).getTypeChecker();
  return parsed;
}

/** As stamp.ts has it. */
function stamp(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats ? `${stats.mtimeNs}:${stats.size}` : '';
}

/** What the functions of the compiler see that most cells need. */
const SAMPLE_CELLS = [
  '',
  '1 + 1',
  `import { Normal, klDivergence } from 'gmm-vae';
const a: readonly number[] = [1, 2].map((x) => x + 1), { length: n = 0 } = a;
async function f<T extends object>(x?: T) { for (const [k, v] of Object.entries(x ?? {})) if (k) throw new Error(String(v)); return { ...x, a }; }
class C { #p = 1; get p() { return this.#p; } }
const b = await f({ n, c: new C().p as number, d: klDivergence(new Normal(1, 1), new Normal(0, 1)).toFixed(2) });
b`,
];

/**
 * Compiles some cells as tslab does, for nothing: V8 compiles a function when it is first called, and keeps in the snapshot what it has
 * compiled.
 */
function warm(compiler: typeof ts, { options, folder }: Wishes, parsed: ReadonlyMap<string, ts.SourceFile>): void {
  const cell = join(folder, '__sample__.ts');
  let text = '';
  let changed: ts.FileWatcherCallback = () => {};
  const idle = { close: () => {} };
  const system: ts.System = {
    ...compiler.sys,
    // The compiler asks its process once, and would answer for this one ever after.
    getCurrentDirectory: () => folder,
    readFile: (path, encoding) => (path === cell ? text : compiler.sys.readFile(path, encoding)),
    fileExists: (path) => path === cell || compiler.sys.fileExists(path),
    writeFile: () => {},
    watchFile: (path, callback) => {
      if (path === cell) changed = callback;
      return idle;
    },
    watchDirectory: () => idle,
    setTimeout: (callback) => callback(),
    clearTimeout: () => {},
    // Tells versions of a file apart as well as a sum does, and loads no cryptography.
    createHash: (data) => data,
  };
  const emit = (builder: ts.BuilderProgram): void => {
    const program = builder.getProgram();
    const file = program.getSourceFile(cell);
    compiler.getPreEmitDiagnostics(program, file);
    program.emit(file, (_, code) => {
      compiler.transpileModule(code, {
        compilerOptions: { module: compiler.ModuleKind.CommonJS, esModuleInterop: true, sourceMap: true },
      });
    });
  };
  const newProgram: ts.CreateProgram<ts.BuilderProgram> = (names, given, host, ...rest) => {
    if (!host) throw new Error('the compiler has made no host');
    const { getSourceFileByPath } = host;
    host.getSourceFileByPath = (name, ...how) => parsed.get(name) ?? getSourceFileByPath?.call(host, name, ...how);
    const builder = compiler.createAbstractBuilder(names, given, host, ...rest);
    emit(builder);
    return builder;
  };
  const host = compiler.createWatchCompilerHost(
    [cell],
    options,
    system,
    newProgram,
    () => {},
    () => {},
  );
  const watch = compiler.createWatchProgram(host);
  for (const sample of SAMPLE_CELLS) {
    text = sample;
    changed(cell, compiler.FileWatcherEventKind.Changed);
    watch.getProgram();
  }
  watch.close();
}

/** Where the files' imports lead stays with them; where that was looked for is of no use to another program. */
function trimResolutions(parsed: ReadonlyMap<string, ts.SourceFile>): void {
  type Resolved = { forEach(visit: (resolution: object) => void): void };
  for (const file of parsed.values()) {
    const { resolvedModules } = file as ts.SourceFile & { readonly resolvedModules?: Resolved };
    resolvedModules?.forEach((one) => void Object.assign(one, { failedLookupLocations: undefined }));
  }
}

const wishes = JSON.parse(readFileSync(process.argv.at(-1) ?? '', 'utf8')) as Wishes;
const compiler = load(wishes.path);
// As they are before they are read.
const stamps = new Map(wishes.files.map((path) => [path, stamp(path)]));
const files = parse(compiler, wishes);
warm(compiler, wishes, files);
trimResolutions(files);
const prepared: Prepared = { path: wishes.path, compiler, files, stamps, options: wishes.key };
(globalThis as unknown as Record<symbol, Prepared>)[Symbol.for('gmm-vae.prepared')] = prepared;
