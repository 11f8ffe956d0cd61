import { type Html, verbatim } from './markup';

/** JSON for the inside of a `<script>`: no text in it can end the script or open a comment. */
export function scriptJson(value: unknown): Html {
  const json = JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
  return verbatim(json);
}

/** Elements that only mark up text; each must be closed. */
export const ELEMENTS: ReadonlySet<string> = new Set(
  'table caption thead tbody tfoot tr th td p div span b i em strong small sub sup code pre ul ol li dl dt dd h3 h4 h5 h6 a figure figcaption'.split(
    ' ',
  ),
);
export const VOID_ELEMENTS: ReadonlySet<string> = new Set(['br', 'hr', 'img']);
const ATTRIBUTES = /^(class|scope|colspan|rowspan|title|lang|dir|style|href|src|alt|width|height)$/;
/** Properties of style that leave an element in its place. */
const LOOKS = new RegExp(
  `^(${[
    ...['text-[a-z-]+', 'font(-[a-z]+)?', 'line-height', 'letter-spacing', 'white-space', 'vertical-align', 'color'],
    ...[
      'background(-color)?',
      'border(-[a-z-]+)?',
      'padding(-[a-z]+)?',
      'margin(-[a-z]+)?',
      'opacity',
      'image-rendering',
    ],
    ...['(min-|max-)?(width|height)', 'display', 'float', 'clear', 'overflow(-[a-z]+)?', 'list-style(-[a-z]+)?'],
    ...['flex(-[a-z]+)?', 'gap', 'align-items', 'justify-content'],
  ].join('|')})$`,
  'i',
);
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>/giy;

/**
 * Whether HTML from an output is text markup alone: known elements, properly nested, nothing that runs, loads or reaches
 * outside its place. Only then is it safe to set among the page's own elements; everything else gets a frame of its own.
 */
export function isPlainHtml(html: string): boolean {
  const open: string[] = [];
  let at = 0;
  while (at < html.length) {
    const next = html.indexOf('<', at);
    if (next < 0) break;
    TAG.lastIndex = next;
    const match = TAG.exec(html);
    if (!match) return false;
    const [tag, slash, name = '', attributes = ''] = match;
    const element = name.toLowerCase();
    if (!attributesArePlain(attributes)) return false;
    if (slash === '/') {
      if (open.pop() !== element) return false;
    } else if (ELEMENTS.has(element)) open.push(element);
    else if (!VOID_ELEMENTS.has(element)) return false;
    at = next + tag.length;
  }
  return open.length === 0;
}

export function attributesArePlain(attributes: string): boolean {
  for (const [, given = '', value = ''] of attributes.matchAll(/([a-z-]+)(?:="([^"<>]*)")?/gi)) {
    const name = given.toLowerCase();
    if (!ATTRIBUTES.test(name)) return false;
    if (name === 'href' && !/^(https?:|#)/.test(value)) return false;
    if (name === 'src' && !/^data:image\/(png|jpeg|gif|webp);base64,[\w+/=]*$/.test(value)) return false;
    if (name === 'style' && !value.split(';').every(staysInPlace)) return false;
  }
  return true;
}

/** No declaration moves anything over its neighbours, by a position or by a negative length, or loads anything. */
function staysInPlace(declaration: string): boolean {
  if (declaration.trim() === '') return true;
  const [property = '', ...values] = declaration.split(':').map((part) => part.trim());
  const value = values.join(':');
  return LOOKS.test(property) && /^[\w\s.%#,-]+$/.test(value) && !/(^|[\s,])-/.test(value);
}

/** Classes that authors give mean nothing here, and must not be taken for the page's own: `toc` becomes `nb-toc`. */
export function pageClass(names: string): string {
  return names
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => (name === 'number' ? name : `nb-${name}`))
    .join(' ');
}

/** Plain HTML with the classes of {@link pageClass}. */
export function withPageClasses(html: string): string {
  return html.replace(new RegExp(TAG, 'gi'), (tag) =>
    tag.replace(/\sclass="([^"]*)"/gi, (_, names: string) => ` class="${pageClass(names)}"`),
  );
}
