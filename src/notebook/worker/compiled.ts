import type { Diagnostic } from './diagnostics';
import type { Position } from './source-map';

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
