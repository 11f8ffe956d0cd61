import { parse, relative, resolve } from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { CellModules } from './cell-modules';
import type { Diagnostic } from './diagnostics';
import { hidesEarlierCells, reservedNames } from './explain';
import { checkAwaits } from './interruption';
import { leaveUnchecked } from './leniency';
import {
  awaitsAtTop,
  bindCell,
  declaresGlobals,
  hasNestedVariables,
  isCell,
  isEarlierCells,
  localDependencies,
} from './program';
import { clarifyNames, isOfEarlierCells } from './rewrite';

/** Modules that tslab passes over, and which Node would load once and for ever. */
const PASSED_OVER = /\.(?:[cm][jt]s|[jt]sx|json)$/;

const CELL_OUTPUT = 'outDir/__tslab__.js';
const CELL_DECLARATIONS = 'outDir/__tslab__.d.ts';

interface EmittedModule {
  readonly path: string;
  readonly data: string;
}

interface EmissionOptions {
  readonly compiler: typeof ts;
  readonly cwd: string;
  readonly isJavaScript: boolean;
  readonly cellModules: CellModules;
}

/** What the compiler writes for a cell and for the local modules that it reaches, and what is learned of the cell on the way. */
export class Emission {
  #program: ts.Program | undefined;
  #cellOutput = '';
  #outside: EmittedModule[] = [];
  #awaits = false;
  #reserved: readonly Diagnostic[] = [];
  #reached: readonly string[] = [];
  readonly #origins = new Map<string, ts.SourceFile>();

  constructor(private readonly options: EmissionOptions) {}

  /** Forgets the last cell. */
  begin(): void {
    this.#outside = [];
    this.#awaits = false;
    this.#reserved = [];
  }

  /** The program that the last cell is part of. */
  get program(): ts.Program | undefined {
    return this.#program;
  }

  /** Modules of the cell being compiled that tslab is not told of. */
  get outside(): readonly EmittedModule[] {
    return this.#outside;
  }

  /** Whether the cell awaits outside of any function. */
  get awaits(): boolean {
    return this.#awaits;
  }

  /** Names of the cell that it must not declare. */
  get reserved(): readonly Diagnostic[] {
    return this.#reserved;
  }

  /** The cell and the local modules that it reaches. */
  get reached(): readonly string[] {
    return this.#reached;
  }

  isCellOutput(text: string): boolean {
    return text === this.#cellOutput;
  }

  /** Where an emitted module came from. */
  origin(path: string): { name: string; text: string } {
    const file = this.#origins.get(path);
    return { name: file?.fileName ?? path, text: file?.text ?? '' };
  }

  /** The compiler's builder, which tells of what it emits. */
  wrap(builder: ts.BuilderProgram): ts.BuilderProgram {
    const { compiler, cellModules, isJavaScript } = this.options;
    const program = builder.getProgram();
    this.#program = program;
    bindCell(compiler, program);
    cellModules.adopt(program);
    const cell = program.getSourceFiles().find(isCell);
    if (cell) leaveUnchecked(compiler, cell, isJavaScript);
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
        const isEarlier = isOfEarlierCells(compiler, checker, isEarlierCells);
        this.#reserved = [...reservedNames(file), ...hidesEarlierCells(compiler, file, isEarlier)];
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
    const { compiler, cellModules } = this.options;
    const isNameable = program.getDeclarationDiagnostics(cell).length === 0;
    const isGlobal = declaresGlobals(compiler, cell);
    if (isNameable && !isGlobal && !hasNestedVariables(compiler, cell)) return undefined;
    return cellModules.keep(program, cell, isGlobal);
  }

  /** Emitted paths are relative to the root of the disk; tslab expects them relative to the notebook's folder. */
  #receive(file: ts.SourceFile | undefined, name: string, data: string, write: ts.WriteFileCallback | undefined): void {
    const { cwd } = this.options;
    const path = resolve(parse(cwd).root, relative('outDir', name));
    if (file && !isCell(file)) this.#origins.set(path, file);
    const fromHere = relative(cwd, path).replace(/\\/g, '/');
    if (write && !fromHere.startsWith('..')) {
      const output = `outDir/${fromHere}`;
      if (output === CELL_OUTPUT) this.#cellOutput = data;
      write(output, data, false);
    } else if (/\.[cm]?js$/.test(name)) this.#outside.push({ path, data });
    else if (name.endsWith('.json')) this.#outside.push({ path, data: `module.exports = ${data}` });
  }
}
