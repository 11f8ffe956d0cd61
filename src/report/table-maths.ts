import type MarkdownIt from 'markdown-it';

/** Stands for a bar while blocks are read. markdown-it has replaced every such character of the source before. */
const BAR = '\u0000';

/**
 * Code, maths in a line, escaped characters. A dollar sign opens maths before a character that is no space, and closes it
 * after one and before no digit: `| $5 | $6 |` are two prices.
 */
const PARTS = /(`+)[^`]+\1(?!`)|(\$\$?)(?![\s$])(?:\\.|[^\\$\n])*?(?<!\s)\2(?!\d)|\\./g;

/** A bar within maths ends no cell of a table: `| $q(z|x)$ |` is one, and `\|` in it is a norm, not an escaped bar. */
export function tableMathsPlugin(md: MarkdownIt.MarkdownIt): void {
  md.core.ruler.after('normalize', 'hide-bars', (state) => {
    state.src = state.src.replace(PARTS, (part, _code, dollars?: string) =>
      dollars === undefined ? part : part.replaceAll('|', BAR),
    );
  });
  md.core.ruler.after('block', 'show-bars', (state) => {
    for (const token of state.tokens) {
      token.content = token.content.replaceAll(BAR, '|');
      token.info = token.info.replaceAll(BAR, '|');
    }
  });
}
