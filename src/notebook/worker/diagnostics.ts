import { relative } from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import { explainForeign, explainJsx } from './explain';
import { UNTYPED_PACKAGE } from './leniency';
import type { Project } from './project';

type Compiler = typeof ts;

export interface Diagnostic {
  /** The module it is in, relative to the notebook's folder; absent for the cell itself. */
  readonly file?: string;
  /** One-based. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly message: string;
}

/** tslab's report of a diagnostic, zero-based. */
interface Reported {
  readonly fileName?: string;
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
  readonly messageText: string;
  readonly code: number;
}

/** Messages about decorators that may be meant as standard ones. */
const DECORATORS: ReadonlySet<number> = new Set([1206, 1219, 1238, 1239, 1240, 1241, 1270, 1271, 1278, 1279]);
const ABOUT_DECORATORS =
  'Decorators of cells are the experimental ones: "compilerOptions": { "experimentalDecorators": false } in a tsconfig.json beside the notebook makes them the standard ones.';

type Collect = (program: ts.Program, files: readonly ts.SourceFile[]) => readonly ts.Diagnostic[];

/** What the compiler found wrong with a cell and the modules it reaches, with what tslab's report leaves out. */
export class Diagnostics {
  #outside: Diagnostic[] = [];

  constructor(
    private readonly compiler: Compiler,
    private readonly cwd: string,
    private readonly project: Project,
  ) {}

  /** Forgets what was found wrong with the last cell. */
  begin(): void {
    this.#outside = [];
  }

  /** tslab asks the compiler through a function that its declarations do not name; it gets this one in its place. */
  wrapCollect(): { getPreEmitDiagnosticsOfFiles: Collect } {
    const { getPreEmitDiagnosticsOfFiles: collect } = this.compiler as Compiler & {
      getPreEmitDiagnosticsOfFiles: Collect;
    };
    const wrapped: Collect = (program, files) => {
      // Whether a type could be written into a declaration file is nothing that a cell has to care for.
      const ofDeclarations = new Set(files.flatMap((file) => program.getDeclarationDiagnostics(file)));
      const ofCode = collect(program, files).filter(
        (diagnostic) =>
          !ofDeclarations.has(diagnostic as ts.DiagnosticWithLocation) &&
          // Nobody who imports a package can give it types; it is `any`.
          (diagnostic.code !== UNTYPED_PACKAGE || this.project.refusesAny),
      );
      const found = ofCode.map((diagnostic) => ({
        ...diagnostic,
        // tslab would report each reason within a message as an error of its own.
        messageText: this.compiler.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
      }));
      this.#outside = found.flatMap((diagnostic) => this.#above(diagnostic));
      return found;
    };
    return { getPreEmitDiagnosticsOfFiles: wrapped };
  }

  /** All of them, given those that tslab reports. */
  complete(reported: readonly Reported[], source: string): Diagnostic[] {
    const known = reported.map(({ fileName, start, end, messageText, code }) => ({
      ...(fileName ? { file: fileName } : {}),
      line: start.line + 1,
      column: start.character + 1,
      length: start.line === end.line ? Math.max(1, end.character - start.character) : 1,
      message: DECORATORS.has(code) ? `${messageText}\n${ABOUT_DECORATORS}` : messageText,
    }));
    const all = explainForeign([...known, ...this.#outside], source, this.compiler.version);
    return [...explainJsx(this.compiler, all, source)];
  }

  /** tslab keeps quiet about modules that lie above the notebook's folder. */
  #above({ file, start, length, messageText }: ts.Diagnostic): Diagnostic[] {
    const path = file && relative(this.cwd, file.fileName);
    if (!path?.startsWith('..') || start === undefined) return [];
    const { line, character } = file?.getLineAndCharacterOfPosition(start) ?? { line: 0, character: 0 };
    return [{ file: path, line: line + 1, column: character + 1, length: length ?? 1, message: String(messageText) }];
  }
}
