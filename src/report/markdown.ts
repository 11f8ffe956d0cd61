import MarkdownIt from 'markdown-it';
import { blocksPlugin } from './blocks';
import { MATHJAX } from './commands-of-mathjax';
import { createEquations } from './equations';
import { highlightCode } from './highlight';
import { withMathsBetweenTags } from './html-maths';
import { referenceText, type Targets, unknownLabel } from './labels';
import { findPicture, type PictureContext } from './local-pictures';
import { type Html, html, verbatim } from './markup';
import type { MathsContext } from './maths';
import { mathsPlugin } from './maths-plugin';
import { markOutline, outlineRules } from './outline';
import { markTags, ownTag, setAside } from './sanitise/text-html';
import { linkTo, sanitised } from './sanitised';
import { shieldMaths } from './shield';

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
  /** HTML that the page has made itself, which no sanitiser needs to see. */
  readonly asides: Html[];
  /** What references can lead to; undefined while a first look finds it out, and references stay as they are. */
  readonly targets: Targets | undefined;
}

export function createMarkdownContext(
  onError: MathsContext['onError'],
  {
    targets,
    folder,
    trusted = true,
    tags,
    title,
  }: Partial<Pick<MarkdownContext, 'targets' | 'folder' | 'trusted' | 'title'>> & {
    readonly tags?: ReadonlySet<string>;
  } = {},
): MarkdownContext {
  return {
    targets,
    folder,
    trusted,
    macros: { ...MATHJAX },
    equations: createEquations(tags),
    anchors: new Set(),
    headings: [],
    title,
    summary: '',
    ids: new Set(title ? [title.id] : []),
    attachments: {},
    asides: [],
    onError,
  };
}

const markdown = createMarkdown();

/** Notebook markdown → HTML; headings and equation anchors are entered in the context. */
export function renderMarkdown(source: string, context: MarkdownContext): string {
  return sanitised(markdown.render(source, context as unknown as Record<string, unknown>), context);
}

function createMarkdown(): MarkdownIt.MarkdownIt {
  const md = new MarkdownIt({
    html: true,
    linkify: true,
    highlight: (code, language) => highlightCode(code, language).source,
  });
  md.use(mathsPlugin);
  md.use(shieldMaths);
  md.use(blocksPlugin);
  md.renderer.rules.made = (tokens, at) => tokens[at]?.content ?? '';
  // A bare "notebook.md" or "node.js" is a file name far more often than a host.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  // Data URIs of pictures are the notebook's own; markdown-it refuses svg by default.
  const validate = md.validateLink;
  md.validateLink = (url) => /^(data:image\/|attachment:)/.test(url) || validate(url);
  md.core.ruler.push('references', resolveReferences);
  md.core.ruler.push('outline', markOutline);
  outlineRules(md);
  markTags(md, (source, env) => {
    const context = env as MarkdownContext;
    return withMathsBetweenTags(source, context, (made) => setAside(made, context.asides));
  });
  md.renderer.rules.link_open = (tokens, at, options, env, self) => {
    const href = String(tokens[at]?.attrGet('href'));
    tokens[at]?.attrSet('href', linkTo(href, env as unknown as MarkdownContext));
    return self.renderToken(tokens, at, options);
  };
  md.renderer.rules.image = (tokens, at, options, env, self) => {
    const token = tokens[at];
    if (!token) return '';
    const context = env as unknown as MarkdownContext;
    const alt = self.renderInlineAsText(token.children ?? [], options, env);
    const picture = findPicture(String(token.attrGet('src')), alt, context);
    if ('instead' in picture) return setAside(picture.instead, context.asides);
    token.attrSet('src', picture.src);
    token.attrSet('alt', alt);
    return setAside(verbatim(self.renderToken(tokens, at, options)), context.asides);
  };
  md.renderer.rules.table_open = () => `${ownTag('div', 'scroll')}${ownTag('table')}\n`;
  md.renderer.rules.table_close = () => '</table></div>\n';
  for (const name of ['fence', 'code_block', 'code_inline', 'made', 'checkbox', 'maths'] as const) keepAside(md, name);
  return md;
}

/** What this rule writes is the page's own. */
function keepAside(md: MarkdownIt.MarkdownIt, name: string): void {
  const rule = md.renderer.rules[name];
  if (!rule) throw new Error(`markdown-it: no rule renders ${name}`);
  md.renderer.rules[name] = (tokens, at, options, env, self) =>
    setAside(verbatim(rule(tokens, at, options, env, self)), (env as unknown as MarkdownContext).asides);
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
        const lost = new state.Token('made', '', 0);
        lost.content = html`<code class="maths-error" title="nothing has this label">#${id}</code>`.source;
        children.splice(i, end - i + 1, lost);
      } else if (text !== written) {
        const shown = new state.Token('text', '', 0);
        shown.content = text;
        children.splice(i + 1, inside.length, shown);
      }
    }
  }
}
