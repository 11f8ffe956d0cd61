import { SourceMap } from 'node:module';

/** Zero-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const MAP_COMMENT = /\n\/\/# sourceMappingURL=data:application\/json[^,\n]*;base64,([^\n]*)\s*$/;

/** Parts compiled code from the source map in its last line. */
export function splitMap(text: string): { code: string; map: SourceMap | null } {
  const match = MAP_COMMENT.exec(text);
  if (!match) return { code: text, map: null };
  const map = new SourceMap(JSON.parse(Buffer.from(match[1] ?? '', 'base64').toString()));
  return { code: `${text.slice(0, match.index)}\n`, map };
}

/** Where a position of the compiled code lies in the map's source. */
export function lookUp(map: SourceMap | null, { line, column }: Position): Position | null {
  const entry = map?.findEntry(line, column);
  if (!entry || !('originalLine' in entry) || entry.originalLine < 0) return null;
  return { line: entry.originalLine, column: entry.originalColumn };
}
