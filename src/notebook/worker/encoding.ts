import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { Diagnostic } from './diagnostics';

/** What the compiler reads for a byte that is no UTF-8. It says nothing of it. */
const REPLACEMENT = '\uFFFD';

/** Remembers which files the compiler could only read by replacing bytes. */
export class Encoding {
  readonly #damaged = new Set<string>();

  /** Looks over everything that the compiler reads from now on. */
  watch(system: ts.System): void {
    const read = system.readFile.bind(system);
    system.readFile = (path, encoding) => {
      const text = read(path, encoding);
      // The character itself may stand in a valid file.
      if (text?.includes(REPLACEMENT) && !isUtf8(readFileSync(path))) this.#damaged.add(path);
      else this.#damaged.delete(path);
      return text;
    };
  }

  /** A diagnostic for each of these files that is not valid UTF-8. */
  problems(paths: readonly string[], cwd: string): Diagnostic[] {
    return paths
      .filter((path) => this.#damaged.has(path))
      .map((path) => ({
        file: relative(cwd, path),
        line: 1,
        column: 1,
        length: 1,
        message: 'not valid UTF-8: save it as UTF-8, or its text would be another than you see',
      }));
  }
}
