import type { Cells } from './cells';

/** `name?` alone in a cell asks for help about the name. */
export function pagerName(code: string): string | null {
  return /^\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)\s*\?\s*$/u.exec(code)?.[1] ?? null;
}

export function inspectText(cells: Cells, code: string, cursor: number): string | null {
  // Behind a name's last letter the cursor is still on the name; the compiler looks at the letter after it.
  for (const position of [cursor, cursor - 1]) {
    if (position < 0 || position >= code.length) continue;
    const info = cells.compiler.inspect(cells.declarations, code, position);
    // Required only now: tslab's modules must not be loaded before the compiler that they use has been wrapped.
    if (info) return (require('tslab/dist/inspect') as typeof import('tslab/dist/inspect')).printQuickInfo(info);
  }
  return null;
}
