import 'katex/contrib/mhchem';
import { type KatexOptions, ParseError, renderToString } from 'katex';
import type MarkdownIt from 'markdown-it';
import { withPlainText } from './commands-of-mathjax';
import { REFERENCE, renderReference, withNumbers } from './equation-references';
import { type Equations, type EquationTarget, numberRows } from './equations';
import { type Html, html, verbatim } from './markup';

/** Where maths came from and what it left behind; one per notebook, so that \newcommand reaches later cells. */
export interface MathsContext {
  readonly macros: NonNullable<KatexOptions['macros']>;
  /** Anchors already given (`eq-9`), so that an equation shown twice is linked at its first place. */
  readonly anchors: Set<string>;
  /** Every id that the page has given so far; an element of its text gets none of them again. */
  readonly ids: Set<string>;
  readonly equations: Equations;
  /** What a first look at the whole notebook found; undefined during that look. */
  readonly targets: { readonly equations: Equations } | undefined;
  /** Called with KaTeX's message and the TeX at fault; the page shows the source in its place. */
  readonly onError: (message: string, tex: string) => void;
}

/** No rule or space is longer than the column, in em. */
const LARGEST_SIZE = 30;

/** TeX → HTML with MathML beside it for screen readers. */
export function renderMaths(given: string, displayMode: boolean, context: MathsContext): Html {
  const lone = new RegExp(`^\\s*${REFERENCE.source}\\s*$`).exec(given);
  if (lone) return renderReference(lone[1] === 'eqref', lone[2] ?? '', context);
  const { tex, targets } = displayMode ? numberRows(given, context.equations) : { tex: given, targets: [] };
  try {
    const set = renderToString(redefining(withPlainText(withNumbers(tex, context))), {
      displayMode,
      macros: context.macros,
      globalGroup: true,
      strict: 'ignore',
      trust: false,
      maxSize: LARGEST_SIZE,
    });
    return displayMode ? withAnchors(verbatim(set), given, targets, context) : verbatim(set);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    context.onError(error.message, tex);
    return html`<code class="maths-error" title="${error.message}">${tex}</code>`;
  }
}

/** MathJax lets `\\newcommand` define again, and knows fewer commands: `\\newcommand{\\R}` is in many notebooks. */
function redefining(tex: string): string {
  return tex.replace(/\\newcommand\*?\s*(\{\s*)?(\\[a-z]+)\s*(?:\})?/gi, '\\providecommand{$2}{}\\renewcommand{$2}');
}

/** A display equation is a block of its own; each `\tag{9}` in it is the link target `#eq-9`. */
function withAnchors(
  set: Html,
  tex: string,
  targets: readonly EquationTarget[],
  { anchors, ids: taken }: MathsContext,
): Html {
  const ids: string[] = [];
  for (const [, tag = ''] of tex.matchAll(/\\tag\*?\{([^{}]*)\}/g)) {
    const id = `eq-${tag.replace(/[^\w.-]+/g, '')}`;
    if (id === 'eq-' || taken.has(id)) continue;
    taken.add(id);
    anchors.add(id);
    ids.push(id);
  }
  for (const { id } of targets) {
    if (!taken.has(id)) ids.push(id);
    taken.add(id);
  }
  const [first, ...others] = ids;
  const further = others.map((id) => html`<span id="${id}"></span>`);
  return html`<span class="equation"${first && html` id="${first}"`}>${further}${set}</span>`;
}

/** Environments that MathJax, and so Jupyter, typesets without dollar signs around them. */
const ENVIRONMENT = /^\\begin\{((?:align|equation|gather|multline|alignat|eqnarray)\*?)\}/;

/**
 * Maths by Jupyter's rules, never inside code: `$…$` and `\\(…\\)` in a line; `$$…$$`, `\\[…\\]` and bare environments as
 * display. A `\$` is a dollar sign. The environment passed to `md.render` must be a {@link MathsContext}.
 */
export function mathsPlugin(md: MarkdownIt.MarkdownIt): void {
  md.inline.ruler.before('escape', 'maths', (state, silent) => {
    const found = matchMaths(state.src, state.pos);
    if (!found) return false;
    if (!silent) pushMaths(state.push('maths', '', 0), found);
    state.pos = found.end;
    return true;
  });
  const options = { alt: ['paragraph', 'blockquote', 'list'] };
  const block: Parameters<typeof md.block.ruler.before>[2] = (state, startLine, endLine, silent) => {
    const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
    if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
    const rest = state.getLines(startLine, endLine, state.blkIndent, false);
    const found =
      state.src.startsWith('$', start) || state.src[start] === '\\' ? matchMaths(rest.trimStart(), 0) : undefined;
    if (!found?.display) return false;
    const lead = rest.length - rest.trimStart().length;
    const after = rest.slice(lead + found.end);
    if (!/^[ \t]*[.,;:]?[ \t]*(\n|$)/.test(after)) return false;
    if (silent) return true;
    const token = state.push('maths', '', 0);
    token.block = true;
    pushMaths(token, found);
    state.line = startLine + rest.slice(0, lead + found.end).split('\n').length;
    return true;
  };
  md.block.ruler.before('fence', 'maths', block, options);
  md.core.ruler.push('punctuation', takePunctuation);
  md.renderer.rules.maths = (tokens, at, _options, env) => {
    const token = tokens[at];
    if (!token) return '';
    const set = renderMaths(token.content, token.markup === 'display', env as unknown as MathsContext);
    const after = String(token.meta?.after ?? '');
    if (after !== '' && set.source.startsWith('<span'))
      return html`<span class="unbroken">${set}${after}</span>`.source;
    if (after !== '') return html`${set}${after}`.source;
    return token.block ? html`<p>${set}</p>\n`.source : set.source;
  };
}

/** Maths as long as this may break at its relations, and leave its full stop behind rather than stand out of the column. */
const SHORT = 40;

/** A browser may break the line between maths and the comma after it; the comma goes with the maths. */
function takePunctuation(state: MarkdownIt.StateCore): void {
  for (const [i, { children }] of state.tokens.entries()) {
    if (!children || state.tokens[i - 1]?.type === 'heading_open') continue;
    for (const [at, token] of children.entries()) {
      const next = children[at + 1];
      if (token.type !== 'maths' || token.markup === 'display' || token.content.length > SHORT) continue;
      const mark = next?.type === 'text' ? /^[.,;:!?)\]]+/.exec(next.content)?.[0] : undefined;
      if (!next || mark === undefined) continue;
      token.meta = { after: mark };
      next.content = next.content.slice(mark.length);
    }
  }
}

interface Match {
  readonly tex: string;
  readonly display: boolean;
  /** Index just after the closing delimiter. */
  readonly end: number;
}

function pushMaths(token: { content: string; markup: string }, { tex, display }: Match): void {
  token.content = tex;
  token.markup = display ? 'display' : 'inline';
}

function matchMaths(source: string, at: number): Match | undefined {
  const text = source.slice(at);
  if (text.startsWith('$$')) return until(text, 2, '$$', true, at);
  if (text.startsWith('$')) return asDisplay(until(text, 1, '$', false, at));
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
