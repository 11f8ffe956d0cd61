import type ts from '@tslab/typescript-for-tslab';
import { isEarlierCells } from './program';

type Compiler = typeof ts;

/** A kept cell, and the declarations that it saw. */
const KEPT = /^(.*\/)__tslab_(cell|seen)_(\d+)__(?:\.d)?\.ts$/;

/**
 * Cells whose types no declaration file could write down: parts of a package that it does not export, a class without a
 * name, `var`s inside blocks. Such a cell stays in the program as a module, and later cells import from it.
 */
export class CellModules {
  readonly #files = new Map<string, string>();
  #count = 0;
  #globals: readonly string[] = [];

  constructor(private readonly compiler: Compiler) {}

  /** Lets the compiler read the kept cells, which are in no folder. */
  serve(system: ts.System): void {
    const { readFile, fileExists } = system;
    system.readFile = (path, encoding) => this.#files.get(path) ?? readFile.call(system, path, encoding);
    system.fileExists = (path) => this.#files.has(path) || fileExists.call(system, path);
  }

  /** Gives each kept cell in the program the scope that it was compiled in; as tslab does it for the newest. */
  adopt(program: ts.Program): void {
    for (const file of program.getSourceFiles()) {
      const [, folder, kind, number] = KEPT.exec(file.fileName) ?? [];
      if (kind !== 'cell') continue;
      const seen = program.getSourceFile(`${folder}__tslab_seen_${number}__.d.ts`);
      if (seen) (file as { parent: ts.Node }).parent = seen;
    }
  }

  /** Keeps the cell, also for its global declarations where it has some; the declarations that are returned say the same as those of a declaration file would. */
  keep(program: ts.Program, cell: ts.SourceFile, isGlobal: boolean): string {
    this.#count += 1;
    const folder = cell.fileName.slice(0, cell.fileName.lastIndexOf('/') + 1);
    const seen = `__tslab_seen_${this.#count}__`;
    const module = `__tslab_cell_${this.#count}__`;
    this.#files.set(`${folder}${seen}.d.ts`, program.getSourceFiles().find(isEarlierCells)?.text ?? 'export {};');
    this.#files.set(`${folder}${module}.ts`, `/// <reference path="./${seen}.d.ts" />\n${cell.text}`);
    const { locals } = cell as ts.SourceFile & { readonly locals?: ReadonlyMap<string, ts.Symbol> };
    if (isGlobal) this.#globals = [...this.#globals, module];
    const lines = [...(locals?.values() ?? [])].map((symbol) => this.#declaration(symbol, `"./${module}"`));
    return lines.join('');
  }

  /** What brings the global declarations of kept cells into the program. */
  get globals(): string {
    return this.#globals.map((module) => `import "./${module}";\n`).join('');
  }

  /** Forgets all of them; returns what takes that back. */
  dropGlobals(): () => void {
    const earlier = this.#globals;
    this.#globals = [];
    return () => {
      this.#globals = earlier;
    };
  }

  #declaration({ name, flags, valueDeclaration }: ts.Symbol, module: string): string {
    const { Variable, Type, Namespace } = this.compiler.SymbolFlags;
    if ((flags & Variable) === 0 || (flags & (Type | Namespace)) !== 0) return `import { ${name} } from ${module};\n`;
    // What is imported could not be assigned to.
    const isConst =
      valueDeclaration && this.compiler.getCombinedNodeFlags(valueDeclaration) & this.compiler.NodeFlags.Const;
    return `declare ${isConst ? 'const' : 'let'} ${name}: typeof import(${module}).${name};\n`;
  }
}
