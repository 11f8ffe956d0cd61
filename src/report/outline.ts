import type MarkdownIt from 'markdown-it';
import { uniqueSlug } from './ids';
import type { MarkdownContext } from './markdown';
import { html } from './markup';
import { setAside } from './sanitise/text-html';
import { sanitised } from './sanitised';

/** Gives headings their ids and marks title and first paragraph; what they say is entered when they are rendered. */
export function markOutline(state: MarkdownIt.StateCore): void {
  const context = state.env as unknown as MarkdownContext;
  let [hasTitle, hasSummary] = [context.title !== undefined, context.summary !== ''];
  for (const [i, token] of state.tokens.entries()) {
    const inline = state.tokens[i + 1];
    if (!inline) continue;
    const saysSomething = inline.children?.some(({ type, content }) => type === 'text' && /\p{L}{2}/u.test(content));
    if (token.type === 'paragraph_open' && token.level === 0 && !hasSummary && saysSomething) {
      hasSummary = true;
      token.meta = { isSummary: true };
    }
    if (token.type !== 'heading_open') continue;
    token.attrSet('id', uniqueSlug(spokenWords(inline), context.ids));
    // A title given elsewhere makes no second one of the heading that repeats it.
    const repeats = context.headings.length === 0 && inline.content.trim() === context.title?.text;
    if (token.tag !== 'h1' || (hasTitle && !repeats)) continue;
    hasTitle = true;
    inline.meta = { id: token.attrGet('id') };
    inline.type = 'title';
    state.tokens.splice(i, 3, inline);
  }
}

/** A heading's words without the tags in it: `# Header<a name="tag"></a>` is called `header`, as Jupyter has it. */
function spokenWords({ children, content }: MarkdownIt.Token): string {
  if (!children?.some(({ type }) => type === 'html_inline')) return content;
  return children.map((token) => (token.type === 'html_inline' ? ' ' : token.content)).join('');
}

/** Headings, title and summary are rendered with what maths has defined up to there. */
export function outlineRules(md: MarkdownIt.MarkdownIt): void {
  const { rules } = md.renderer;
  const inline = (token: MarkdownIt.Token | undefined, context: MarkdownContext): string =>
    sanitised(
      md.renderer.renderInline(token?.children ?? [], md.options, context as unknown as MarkdownIt.Env),
      context,
    ).replace(/<\/?a\b[^>]*>| id="[^"]*"/g, '');
  const words = (token: MarkdownIt.Token | undefined): string =>
    (token?.children ?? []).map(({ content }) => content).join('');
  rules.paragraph_open = (tokens, at, options, env, self) => {
    const context = env as unknown as MarkdownContext;
    if (tokens[at]?.meta?.isSummary) context.summary = inline(tokens[at + 1], secondTime(context));
    return self.renderToken(tokens, at, options);
  };
  rules.heading_open = (tokens, at, options, env, self) => {
    const context = env as unknown as MarkdownContext;
    const [token, text] = [tokens[at], tokens[at + 1]];
    if (!token) return '';
    const html = inline(text, secondTime(context));
    const id = String(token.attrGet('id'));
    context.headings.push({ level: Number(token.tag.slice(1)), id, html, text: words(text) });
    return self.renderToken(tokens, at, options);
  };
  rules.title = (tokens, at, _options, env) => {
    const context = env as unknown as MarkdownContext;
    const id = String(tokens[at]?.meta?.id);
    context.title = { level: 1, id, html: inline(tokens[at], context), text: words(tokens[at]) };
    return '';
  };
  rules.heading_close = (tokens, at, _options, env) => {
    const open = tokens.slice(0, at).findLast((token) => token.type === 'heading_open');
    const anchor = html`<a class="anchor" href="#${open?.attrGet('id') ?? ''}" aria-label="Link to this section">#</a>`;
    return `${setAside(anchor, (env as unknown as MarkdownContext).asides)}</${tokens[at]?.tag ?? 'h2'}>\n`;
  };
}

/** The context for words that stand in the contents or the index as well: what their maths defines, and what is wrong, counts once. */
function secondTime(context: MarkdownContext): MarkdownContext {
  const { macros, anchors, ids, equations } = context;
  return {
    ...context,
    macros: { ...macros },
    anchors: new Set(anchors),
    ids: new Set(ids),
    equations: { ...equations, labels: new Map(equations.labels) },
    onError: () => {},
  };
}
