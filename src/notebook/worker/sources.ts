import type { CompiledCode } from './compiled';

/** Where a script's code came from, by the name it has in stack traces. */
export interface TracedSource extends Pick<CompiledCode, 'toSource'> {
  /** What people call it. */
  readonly name: string;
  readonly text: string;
}

/** Cells whose source is kept for tracebacks. */
const REMEMBERED_CELLS = 1000;

/** The sources of all that runs, and the way back to them in every stack that is printed or thrown. */
export class Sources {
  readonly #cells = new Map<string, TracedSource>();
  readonly #named = new Map<string, number>();
  readonly #mapped = new WeakSet<object>();

  /** @param modules The notebook's own modules: by the name of the script, and by that of the source. */
  constructor(
    private readonly modules: {
      source(script: string): TracedSource | undefined;
      named(name: string): TracedSource | undefined;
    },
  ) {}

  /** Returns the name under which a cell's script shall run: functions of an earlier one of this name keep theirs. */
  remember(name: string, source: Omit<TracedSource, 'name'>): string {
    const earlier = this.#named.get(name) ?? 0;
    this.#named.set(name, earlier + 1);
    const unique = earlier === 0 ? name : `${name} (${earlier + 1})`;
    this.#cells.set(unique, { ...source, name: unique });
    const oldest = this.#cells.keys().next().value;
    if (this.#cells.size > REMEMBERED_CELLS && oldest !== undefined) this.#cells.delete(oldest);
    return unique;
  }

  /** The source of a script, by the name it runs under. */
  ofScript(script: string): TracedSource | undefined {
    return this.#cells.get(script) ?? this.modules.source(script);
  }

  /** The source that people call by this name. */
  named(name: string): TracedSource | undefined {
    return this.#cells.get(name) ?? this.modules.named(name);
  }

  /** Whether an error's stack names positions in sources already. Libraries may write stacks in their own way. */
  isMapped(error: Error): boolean {
    return this.#mapped.has(error);
  }

  /**
   * Writes an error's stack as Node would, in the positions of the sources and without what the kernel adds. Meant for
   * `Error.prepareStackTrace`: V8 calls it when a stack is first asked for.
   */
  readonly prepareStackTrace = (error: Error, sites: readonly NodeJS.CallSite[]): string => {
    this.#mapped.add(error);
    const frames = sites.map((site) => this.#frame(site)).filter((frame) => frame !== null);
    const last = frames.findLastIndex(({ script }) => !isNode(script));
    // Below the user's own code, Node's frames tell how the kernel called it.
    const shown = last < 0 ? frames : frames.slice(0, last + 1);
    return [heading(error), ...shown.map(({ text }) => `    at ${text}`)].join('\n');
  };

  #frame(site: NodeJS.CallSite): { text: string; script: string } | null {
    const script = site.getFileName() ?? '';
    if (isKernel(script)) return null;
    const text = String(site);
    const source = this.ofScript(script);
    if (!source) return { text, script };
    const [line, column] = [site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1];
    const at = source.toSource({ line: line - 1, column: column - 1 });
    if (!at) return null;
    return {
      text: text.replace(`${script}:${line}:${column}`, `${source.name}:${at.line + 1}:${at.column + 1}`),
      script,
    };
  }
}

export function isNode(script: string): boolean {
  return script.startsWith('node:');
}

/** Whether this is code of the kernel itself. */
export function isKernel(script: string): boolean {
  return script.startsWith(__dirname);
}

/** The first line of a stack; Node's own errors have their code in it. */
function heading(error: Error): string {
  try {
    const { code } = error as NodeJS.ErrnoException;
    return isNodesOwn(error) ? `${error.name} [${code}]: ${error.message}` : Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

function isNodesOwn(error: object): boolean {
  for (let at = error; at; at = Object.getPrototypeOf(at) as object) {
    if (Object.getOwnPropertySymbols(at).some(({ description }) => description === 'kIsNodeError')) return true;
  }
  return false;
}
