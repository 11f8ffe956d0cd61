import type MarkdownIt from 'markdown-it';

/** Marks a placeholder. markdown-it has already replaced this character in the source. */
const MARK = '\u0000';
const PLACE = new RegExp(`${MARK}m(\\d+)m${MARK}`, 'g');
/** Takes a part away, and gives the placeholder that stands for it. */
const placeFor = (part: string, taken: string[]): string => `${MARK}m${taken.push(part) - 1}m${MARK}`;
const restored = (text: string, taken: readonly string[]): string =>
  text.replace(PLACE, (_, at: string) => taken[Number(at)] ?? '');

/** Matches a quotation of TeX or code in maths; what begins in maths and ends beyond it is code, and its dollar no end of maths. */
const QUOTED = "`(?:[^`'$\\n]|\\n(?![ \\t]*\\n))*(?:`|')";
const QUOTATIONS = new RegExp(QUOTED, 'g');
/** Matches maths between single dollars, but not prices: `| $5 | $6 |`, `$5 and $6`. */
export const INLINE: string = `\\$(?![\\s$])(?:\\\\[\\s\\S]|${QUOTED}|[^\\\\$\\n\`]|\\n(?![ \\t]*\\n))*?(?<!\\s)\\$(?![\\d$])`;
/** Whether maths holds backticks that open what ends beyond it. */
export const endsInCode = (tex: string): boolean => tex.replace(QUOTATIONS, '').includes('`');

const CODE = '(?<code>(?<ticks>`+)[\\s\\S]*?[^`]\\k<ticks>(?!`)|^ *~~~[\\s\\S]*?^ *~~~)';
const DISPLAY = '\\$\\$(?:\\\\[\\s\\S]|[^\\\\$\\n]|\\$(?!\\$)|\\n(?![ \\t]*\\n))+?\\$\\$';
const ENVIRONMENT =
  '\\\\begin\\{(?<name>(?:align|equation|gather|multline|alignat|eqnarray)\\*?)\\}[\\s\\S]*?\\\\end\\{\\k<name>\\}';
/** Matches an environment without double dollars around it, as `bare`, or display maths that must stay as it is. */
export const BARE_ENVIRONMENTS: RegExp = new RegExp(`${DISPLAY}|(?<bare>\\$?${ENVIRONMENT}\\$?)`, 'gm');
export const MATHS_IN_LINE: RegExp = new RegExp(INLINE, 'g');

/** Matches code, maths or an escaped character, whichever comes first. */
const PARTS = new RegExp(`${CODE}|(?<maths>${DISPLAY}|${ENVIRONMENT}|${INLINE})|\\\\.`, 'gm');

/** Changes text, and leaves the code in it as it is. */
export function outsideCode(source: string, change: (text: string) => string): string {
  const taken: string[] = [];
  const text = source.replaceAll(MARK, '').replace(PARTS, (part: string, ...rest) => {
    const { code } = rest.at(-1) as { readonly code?: string };
    return code === undefined ? part : placeFor(part, taken);
  });
  return restored(change(text), taken);
}

/**
 * Hides maths from the block parser and returns it to the inline parser, as Jupyter does. A bar in maths then ends no table
 * cell (`\|` is a norm there), and a line of maths starts no list, heading or fence.
 */
export function shieldMaths(md: MarkdownIt.MarkdownIt): void {
  const taken: string[] = [];
  const back = (text: string): string => restored(text, taken);
  md.core.ruler.after('normalize', 'take-maths', (state) => {
    taken.length = 0;
    state.src = state.src.replace(PARTS, (part: string, ...rest) => {
      const [at, source, groups] = rest.slice(-3) as [number, string, { readonly maths?: string }];
      if (groups.maths === undefined || standsAlone(part, at, source)) return part;
      return placeFor(withoutQuoteMarks(part, at, source), taken);
    });
  });
  md.core.ruler.after('block', 'return-maths', (state) => {
    for (const token of state.tokens) {
      token.content = back(token.content);
      token.info = back(token.info);
    }
    const { references = {} } = state.env as { references?: Record<string, { title: string; href: string }> };
    for (const one of Object.values(references)) Object.assign(one, { title: back(one.title), href: back(one.href) });
  });
}

/** Says whether display maths has its lines to itself. The block rule for maths reads it then. */
function standsAlone(part: string, at: number, source: string): boolean {
  if (!part.startsWith('$$') && !part.startsWith('\\begin')) return false;
  const before = source.slice(source.lastIndexOf('\n', at - 1) + 1, at);
  const [after = ''] = source.slice(at + part.length).split('\n', 1);
  return /^[\s>]*(?:[-+*]\s+|\d+[.)]\s+)?$/.test(before) && /^[ \t]*[.,;:]?[ \t]*$/.test(after);
}

/** Removes the `>` with which each line of a quotation begins. */
function withoutQuoteMarks(part: string, at: number, source: string): string {
  const line = source.slice(source.lastIndexOf('\n', at - 1) + 1, at);
  return /^\s*>/.test(line) ? part.replace(/\n[ \t]*(?:>[ \t]?)+/g, '\n') : part;
}
