import type MarkdownIt from 'markdown-it';
import sanitizeHtml, { type Attributes, type Tag } from 'sanitize-html';
import { pageClass } from '../html';
import { claimId } from '../ids';
import { type Html, html } from '../markup';
import { TEXT } from './policy';

/** What becomes of a picture's address: the address the page uses, or the HTML that stands in its place. */
export type Picture = { readonly src: string } | { readonly instead: Html };

/** What the sanitiser needs from the page. */
export interface Surroundings {
  /** Ids that are taken; those that the text gives are added. */
  readonly ids: Set<string>;
  readonly picture: (src: string, alt: string) => Picture;
  /** Maps an author's link to where it leads in the page. */
  readonly link: (href: string) => string;
  /** HTML that the page itself has made, such as maths: see {@link setAside}. */
  readonly asides: Html[];
}

// An author cannot write this character: markdown-it and the HTML parser replace it, and character references to it too.
// So no text can forge the two marks below.
const NUL = '\u0000';
/** Marks tags that Markdown made, as opposed to its author. */
const OWN = ` own="${NUL}"`;
const PLACE = new RegExp(`<img title="${NUL}(\\d+)${NUL}" />|${NUL}(\\d+)${NUL}`, 'g');

/** Stores HTML that needs no sanitiser. Returns the placeholder that {@link sanitiseText} replaces. */
export function setAside(made: Html, asides: Html[]): string {
  return `${NUL}${asides.push(made) - 1}${NUL}`;
}

/**
 * Marks every tag that Markdown makes, and escapes incomplete HTML.
 * @param typesetBlock typesets the maths in a block of HTML
 */
export function markTags(md: MarkdownIt.MarkdownIt, typesetBlock: (source: string, env: unknown) => string): void {
  const attributes = md.renderer.renderAttrs;
  md.renderer.renderAttrs = (token) =>
    (token as MarkdownIt.Token).nesting < 0 ? '' : attributes.call(md.renderer, token) + OWN;
  const raw =
    (typeset: (source: string, env: unknown) => string): Rule =>
    (tokens, at, _options, env) => {
      const source = tokens[at]?.content ?? '';
      return isWhole(source) ? typeset(source, env) : html`${source}`.source;
    };
  md.renderer.rules.html_block = raw(typesetBlock);
  md.renderer.rules.html_inline = raw((source) => source);
}

type Rule = NonNullable<MarkdownIt.MarkdownIt['renderer']['rules'][string]>;

/** Opens an element that the page makes. */
export const ownTag = (name: string, className?: string): string =>
  `<${name}${className === undefined ? '' : ` class="${className}"`}${OWN}>`;

/** Says whether HTML is complete: an open quote or script would swallow the tag after it. */
function isWhole(source: string): boolean {
  let isSeen = false;
  sanitizeHtml(`${source}<i${OWN}>`, {
    allowedTags: [],
    transformTags: {
      i: (tagName, attribs) => {
        isSeen ||= attribs.own === NUL;
        return { tagName, attribs };
      },
    },
  });
  return isSeen || /^\s*<!--/.test(source);
}

/**
 * Sanitises rendered Markdown. HTML in it may only mark up text: tags that run, load or style are shown as text, and every
 * element ends in the block in which it begins.
 */
export function sanitiseText(rendered: string, page: Surroundings): string {
  const kept = sanitizeHtml(rendered, {
    ...TEXT,
    transformTags: {
      '*': (tagName, attribs) => {
        const { own, ...others } = attribs;
        if (own === NUL) return { tagName, attribs: others };
        if (!ALLOWED.has(tagName)) return { tagName, attribs };
        return ofAuthor(tagName, attribs, page);
      },
    },
  });
  return kept.replace(PLACE, (_, picture?: string, text?: string) => {
    const made = page.asides[Number(picture ?? text)]?.source ?? '';
    return made.replaceAll(OWN, '');
  });
}

const ALLOWED: ReadonlySet<string> = new Set(TEXT.allowedTags || []);

function ofAuthor(tagName: string, attribs: Attributes, page: Surroundings): Tag {
  const kept: Attributes = {};
  for (const [name, given] of Object.entries(attribs)) {
    const value = given.replaceAll(NUL, '');
    // On other elements, a name would shadow a property of `document` that the page's script uses.
    if (name === 'id' || (name === 'name' && tagName === 'a')) {
      if (kept.id === undefined && claimId(value, page.ids)) kept.id = value;
    } else if (name === 'class') kept.class = pageClass(value);
    else if (name === 'href') kept.href = page.link(value);
    else kept[name] = value;
  }
  if (tagName !== 'img') return { tagName, attribs: kept };
  const { src = '', alt = '', ...others } = kept;
  const found = page.picture(src, alt);
  if ('src' in found) return { tagName, attribs: { src: found.src, alt, ...others } };
  return { tagName, attribs: { title: setAside(found.instead, page.asides) } };
}
