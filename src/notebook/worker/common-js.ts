import { SourceMap } from 'node:module';
import type ts from '@tslab/typescript-for-tslab';
import type { CompiledCode } from './compiled';
import { linkVariables } from './rewrite';
import { lookUp, splitMap } from './source-map';

type Compiler = typeof ts;

/** The second step of tslab's translation, from ES module to CommonJS, with source maps kept through both. */
export class CommonJs {
  /** The way back from each code of the cell being compiled. */
  #toSource = new Map<string, CompiledCode['toSource']>();

  /** @param isCell whether this is the cell's own code, and not a module's */
  constructor(
    private readonly compiler: Compiler,
    private readonly isCell: (input: string) => boolean,
  ) {}

  /** Forgets the last cell. */
  begin(): void {
    this.#toSource = new Map();
  }

  /** Code that this has made, with the way back. */
  traced(code: string): CompiledCode {
    return { code, toSource: this.#toSource.get(code) ?? (() => null) };
  }

  /** Stands in for the compiler's `transpileModule`, which tslab calls. */
  readonly transpileModule = (input: string, options?: ts.TranspileOptions): ts.TranspileOutput => {
    const { code, map: first } = splitMap(input);
    const isCell = this.isCell(input);
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
  };
}
