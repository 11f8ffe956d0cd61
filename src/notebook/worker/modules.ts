import { spawnSync } from 'node:child_process';
import Module, { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { LocalModule } from './compiled';
import { SharedTensors } from './shared-tensors';

interface Loaded {
  readonly module: { exports: unknown };
  readonly imports: Set<string>;
  /** False while it runs, and for good where an interrupt has stopped it. */
  isDone: boolean;
}

/**
 * The notebook's own modules. A changed module is run again at its next import, and so is every module that reaches it:
 * no part of the notebook keeps working with the old code.
 */
export class LocalModules {
  readonly #sources = new Map<string, LocalModule>();
  readonly #loaded = new Map<string, Loaded>();
  readonly #fallback: (id: string) => unknown;
  readonly #tensors = new SharedTensors();

  /** @param projectFile The package.json of gmm-vae: what is not installed beside the notebook is looked up from there. */
  constructor(
    projectFile: string,
    private readonly special: Readonly<Record<string, () => unknown>>,
  ) {
    const fallback = createRequire(projectFile);
    const { name } = fallback(projectFile) as { name: string };
    // The package itself too: the link by which it finds itself goes whenever npm installs something.
    this.#fallback = (id) => fallback(id === name ? dirname(projectFile) : id);
  }

  add(modules: readonly LocalModule[]): void {
    for (const module of modules) {
      if (this.#sources.get(module.path)?.code === module.code) continue;
      this.#sources.set(module.path, module);
      this.#forget(module.path, new Set());
    }
  }

  /** Forgets what an interrupt has left half run, Node's own modules included: the next import runs it from the start. */
  dropUnfinished(): void {
    for (const [path, { isDone }] of [...this.#loaded]) if (!isDone) this.#loaded.delete(path);
    for (const [path, module] of Object.entries(require.cache)) if (!module?.loaded) delete require.cache[path];
  }

  source(path: string): LocalModule | undefined {
    return this.#sources.get(path);
  }

  /** The module that a person edits as the file `name`. */
  named(name: string): LocalModule | undefined {
    return [...this.#sources.values()].find((module) => module.name === name);
  }

  /** The `require` of code in `folder`. */
  requireFrom(folder: string, importer?: Loaded): (id: string) => unknown {
    const installed = createRequire(join(folder, 'cell.js'));
    const require = (id: string): unknown => {
      const special = this.special[id];
      if (special) return special();
      const path = this.#find(id, folder);
      if (path) {
        importer?.imports.add(path);
        return this.#load(path);
      }
      return this.#tensors.note(id, this.#package(id, folder, installed));
    };
    return Object.assign(require, { resolve: installed.resolve, cache: installed.cache });
  }

  #package(id: string, folder: string, installed: NodeJS.Require): unknown {
    try {
      return installed(id);
    } catch (error) {
      if (isForImportOnly(error)) return installed(resolveForImport(id, folder));
      if (!isMissing(error, id) || id.startsWith('.') || isAbsolute(id)) throw error;
      return this.#fallback(id);
    }
  }

  #find(id: string, folder: string): string | null {
    if (!/^\.{1,2}(\/|$)/.test(id) && !isAbsolute(id)) return null;
    const base = resolve(folder, id);
    const candidates = [base, `${base}.js`, base.replace(/\.[cm]?tsx?$/, '.js'), join(base, 'index.js')];
    return candidates.find((path) => this.#sources.has(path)) ?? null;
  }

  #load(path: string): unknown {
    const loaded = this.#loaded.get(path);
    if (loaded) return loaded.module.exports;
    const source = this.#sources.get(path);
    if (!source) throw new Error(`${path}: this module was never compiled`);
    const module = new Module(path) as Module & { _compile(code: string, path: string): void };
    const entry: Loaded = { module, imports: new Set(), isDone: false };
    module.filename = path;
    module.require = this.requireFrom(dirname(path), entry) as NodeJS.Require;
    // Registered before it runs, as Node does, so that modules may import each other.
    this.#loaded.set(path, entry);
    try {
      module._compile(source.code, path);
      entry.isDone = true;
    } catch (error) {
      this.#loaded.delete(path);
      throw error;
    }
    return module.exports;
  }

  #forget(path: string, seen: Set<string>): void {
    if (seen.has(path)) return;
    seen.add(path);
    this.#loaded.delete(path);
    for (const [other, { imports }] of [...this.#loaded]) if (imports.has(path)) this.#forget(other, seen);
  }
}

/** A package may offer a path to `import` and not to `require`. */
function isForImportOnly(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
}

/** Node resolves as `import` does only under a flag, and all modules of the process at once: hence a process of its own. */
function resolveForImport(id: string, folder: string): string {
  const resolve = 'console.log(require("node:module").createRequire(process.argv[1]).resolve(process.argv[2]))';
  const args = ['--conditions=import', '-e', resolve, join(folder, 'cell.js'), id];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new Error(stderr.split('\n').find((line) => line.includes('Error')) ?? `${id}: cannot be imported`);
}

function isMissing(error: unknown, id: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && String(message).includes(`'${id}'`);
}
