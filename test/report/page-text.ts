import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

interface Cell {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly outputs?: readonly { readonly output_type: string; readonly text?: string | readonly string[] }[];
}

const joined = (text: string | readonly string[]): string => (typeof text === 'string' ? text : text.join(''));

export const cellsOf = (path: string): readonly Cell[] => {
  const { cells, worksheets } = JSON.parse(readFileSync(path, 'utf8'));
  return cells ?? worksheets.flatMap((sheet: { cells: Cell[] }) => sheet.cells);
};

/** What a reader of a page sees, in one line. */
export function textOfPage(html: string): string {
  const main = html.slice(html.indexOf('<main'), html.lastIndexOf('</main>'));
  return main
    .replace(/<(script|style|annotation)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;|&#x27;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

/** The words of Markdown, without maths, code, links and marks. */
export function wordsOf(markdown: string): string[] {
  const prose = markdown
    .replace(/\\begin\{(\w+\*?)\}[\s\S]*?\\end\{\1\}/g, ' ')
    .replace(/\$\$[\s\S]*?\$\$|(?<!\\)\$[^$\n]*\$/g, ' ')
    .replace(/`+[^`]*`+|\\\w+\{[^}]*\}|<[^>]*>|\]\([^)]*\)|\[!\w+\]/g, ' ');
  return prose.match(/\p{L}[\p{L}\p{M}]+/gu) ?? [];
}

/** Words of the text cells, and words that were printed: what a page must hold. */
export function words(path: string): string[] {
  return cellsOf(path).flatMap((cell) => {
    if (cell.cell_type === 'markdown') return wordsOf(joined(cell.source));
    const streams = (cell.outputs ?? []).filter(({ output_type }) => output_type === 'stream');
    const printed = streams.map(({ text }) =>
      stripVTControlCharacters(joined(text ?? '')).replace(/^.*\r(?!\n)/gm, ''),
    );
    return printed.join(' ').match(/\p{L}[\p{L}\p{M}]+/gu) ?? [];
  });
}
