import { escapeHtml } from '../display';

/** HTML that may stand in a page as it is. Made by {@link html}, or by {@link verbatim} where a library has written it. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toString(): string {
    return this.source;
  }
}

/** What stands between the pieces of a template: text, which is escaped, or HTML; nothing for undefined and false. */
export type Piece = string | number | Html | undefined | false | readonly Piece[];

/** HTML by a template: all that enters is escaped, in an element and in a quoted attribute alike, unless it is HTML. */
export function html(literals: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(literals.map((literal, i) => (i === 0 ? literal : sourceOf(pieces[i - 1]) + literal)).join(''));
}

/** HTML that a library has written, or a file of the project's. Never text of a notebook. */
export function verbatim(source: string): Html {
  return new Html(source);
}

export function joinHtml(parts: readonly Html[], separator = ''): Html {
  return new Html(parts.map(({ source }) => source).join(separator));
}

export const NOTHING: Html = new Html('');

function sourceOf(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.source;
  if (typeof piece === 'object') return piece.map(sourceOf).join('');
  return escapeHtml(String(piece));
}
