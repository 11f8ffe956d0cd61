// Runs under `node --build-snapshot`, which loads one file alone: nothing here may import a file of this project but for its types.
// Arguments: a JSON file with the wishes, see make.ts.
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname } from 'node:path';
import { startupSnapshot } from 'node:v8';
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
}

function load(path: string): typeof ts {
  const module: { exports: unknown } = { exports: {} };
  const names = ['exports', 'require', 'module', '__filename', '__dirname'];
  const run = compileFunction(readFileSync(path, 'utf8'), names, { filename: path });
  run.call(module.exports, module.exports, require, module, path, dirname(path));
  return module.exports as typeof ts;
}

/** Parses the files and has a checker bind them, in a host that remembers nothing of this process: no current folder. */
function parse(compiler: typeof ts, { options, files }: Wishes): Map<string, ts.SourceFile> {
  const { sys } = compiler;
  const host: ts.CompilerHost = {
    fileExists: sys.fileExists,
    readFile: sys.readFile,
    directoryExists: sys.directoryExists,
    ...(sys.realpath && { realpath: sys.realpath }),
    getSourceFile: (name, target) => {
      const text = sys.readFile(name);
      return text === undefined ? undefined : compiler.createSourceFile(name, text, target);
    },
    getDefaultLibFileName: (given) => compiler.getDefaultLibFilePath(given),
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile: () => {},
  };
  const program = compiler.createProgram(files, options, host);
  program.getTypeChecker();
  return new Map(program.getSourceFiles().map((file) => [file.fileName, file]));
}

const wishes = JSON.parse(readFileSync(process.argv.at(-1) ?? '', 'utf8')) as Wishes;
const compiler = load(wishes.path);
const prepared: Prepared = { path: wishes.path, compiler, files: parse(compiler, wishes), options: wishes.key };
(globalThis as unknown as Record<symbol, Prepared>)[Symbol.for('gmm-vae.prepared')] = prepared;
startupSnapshot.setDeserializeMainFunction(() => {
  // Snapshots come without it, and then no error has a stack.
  Error.stackTraceLimit = 10;
  Module.runMain(process.argv[1]);
});
