import MarkdownIt from 'markdown-it';
import { escapeHtml } from '../figures/display';
import { createEquations } from './equations';
import { highlightCode } from './highlight';
import { sectionOf, uniqueSlug } from './ids';
import { referenceText, type Targets, unknownLabel } from './labels';
import { findPicture, type PictureContext } from './local-pictures';
import { type MathsContext, mathsPlugin } from './maths';
import { tameHtml } from './raw-html';

export interface Heading {
  readonly level: number;
  readonly id: string;
  /** Inline HTML, maths rendered. */
  readonly html: string;
  /** The words alone; of maths, its TeX. */
  readonly text: string;
}

/** What the markdown cells of one notebook share. */
export interface MarkdownContext extends MathsContext, PictureContext {
  readonly headings: Heading[];
  /** The first heading of level 1: it moves to the title block. */
  title: Heading | undefined;
  /** The first paragraph of prose, as inline HTML. */
  summary: string;
  /** Attachments of the cell being rendered: file name → data URI. */
  attachments: Readonly<Record<string, string>>;
  /** What references can lead to; undefined while a first look finds it out, and references stay as they are. */
  readonly targets: Targets | undefined;
}

export function createMarkdownContext(
  onError: MathsContext['onError'],
  { targets, folder, trusted = true }: Partial<Pick<MarkdownContext, 'targets' | 'folder' | 'trusted'>> = {},
): MarkdownContext {
  return {
    targets,
    folder,
    trusted,
    macros: {},
    equations: createEquations(),
    anchors: new Set(),
    headings: [],
    title: undefined,
    summary: '',
    ids: new Set(),
    attachments: {},
    onError,
  };
}

const markdown = createMarkdown();

/** Notebook markdown → HTML; headings and equation anchors are entered in the context. */
export function renderMarkdown(source: string, context: MarkdownContext): string {
  return markdown.render(source, context as unknown as Record<string, unknown>);
}

function createMarkdown(): MarkdownIt.MarkdownIt {
  const md = new MarkdownIt({
    html: true,
    linkify: true,
    highlight: (code, language) => highlightCode(code, language),
  });
  md.use(mathsPlugin);
  // A bare "notebook.md" or "node.js" is a file name far more often than a host.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  // Data URIs of pictures are the notebook's own; markdown-it refuses svg by default.
  const validate = md.validateLink;
  md.validateLink = (url) => /^(data:image\/|attachment:)/.test(url) || validate(url);
  md.core.ruler.push('raw-html', (state) => {
    const context = state.env as unknown as MarkdownContext;
    tameHtml(state, { ids: context.ids, picture: (src, alt) => findPicture(src, alt, context) });
  });
  md.core.ruler.push('references', resolveReferences);
  md.core.ruler.push('outline', markOutline);
  outlineRules(md);
  // A link to a sibling notebook leads to its report.
  md.renderer.rules.link_open = (tokens, at, options, env, self) => {
    const href = String(tokens[at]?.attrGet('href'));
    const { targets } = env as unknown as MarkdownContext;
    if (href.startsWith('#')) {
      if (targets) tokens[at]?.attrSet('href', `#${sectionOf(href.slice(1), targets.ids)}`);
    } else if (!/^[a-z]+:/i.test(href)) tokens[at]?.attrSet('href', href.replace(/\.ipynb(?=#|$)/, '.html'));
    return self.renderToken(tokens, at, options);
  };
  md.renderer.rules.image = (tokens, at, options, env, self) => {
    const token = tokens[at];
    if (!token) return '';
    const alt = self.renderInlineAsText(token.children ?? [], options, env);
    const picture = findPicture(String(token.attrGet('src')), alt, env as unknown as MarkdownContext);
    if ('instead' in picture) return picture.instead;
    token.attrSet('src', picture.src);
    token.attrSet('alt', alt);
    return self.renderToken(tokens, at, options);
  };
  md.renderer.rules.table_open = () => '<div class="scroll"><table>\n';
  md.renderer.rules.table_close = () => '</table></div>\n';
  return md;
}

/** `[Figure](#fig-variance)` gets its number; a reference that leads nowhere is shown as such and told. */
function resolveReferences(state: MarkdownIt.StateCore): void {
  const context = state.env as unknown as MarkdownContext;
  const { targets } = context;
  if (!targets) return;
  for (const { children } of state.tokens) {
    for (let i = 0; children && i < children.length; i++) {
      const id = /^#((?:fig|tbl|eq)-.+)$/.exec(String(children[i]?.attrGet('href') ?? ''))?.[1];
      if (children[i]?.type !== 'link_open' || id === undefined) continue;
      const end = children.findIndex((token, at) => at > i && token.type === 'link_close');
      const inside = children.slice(i + 1, end);
      const written = inside.map(({ content }) => content).join('');
      const text = referenceText(id, written.trim(), targets);
      if (text === undefined) {
        context.onError(unknownLabel(id, targets), `[${written}](#${id})`);
        const lost = new state.Token('html_inline', '', 0);
        lost.content = `<code class="maths-error" title="nothing has this label">#${escapeHtml(id)}</code>`;
        children.splice(i, end - i + 1, lost);
      } else if (text !== written) {
        const shown = new state.Token('text', '', 0);
        shown.content = text;
        children.splice(i + 1, inside.length, shown);
      }
    }
  }
}

/** Gives headings their ids and marks title and first paragraph; what they say is entered when they are rendered. */
function markOutline(state: MarkdownIt.StateCore): void {
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
    token.attrSet('id', uniqueSlug(inline.content, context.ids));
    if (token.tag !== 'h1' || hasTitle) continue;
    hasTitle = true;
    inline.meta = { id: token.attrGet('id') };
    inline.type = 'title';
    state.tokens.splice(i, 3, inline);
  }
}

/** Headings, title and summary are rendered with what maths has defined up to there. */
function outlineRules(md: MarkdownIt.MarkdownIt): void {
  const { rules } = md.renderer;
  const inline = (token: MarkdownIt.Token | undefined, context: MarkdownContext): string =>
    md.renderer
      .renderInline(token?.children ?? [], md.options, context as unknown as MarkdownIt.Env)
      .replace(/<\/?a\b[^>]*>| id="[^"]*"/g, '');
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
  rules.heading_close = (tokens, at) => {
    const open = tokens.slice(0, at).findLast((token) => token.type === 'heading_open');
    const id = open?.attrGet('id') ?? '';
    return `<a class="anchor" href="#${id}" aria-label="Link to this section">#</a></${tokens[at]?.tag ?? 'h2'}>\n`;
  };
}

/** For words that stand in the contents or the index as well: what their maths defines, and what is wrong, counts once. */
function secondTime(context: MarkdownContext): MarkdownContext {
  const { macros, anchors, ids, equations } = context;
  return {
    ...context,
    macros: { ...macros },
    anchors: new Set(anchors),
    ids: new Set(ids),
    equations: { count: equations.count, labels: new Map(equations.labels) },
    onError: () => {},
  };
}
