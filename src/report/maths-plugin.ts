import type MarkdownIt from 'markdown-it';
import { nth } from '../nth';
import { html } from './markup';
import { type Match, matchMaths } from './match-maths';
import { type MathsContext, renderMaths } from './maths';

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
    const start = nth(state.bMarks, startLine) + nth(state.tShift, startLine);
    if (nth(state.sCount, startLine) - state.blkIndent >= 4) return false;
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

function pushMaths(token: { content: string; markup: string }, { tex, display }: Match): void {
  token.content = tex;
  token.markup = display ? 'display' : 'inline';
}
