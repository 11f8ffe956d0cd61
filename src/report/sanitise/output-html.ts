import sanitizeHtml, { type Attributes, type Tag } from 'sanitize-html';
import { pageClass } from '../html';
import { VERBATIM_ELEMENTS } from '../html-maths';
import { type Html, verbatim } from '../markup';
import { EVERYTHING, FRAME, OUTPUT } from './policy';

/** Matches a picture's data, the only address that an element of an output may load. */
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif|svg\+xml);base64,[\w+/=]*$/;

/**
 * Returns HTML of an output that may stand among the page's own elements.
 * @param alt describes a picture that has no words of its own
 * @returns undefined where the sanitiser would remove something, or had to close an open element
 */
export function plainOutput(given: string, alt: string): Html | undefined {
  let isBroken = false;
  const transformTags = {
    '*': (tagName: string, attribs: Attributes): Tag => ({ tagName, attribs: ownNames(tagName, attribs, alt) }),
  };
  const kept = sanitizeHtml(given, {
    ...OUTPUT,
    transformTags,
    exclusiveFilter: ({ tag, attribs: { src } }) => tag === 'img' && !PICTURE.test(src ?? ''),
    onCloseTag: (name, isImplied) => {
      isBroken ||= isImplied && !VOID.has(name);
    },
  });
  const isPlain = !isBroken && kept === sanitizeHtml(given, { ...EVERYTHING, transformTags });
  return isPlain ? verbatim(kept) : undefined;
}

/** Changes the text between the tags of plain HTML, except in elements that hold code. */
export function withText(plain: Html, change: (text: string) => string): Html {
  let verbatimDepth = 0;
  const count = (by: number) => (name: string) => {
    if (VERBATIM_ELEMENTS.has(name)) verbatimDepth += by;
  };
  const changed = sanitizeHtml(plain.source, {
    ...EVERYTHING,
    onOpenTag: count(1),
    onCloseTag: count(-1),
    textFilter: (text) => (verbatimDepth === 0 ? change(text) : text),
  });
  return verbatim(changed);
}

const VOID: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'wbr', 'col']);

/** Renames the author's classes: the page's style and script must not take them for their own. */
function ownNames(tag: string, attribs: Attributes, alt: string): Attributes {
  const named = attribs.class === undefined ? attribs : { ...attribs, class: pageClass(attribs.class) };
  return tag === 'img' && attribs.alt === undefined ? { alt, ...named } : named;
}

/**
 * Reduces an untrusted output to what a frame may show before a click: text, styles and drawings, nothing that runs or loads.
 * `runs` says whether it held a script.
 */
export function quietOutput(given: string): { readonly html: Html; readonly runs: boolean } {
  let runs = false;
  const html = sanitizeHtml(given, {
    ...FRAME,
    transformTags: {
      '*': (tagName, attribs) => {
        runs ||= tagName === 'script' || Object.entries(attribs).some(runsAtOnce);
        return { tagName, attribs: Object.fromEntries(Object.entries(attribs).filter((one) => !loads(one, tagName))) };
      },
    },
  });
  return { html: verbatim(withoutLoadingStyles(html)), runs };
}

const runsAtOnce = ([name, value]: [string, string]): boolean =>
  name.startsWith('on') || /^\s*javascript:/i.test(value);

function loads([name, value]: [string, string], tag: string): boolean {
  if (name === 'src') return !PICTURE.test(value);
  if (name === 'xlink:href' || (name === 'href' && tag !== 'a')) return !value.startsWith('#');
  return asks(value.replace(/url\(#[\w.-]+\)/g, ''));
}

/** Says whether CSS loads something. A backslash could spell any of these words. */
const asks = (css: string): boolean => /url\(|image-set\(|src\(|@import|\\/i.test(css);

/** Removes styles that load. A regular expression is enough here: the sanitiser has escaped every other `<style`. */
function withoutLoadingStyles(html: string): string {
  return html.replace(/<style\b[^>]*>([\s\S]*?)<\/style>/g, (style, css: string) =>
    css.includes('<') || asks(css) ? '' : style,
  );
}
