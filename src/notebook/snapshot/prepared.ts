import type ts from '@tslab/typescript-for-tslab';

type Compiler = typeof ts;

/** What a process finds in its memory when it starts from a snapshot: the compiler, and declaration files parsed and bound. */
export interface Prepared {
  /** The compiler's file. */
  readonly path: string;
  readonly compiler: Compiler;
  readonly files: ReadonlyMap<string, ts.SourceFile>;
  /** What tells that a file has been written since: ../stamp.ts. */
  readonly stamps: ReadonlyMap<string, string>;
  /** The options for which the files were parsed: {@link parsingOptions}. */
  readonly options: string;
}

/** builder.ts, which can import nothing, has a copy of this name. */
const KEY: unique symbol = Symbol.for('gmm-vae.prepared') as never;

/** Returns what the snapshot holds; undefined in a process that started without one. */
export function prepared(): Prepared | undefined {
  return (globalThis as { [KEY]?: Prepared })[KEY];
}

/** The options that a parsed file depends on: with other ones, it has to be parsed again. */
export function parsingOptions(compiler: Compiler, options: ts.CompilerOptions): string {
  const { optionDeclarations } = compiler as Compiler & {
    readonly optionDeclarations: readonly { readonly name: string; readonly affectsSourceFile?: boolean }[];
  };
  const names = optionDeclarations.flatMap(({ name, affectsSourceFile }) => (affectsSourceFile ? [name] : []));
  return JSON.stringify(names.map((name) => options[name] ?? null));
}
