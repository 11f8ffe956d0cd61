import MarkdownIt from 'markdown-it';
import { escapeHtml } from '../figures/display';
import { highlightCode } from './highlight';
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
  /** Ids given to headings so far. */
  readonly slugs: Set<string>;
  /** Attachments of the cell being rendered: file name → data URI. */
  attachments: Readonly<Record<string, string>>;
  /** What references can lead to; undefined while a first look finds it out, and references stay as they are. */
  readonly targets: Targets | undefined;
}

export function createMarkdownContext(
  onError: MathsContext['onError'],
  { targets, folder }: Partial<Pick<MarkdownContext, 'targets' | 'folder'>> = {},
): MarkdownContext {
  return {
    targets,
    folder,
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
  md.core.ruler.push('raw-html', (state) => {
    const context = state.env as unknown as MarkdownContext;
    tameHtml(state, (src, alt) => findPicture(src, alt, context));
  });
  md.core.ruler.push('references', resolveReferences);
  md.core.ruler.push('outline', (state) => enterOutline(md, state));
  md.renderer.rules.heading_close = (tokens, at) => {
    const open = tokens.slice(0, at).findLast((token) => token.type === 'heading_open');
    const id = open?.attrGet('id') ?? '';
    return `<a class="anchor" href="#${id}" aria-label="Link to this section">#</a></${tokens[at]?.tag ?? 'h2'}>\n`;
  };
  // A link to a sibling notebook leads to its report.
  md.renderer.rules.link_open = (tokens, at, options, env, self) => {
    const href = String(tokens[at]?.attrGet('href'));
    if (href.startsWith('#'))
      tokens[at]?.attrSet('href', `#${headingOf(href.slice(1), env as unknown as MarkdownContext)}`);
    else if (!/^[a-z]+:/i.test(href)) tokens[at]?.attrSet('href', href.replace(/\.ipynb(?=#|$)/, '.html'));
    return self.renderToken(tokens, at, options);
  };
  md.renderer.rules.image = (tokens, at, options, env, self) => {
    const token = tokens[at];
    if (!token) return '';
    const name = /^attachment:(.*)$/.exec(String(token.attrGet('src')))?.[1];
    const { attachments } = env as unknown as MarkdownContext;
    if (name !== undefined) token.attrSet('src', attachments[decodeURIComponent(name)] ?? attachments[name] ?? '');
    const alt = self.renderInlineAsText(token.children ?? [], options, env);
    const picture =
      name === undefined
        ? findPicture(String(token.attrGet('src')), alt, env as unknown as MarkdownContext)
        : undefined;
    if (picture && 'instead' in picture) return picture.instead;
    if (picture) token.attrSet('src', picture.src);
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

/** Jupyter names a section `#The-surface`; here it is `#the-surface`. Other targets stay as they are. */
function headingOf(id: string, { targets }: MarkdownContext): string {
  if (!targets || targets.slugs.has(id)) return id;
  try {
    const slug = slugOf(decodeURIComponent(id));
    return targets.slugs.has(slug) ? slug : id;
  } catch {
    return id; // a lone % is no encoding
  }
}

/** `The *surface* of $(9)$` → `the-surface-of-9`, with `-2` and so on when it is taken. */
function uniqueSlug(text: string, taken: Set<string>): string {
  const base = slugOf(text) || 'section';
  let slug = base;
  for (let n = 2; taken.has(slug); n++) slug = `${base}-${n}`;
  taken.add(slug);
  return slug;
}

function slugOf(text: string): string {
  const letters = text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  return (letters.match(/[\p{L}\p{N}]+/gu) ?? []).join('-');
}
