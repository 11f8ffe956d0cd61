import type MarkdownIt from 'markdown-it';
import { escapeHtml } from '../figures/display';
import { attributesArePlain, ELEMENTS, VOID_ELEMENTS } from './html';

/** Beyond what outputs may set among the page's elements, what people write into text. */
const TEXT_ELEMENTS = new Set([
  ...ELEMENTS,
  ...'h1 h2 details summary kbd mark center font u s del ins abbr cite dfn q samp var big tt blockquote section'.split(
    ' ',
  ),
]);
const TEXT_VOIDS = new Set([...VOID_ELEMENTS, 'wbr']);
const TEXT_ATTRIBUTES = /^(id|name|color|align|valign|border|open|start|target|rel)$/;
/** Ids that the page's own script looks for. */
const TAKEN = /^(content|plotly)$/;
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*\/?>/giy;
const ATTRIBUTE = /([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

/** What becomes of a picture's address: the address the page uses, or the HTML that stands in its place. */
export type Picture = { readonly src: string } | { readonly instead: string };

/** Elements that HTML in the text has opened and not closed, per block they stand in. */
type Open = string[][];

/**
 * HTML in the text of a notebook may mark up text, and nothing else: tags that run, load or style are shown as text, and
 * every element ends in the block in which it begins. So text can neither break the page nor run before a click.
 */
export function tameHtml(state: MarkdownIt.StateCore, picture: (src: string, alt: string) => Picture): void {
  state.tokens = tameTokens(state.tokens, state, picture);
}

type Token = MarkdownIt.Token;

function tameTokens(
  tokens: readonly Token[],
  state: MarkdownIt.StateCore,
  picture: (src: string, alt: string) => Picture,
): Token[] {
  const open: Open = [[]];
  const tamed: Token[] = [];
  const closeBlock = (): void => {
    const left = open.pop() ?? [];
    if (left.length > 0)
      tamed.push(
        htmlToken(
          left
            .reverse()
            .map((name) => `</${name}>`)
            .join(''),
          state,
        ),
      );
  };
  for (const token of tokens) {
    if (token.nesting === 1) open.push([]);
    else if (token.nesting === -1) closeBlock();
    if (token.type === 'html_block' || token.type === 'html_inline') {
      tamed.push(htmlToken(tameText(token.content, open.at(-1) ?? [], picture), state));
    } else {
      if (token.children) token.children = tameTokens(token.children, state, picture);
      tamed.push(token);
    }
  }
  closeBlock();
  return tamed;
}

function htmlToken(content: string, state: MarkdownIt.StateCore): Token {
  const token = new state.Token('html_inline', '', 0);
  token.content = content;
  return token;
}

function tameText(source: string, open: string[], picture: (src: string, alt: string) => Picture): string {
  const html = source.replace(/<!--[\s\S]*?(?:-->|$)/g, '');
  let tamed = '';
  let at = 0;
  while (at < html.length) {
    const next = html.indexOf('<', at);
    if (next < 0) break;
    tamed += html.slice(at, next);
    TAG.lastIndex = next;
    const match = TAG.exec(html);
    tamed += match ? tameTag(match, open, picture) : '&lt;';
    at = next + (match?.[0].length ?? 1);
  }
  return tamed + html.slice(at);
}

function tameTag(
  [tag, slash, given = '', attributes = '']: RegExpExecArray,
  open: string[],
  picture: (src: string, alt: string) => Picture,
): string {
  const name = given.toLowerCase();
  if (name === 'img' && slash === '') return tamePicture(attributes, picture);
  if (TEXT_VOIDS.has(name)) return slash === '' ? `<${name}${keptAttributes(attributes)}>` : '';
  if (!TEXT_ELEMENTS.has(name)) return escapeHtml(tag);
  if (slash === '') {
    open.push(name);
    return `<${name}${keptAttributes(attributes)}>`;
  }
  if (open.at(-1) !== name) return '';
  open.pop();
  return `</${name}>`;
}

function tamePicture(attributes: string, picture: (src: string, alt: string) => Picture): string {
  const given = new Map(attributesOf(attributes));
  const found = picture(given.get('src') ?? '', given.get('alt') ?? '');
  if ('instead' in found) return found.instead;
  const others = attributes.replace(/(^|\s)(src|alt)\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+)/gi, '');
  return `<img src="${escapeHtml(found.src)}" alt="${escapeHtml(given.get('alt') ?? '')}"${keptAttributes(others)}>`;
}

function attributesOf(text: string): [name: string, value: string][] {
  return [...text.matchAll(ATTRIBUTE)].map(([, name = '', a, b, c]) => [name.toLowerCase(), a ?? b ?? c ?? '']);
}

function keptAttributes(text: string): string {
  return attributesOf(text)
    .filter(([name, value]) => {
      if (name === 'id' || name === 'name') return !TAKEN.test(value);
      if (name === 'href' && /^[\w./%~-]+(#[\w.-]*)?$/.test(value)) return true;
      return TEXT_ATTRIBUTES.test(name) || attributesArePlain(` ${name}="${value.replace(/[<>"]/g, '')}"`);
    })
    .map(([name, value]) => ` ${name}="${value.replace(/"/g, '&quot;').replace(/</g, '&lt;')}"`)
    .join('');
}
