import { parse } from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { CellModules } from './cell-modules';
import type { Project } from './project';
import { Shelf } from './shelf';

type Compiler = typeof ts;

export interface HostParts {
  readonly compiler: Compiler;
  readonly cwd: string;
  /** Packages that any cell may import, wherever its notebook lies: name → folder. */
  readonly fallbacks: () => Readonly<Record<string, string>>;
  readonly project: Project;
  readonly cellModules: CellModules;
  /** Takes every new program before tslab sees it. */
  readonly wrap: (builder: ts.BuilderProgram) => ts.BuilderProgram;
}

/** Makes the compiler's host as tslab asks for it, with other options, and files that tslab does not know. */
export class CellHost {
  #later: (() => void)[] = [];
  #note: string | null = null;

  constructor(private readonly parts: HostParts) {}

  /** Stands in for the compiler's function of that name. */
  readonly createWatchCompilerHost = ((rootFiles: string[], given: ts.CompilerOptions, system: ts.System): unknown => {
    const { compiler, cellModules, project, wrap } = this.parts;
    this.#later = [];
    const shelf = new Shelf(compiler);
    this.#separateTimers(system);
    cellModules.serve(system);
    project.look();
    const options = this.#options(given);
    this.#note = project.note(options);
    // The builder that tslab would take analyses every file on the disk anew for each cell; this one does not.
    const newProgram: ts.CreateProgram<ts.BuilderProgram> = (...args) => {
      shelf.offer(args[1], args[2]);
      return wrap(compiler.createAbstractBuilder(...args));
    };
    const ignore = (): void => {};
    const files = [...rootFiles, ...project.declarations];
    return compiler.createWatchCompilerHost(files, project.apply(options), system, newProgram, ignore, ignore);
  }) as Compiler['createWatchCompilerHost'];

  /** Does what the compiler has put off. */
  catchUp(): void {
    for (const work of this.#later.splice(0)) work();
  }

  /** What a person should know of how cells are compiled, once. */
  takeNote(): string | null {
    const note = this.#note;
    this.#note = null;
    return note;
  }

  #options(options: ts.CompilerOptions): ts.CompilerOptions {
    const { compiler, cwd, fallbacks } = this.parts;
    return {
      ...options,
      strict: true,
      lib: [...(options.lib ?? []), 'lib.es2023.d.ts'],
      types: ['node'],
      // Understands the sub-paths in a package's `exports` and packages that are ES modules only.
      moduleResolution: compiler.ModuleResolutionKind.Bundler,
      // The whole disk, so that a notebook can import `../x`; the paths are put right when they are emitted.
      rootDir: parse(cwd).root,
      inlineSourceMap: true,
      paths: Object.fromEntries(Object.entries(fallbacks()).map(([name, folder]) => [name, [folder]])),
    };
  }

  /** tslab's one-slot timer throws when the compiler schedules a second job; that job waits here for `catchUp`. */
  #separateTimers(system: ts.System): void {
    const { setTimeout: set, clearTimeout: clear } = system;
    system.setTimeout = (callback, ms, ...args) => {
      if (callback.name !== 'invalidateResolutionsOfFailedLookup') return set?.call(system, callback, ms, ...args);
      this.#later = [() => callback(...args)];
      return this.#later;
    };
    system.clearTimeout = (timer) => {
      if (timer !== this.#later) clear?.call(system, timer);
    };
  }
}
