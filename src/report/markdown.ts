import MarkdownIt from 'markdown-it';
import { highlightCode } from './highlight';
import { type MathsContext, mathsPlugin } from './maths';

export interface Heading {
  readonly level: number;
  readonly id: string;
  /** Inline HTML, maths rendered. */
  readonly html: string;
  /** The words alone; of maths, its TeX. */
  readonly text: string;
}

/** What the markdown cells of one notebook share. */
export interface MarkdownContext extends MathsContext {
  readonly headings: Heading[];
  /** The first heading of level 1: it moves to the title block. */
  title: Heading | undefined;
  /** The first paragraph of prose, as inline HTML. */
  summary: string;
  /** Ids given to headings so far. */
  readonly slugs: Set<string>;
  /** Attachments of the cell being rendered: file name → data URI. */
  attachments: Readonly<Record<string, string>>;
}

export function createMarkdownContext(onError: MathsContext['onError']): MarkdownContext {
  return {
    macros: {},
    anchors: new Set(),
    headings: [],
    title: undefined,
    summary: '',
    slugs: new Set(),
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
  md.core.ruler.push('outline', (state) => enterOutline(md, state));
  md.renderer.rules.heading_close = (tokens, at) => {
    const open = tokens.slice(0, at).findLast((token) => token.type === 'heading_open');
    const id = open?.attrGet('id') ?? '';
    return `<a class="anchor" href="#${id}" aria-label="Link to this section">#</a></${tokens[at]?.tag ?? 'h2'}>\n`;
  };
  // A link to a sibling notebook leads to its report.
  md.renderer.rules.link_open = (tokens, at, options, _env, self) => {
    const href = String(tokens[at]?.attrGet('href'));
    if (!/^[a-z]+:/i.test(href)) tokens[at]?.attrSet('href', href.replace(/\.ipynb(?=#|$)/, '.html'));
    return self.renderToken(tokens, at, options);
  };
  md.renderer.rules.image = (tokens, at, options, env, self) => {
    const token = tokens[at];
    if (!token) return '';
    const name = /^attachment:(.*)$/.exec(String(token.attrGet('src')))?.[1];
    const { attachments } = env as unknown as MarkdownContext;
    if (name !== undefined) token.attrSet('src', attachments[decodeURIComponent(name)] ?? attachments[name] ?? '');
    token.attrSet('alt', self.renderInlineAsText(token.children ?? [], options, env));
    return self.renderToken(tokens, at, options);
  };
  md.renderer.rules.table_open = () => '<div class="scroll"><table>\n';
  md.renderer.rules.table_close = () => '</table></div>\n';
  return md;
}

/** Enters headings, title and first paragraph in the context; the title leaves the text. */
function enterOutline(md: MarkdownIt.MarkdownIt, state: MarkdownIt.StateCore): void {
  const context = state.env as unknown as MarkdownContext;
  for (let i = 0; i + 1 < state.tokens.length; i++) {
    const [token, inline] = [state.tokens[i], state.tokens[i + 1]];
    if (!token || !inline) continue;
    const children = inline.children ?? [];
    const html = (): string => md.renderer.renderInline(children, md.options, state.env).replace(/<\/?a\b[^>]*>/g, '');
    if (
      token.type === 'paragraph_open' &&
      context.summary === '' &&
      token.level === 0 &&
      children.some((child) => /\p{L}{2}/u.test(child.type === 'text' ? child.content : ''))
    ) {
      context.summary = html();
    }
    if (token.type !== 'heading_open') continue;
    const id = uniqueSlug(inline.content, context.slugs);
    token.attrSet('id', id);
    const text = children.map((child) => child.content).join('');
    const heading: Heading = { level: Number(token.tag.slice(1)), id, html: html(), text };
    if (heading.level === 1 && context.title === undefined) {
      context.title = heading;
      state.tokens.splice(i, 3);
      i -= 1;
    } else context.headings.push(heading);
  }
}

/** `The *surface* of $(9)$` → `the-surface-of-9`, with `-2` and so on when it is taken. */
function uniqueSlug(text: string, taken: Set<string>): string {
  const letters = text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  const words = letters.match(/[\p{L}\p{N}]+/gu) ?? [];
  const base = words.join('-') || 'section';
  let slug = base;
  for (let n = 2; taken.has(slug); n++) slug = `${base}-${n}`;
  taken.add(slug);
  return slug;
}
