import { REFERENCE } from './equation-references';
import { endsInCode } from './shield';

/** Environments that MathJax, and so Jupyter, typesets without dollar signs around them. */
const ENVIRONMENT = /^\\begin\{((?:align|equation|gather|multline|alignat|eqnarray)\*?)\}/;

export interface Match {
  readonly tex: string;
  readonly display: boolean;
  /** Index just after the closing delimiter. */
  readonly end: number;
}

/** The maths that begins at an index of the source, by Jupyter's rules. */
export function matchMaths(source: string, at: number): Match | undefined {
  const text = source.slice(at);
  if (text.startsWith('$$')) return until(text, 2, '$$', true, at);
  if (text.startsWith('$')) {
    const found = until(text, 1, '$', false, at);
    return found && endsInCode(found.tex) ? undefined : asDisplay(found);
  }
  if (text.startsWith('\\\\[')) return until(text, 3, '\\\\]', true, at);
  if (text.startsWith('\\\\(')) return asDisplay(until(text, 3, '\\\\)', false, at));
  // A reference needs no dollar signs.
  const reference = new RegExp(`^${REFERENCE.source}`).exec(text)?.[0];
  if (reference) return { tex: reference, display: false, end: at + reference.length };
  const name = ENVIRONMENT.exec(text)?.[1];
  if (name === undefined) return undefined;
  const end = text.indexOf(`\\end{${name}}`);
  if (end < 0) return undefined;
  const length = end + name.length + 6;
  return { tex: text.slice(0, length), display: true, end: at + length };
}

/** `$\begin{align}…$` is display, as MathJax has it: these environments stand nowhere else. */
function asDisplay(found: Match | undefined): Match | undefined {
  return found && ENVIRONMENT.test(found.tex.trimStart()) ? { ...found, tex: found.tex.trim(), display: true } : found;
}

/** The text up to the closing delimiter outside braces; a blank line ends the search, as in Jupyter. */
function until(text: string, open: number, close: string, display: boolean, at: number): Match | undefined {
  let depth = 0;
  // Where braces do not balance, the first delimiter closes: KaTeX then says what is wrong, instead of nobody.
  let fallback: Match | undefined;
  for (let i = open; i < text.length; i++) {
    if (text.startsWith(close, i)) {
      const tex = text.slice(open, i);
      const found = tex.trim() === '' ? undefined : { tex, display, end: at + i + close.length };
      if (depth <= 0) return found;
      fallback ??= found;
    }
    if (text[i] === '\\') i++;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}') depth--;
    else if (/^\n[ \t]*\n/.test(text.slice(i, i + 40))) return fallback;
  }
  return fallback;
}
