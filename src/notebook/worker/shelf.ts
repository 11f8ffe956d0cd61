import type ts from '@tslab/typescript-for-tslab';
import { parsingOptions, prepared } from '../snapshot/prepared';
import { stamp } from '../stamp';

type Compiler = typeof ts;

/**
 * Declaration files that the snapshot holds parsed. Those of packages change only when something is installed, and then a new
 * converter asks a new shelf; they are not watched, and a file that no longer reads as it did is parsed as any other.
 */
export class Shelf {
  readonly #prepared = prepared();
  readonly #hosts = new WeakSet<ts.CompilerHost>();
  readonly #known = new Map<string, ts.SourceFile | undefined>();

  constructor(private readonly compiler: Compiler) {}

  /** Has the host take from the shelf what lies there, where the options allow it. */
  offer(options: ts.CompilerOptions | undefined, host: ts.CompilerHost | undefined): void {
    if (!this.#prepared || !options || !host || this.#hosts.has(host)) return;
    if (parsingOptions(this.compiler, options) !== this.#prepared.options) return;
    this.#hosts.add(host);
    const { getSourceFile, getSourceFileByPath } = host;
    host.getSourceFile = (name, ...rest) => this.#take(name) ?? getSourceFile.call(host, name, ...rest);
    if (!getSourceFileByPath) return;
    host.getSourceFileByPath = (name, ...rest) => this.#take(name) ?? getSourceFileByPath.call(host, name, ...rest);
  }

  #take(name: string): ts.SourceFile | undefined {
    const file = this.#prepared?.files.get(name);
    if (!file) return undefined;
    if (!this.#known.has(name)) {
      const isAsItWas =
        stamp(name) === this.#prepared?.stamps.get(name) || this.compiler.sys.readFile(name) === file.text;
      this.#known.set(name, isAsItWas ? file : undefined);
    }
    return this.#known.get(name);
  }
}
