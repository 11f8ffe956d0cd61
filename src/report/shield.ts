import type MarkdownIt from 'markdown-it';

/** markdown-it has replaced every such character of the source before. */
const MARK = '\u0000';
const PLACE = new RegExp(`${MARK}m(\\d+)m${MARK}`, 'g');

/** What opens single-dollar maths and what closes it: `| $5 | $6 |` are two prices, and so are `$5 and $6`. */
export const INLINE = '\\$(?![\\s$])(?:\\\\[\\s\\S]|[^\\\\$\\n]|\\n(?![ \\t]*\\n))*?(?<!\\s)\\$(?![\\d$])';
const CODE = '(?<ticks>`+)[\\s\\S]*?[^`]\\k<ticks>(?!`)|^ *~~~[\\s\\S]*?^ *~~~';
const DISPLAY = '\\$\\$(?:\\\\[\\s\\S]|[^\\\\$\\n]|\\$(?!\\$)|\\n(?![ \\t]*\\n))+?\\$\\$';
const ENVIRONMENT =
  '\\\\begin\\{(?<name>(?:align|equation|gather|multline|alignat|eqnarray)\\*?)\\}[\\s\\S]*?\\\\end\\{\\k<name>\\}';
/** An environment that stands without two dollars around it, as `bare`; what must stay as it is comes first. */
export const BARE_ENVIRONMENTS: RegExp = new RegExp(`${CODE}|${DISPLAY}|(?<bare>\\$?${ENVIRONMENT}\\$?)`, 'gm');
/** Code in a line, or maths in it as `maths`. */
export const MATHS_IN_LINE: RegExp = new RegExp(`(?<ticks>\`+)[^\`]+\\k<ticks>|(?<maths>${INLINE})`, 'g');

/** Code, maths, escaped characters: whichever comes first. */
const PARTS = new RegExp(`${CODE}|(?<maths>${DISPLAY}|${ENVIRONMENT}|${INLINE})|\\\\.`, 'gm');

/**
 * Takes maths out before blocks are read and puts it back before lines are, as Jupyter does: no bar in it ends a cell of a
 * table (`\|` is a norm there, not an escaped bar), no line of it begins a list, a heading or a fence.
 */
export function shieldMaths(md: MarkdownIt.MarkdownIt): void {
  const taken: string[] = [];
  const back = (text: string): string => text.replace(PLACE, (_, at: string) => taken[Number(at)] ?? '');
  md.core.ruler.after('normalize', 'take-maths', (state) => {
    taken.length = 0;
    state.src = state.src.replace(PARTS, (part: string, ...rest) => {
      const [at, source, groups] = rest.slice(-3) as [number, string, { readonly maths?: string }];
      if (groups.maths === undefined || standsAlone(part, at, source)) return part;
      return `${MARK}m${taken.push(withoutQuoteMarks(part, at, source)) - 1}m${MARK}`;
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

/** Display maths on lines of its own is a block of its own, which the rule for it reads. */
function standsAlone(part: string, at: number, source: string): boolean {
  if (!part.startsWith('$$') && !part.startsWith('\\begin')) return false;
  const before = source.slice(source.lastIndexOf('\n', at - 1) + 1, at);
  const [after = ''] = source.slice(at + part.length).split('\n', 1);
  return /^[\s>]*(?:[-+*]\s+|\d+[.)]\s+)?$/.test(before) && /^[ \t]*[.,;:]?[ \t]*$/.test(after);
}

/** In a quotation every line of maths begins with `>`, which is none of it. */
function withoutQuoteMarks(part: string, at: number, source: string): string {
  const line = source.slice(source.lastIndexOf('\n', at - 1) + 1, at);
  return /^\s*>/.test(line) ? part.replace(/\n[ \t]*(?:>[ \t]?)+/g, '\n') : part;
}
