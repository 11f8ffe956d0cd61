import type MarkdownIt from 'markdown-it';
import { attributesArePlain, ELEMENTS, pageClass, VOID_ELEMENTS } from './html';
import { claimId } from './ids';
import { type Html, html, joinHtml, NOTHING, verbatim } from './markup';

/** Beyond what outputs may set among the page's elements, what people write into text. */
const TEXT_ELEMENTS = new Set([
  ...ELEMENTS,
  ...'h1 h2 details summary kbd mark center font u s del ins abbr cite dfn q samp var big tt blockquote section'.split(
    ' ',
  ),
]);
const TEXT_VOIDS = new Set([...VOID_ELEMENTS, 'wbr']);
const TEXT_ATTRIBUTES = /^(color|align|valign|border|open|start|target|rel)$/;
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*\/?>/giy;
const ATTRIBUTE = /([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

/** What becomes of a picture's address: the address the page uses, or the HTML that stands in its place. */
export type Picture = { readonly src: string } | { readonly instead: Html };

/** What the text around needs to know of the page. */
export interface Surroundings {
  /** Ids that are taken; those that the text gives are added. */
  readonly ids: Set<string>;
  readonly picture: (src: string, alt: string) => Picture;
}

/** Elements that HTML in the text has opened and not closed, per block they stand in. */
type Open = string[][];

/**
 * HTML in the text of a notebook may mark up text, and nothing else: tags that run, load or style are shown as text, and
 * every element ends in the block in which it begins. So text can neither break the page nor run before a click.
 */
export function tameHtml(state: MarkdownIt.StateCore, page: Surroundings): void {
  state.tokens = tameTokens(state.tokens, state, page);
}

type Token = MarkdownIt.Token;

function tameTokens(tokens: readonly Token[], state: MarkdownIt.StateCore, page: Surroundings): Token[] {
  const open: Open = [[]];
  const tamed: Token[] = [];
  const closeBlock = (): void => {
    const left = open.pop() ?? [];
    if (left.length > 0) tamed.push(htmlToken(joinHtml(left.reverse().map((name) => html`</${name}>`)), state));
  };
  for (const token of tokens) {
    if (token.nesting === 1) open.push([]);
    else if (token.nesting === -1) closeBlock();
    if (token.type === 'html_block' || token.type === 'html_inline') {
      tamed.push(htmlToken(tameText(token.content, open.at(-1) ?? [], page), state));
    } else {
      if (token.children) token.children = tameTokens(token.children, state, page);
      tamed.push(token);
    }
  }
  closeBlock();
  return tamed;
}

function htmlToken(content: Html, state: MarkdownIt.StateCore): Token {
  const token = new state.Token('html_inline', '', 0);
  token.content = content.source;
  return token;
}

function tameText(source: string, open: string[], page: Surroundings): Html {
  const text = source.replace(/<!--[\s\S]*?(?:-->|$)/g, '');
  const tamed: Html[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('<', at);
    if (next < 0) break;
    tamed.push(verbatim(text.slice(at, next)));
    TAG.lastIndex = next;
    const match = TAG.exec(text);
    tamed.push(match ? tameTag(match, open, page) : html`${'<'}`);
    at = next + (match?.[0].length ?? 1);
  }
  // Between tags there are character references, which stay, and nothing that opens one.
  return joinHtml([...tamed, verbatim(text.slice(at))]);
}

function tameTag([tag, slash, given = '', attributes = '']: RegExpExecArray, open: string[], page: Surroundings): Html {
  const name = given.toLowerCase();
  if (name === 'img' && slash === '') return tamePicture(attributes, page);
  if (TEXT_VOIDS.has(name))
    return slash === '' ? html`<${name}${keptAttributes(name, attributes, page.ids)}>` : NOTHING;
  if (!TEXT_ELEMENTS.has(name)) return html`${tag}`;
  if (slash === '') {
    open.push(name);
    return html`<${name}${keptAttributes(name, attributes, page.ids)}>`;
  }
  if (open.at(-1) !== name) return NOTHING;
  open.pop();
  return html`</${name}>`;
}

function tamePicture(attributes: string, page: Surroundings): Html {
  const given = new Map(attributesOf(attributes));
  const found = page.picture(given.get('src') ?? '', given.get('alt') ?? '');
  if ('instead' in found) return found.instead;
  const others = attributes.replace(/(^|\s)(src|alt)\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+)/gi, '');
  return html`<img src="${found.src}" alt="${given.get('alt') ?? ''}"${keptAttributes('img', others, page.ids)}>`;
}

function attributesOf(text: string): [name: string, value: string][] {
  return [...text.matchAll(ATTRIBUTE)].map(([, name = '', a, b, c]) => [name.toLowerCase(), a ?? b ?? c ?? '']);
}

function keptAttributes(element: string, text: string, ids: Set<string>): Html {
  const kept = attributesOf(text)
    .flatMap(([name, value]): [name: string, value: string][] => {
      // Elsewhere a name would stand in for a property of the document, and hide what the page's script asks it for.
      if (name === 'id' || (name === 'name' && element === 'a')) return claimId(value, ids) ? [['id', value]] : [];
      if (name === 'class') return [[name, pageClass(value)]];
      if (name === 'href' && /^[\w./%~-]+(#[\w.-]*)?$/.test(value)) return [[name, value]];
      const isKept = TEXT_ATTRIBUTES.test(name) || attributesArePlain(` ${name}="${value.replace(/[<>"]/g, '')}"`);
      return isKept ? [[name, value]] : [];
    })
    .filter(([name], i, all) => all.findIndex(([other]) => other === name) === i)
    // The value is as it stood between quotes: its character references stay.
    .map(([name, value]) => verbatim(` ${name}="${value.replace(/"/g, '&quot;').replace(/</g, '&lt;')}"`));
  return joinHtml(kept);
}
