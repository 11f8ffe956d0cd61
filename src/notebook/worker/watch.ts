import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stamp } from '../stamp';

type FileCallback = (path: string, kind: number) => void;
type FolderCallback = (path: string) => void;

/** The compiler's names for what happened to a file. */
const CREATED = 0;
const CHANGED = 1;
const DELETED = 2;

/**
 * Stands in for the compiler's file watching. Timers of the real one notice an edit seconds late; this one looks when
 * asked, right before a cell is compiled, so that no edit is missed and nothing keeps the process alive.
 */
export class Watch {
  readonly #files = new Map<string, { stamp: string; callback: FileCallback }>();
  readonly #folders = new Map<string, { names: Set<string>; callback: FolderCallback }>();

  watchFile(path: string, callback: FileCallback): { close(): void } {
    if (!isLocal(path)) return { close() {} };
    this.#files.set(path, { stamp: stamp(path), callback });
    return { close: () => void this.#files.delete(path) };
  }

  watchFolder(path: string, callback: FolderCallback): { close(): void } {
    if (!isLocal(path)) return { close() {} };
    this.#folders.set(path, { names: list(path), callback });
    return { close: () => void this.#folders.delete(path) };
  }

  /** Reports every change since the last look. */
  look(): void {
    for (const [path, watched] of [...this.#files]) {
      const now = stamp(path);
      if (now === watched.stamp) continue;
      const kind = watched.stamp === '' ? CREATED : now === '' ? DELETED : CHANGED;
      watched.stamp = now;
      watched.callback(path, kind);
    }
    for (const [path, watched] of [...this.#folders]) {
      const now = list(path);
      const changed = [...now, ...watched.names].filter((name) => now.has(name) !== watched.names.has(name));
      watched.names = now;
      for (const name of changed) watched.callback(join(path, name));
    }
  }
}

/** Installed packages and the compiler's own libraries do not change under a running kernel. */
function isLocal(path: string): boolean {
  return !/[\\/]node_modules([\\/]|$)/.test(path);
}

function list(path: string): Set<string> {
  try {
    return new Set(readdirSync(path));
  } catch {
    return new Set();
  }
}
