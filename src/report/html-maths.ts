import type { Html } from './markup';
import { type MathsContext, renderMaths } from './maths';
import { INLINE } from './shield';

const PART = new RegExp(`\\$\\$([^$]+)\\$\\$|(${INLINE})|\\\\\\((.+?)\\\\\\)|\\\\\\[([^]+?)\\\\\\]`, 'g');

/**
 * Text between two tags of HTML, with its maths typeset: Jupyter does that in outputs too, as in the headers of a table of
 * pandas. What KaTeX refuses may be no maths at all, and stays as it is.
 * @param text as it stands in HTML, character references included
 * @param place what stands for typeset maths
 */
export function withMaths(text: string, context: MathsContext, place: (made: Html) => string): string {
  if (!/[$\\]/.test(text)) return text;
  return text.replace(PART, (source, twice?: string, once?: string, round?: string, square?: string) => {
    const tex = decoded(twice ?? square ?? round ?? once?.slice(1, -1) ?? '');
    let isRefused = false;
    const onError = (): void => {
      isRefused = true;
    };
    const made = renderMaths(tex, twice !== undefined || square !== undefined, { ...context, onError });
    return isRefused ? source : place(made);
  });
}

const CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", nbsp: ' ' };

const decoded = (text: string): string =>
  text.replace(/&(lt|gt|amp|quot|#39|nbsp);/g, (_, name) => CHARACTERS[name] ?? '');

/** Elements in which MathJax, and so Jupyter, leaves text alone. */
export const VERBATIM_ELEMENTS: ReadonlySet<string> = new Set([
  'pre',
  'code',
  'kbd',
  'samp',
  'tt',
  'script',
  'style',
  'textarea',
]);

/** HTML in the text of a notebook, its tags untouched. */
export function withMathsBetweenTags(source: string, context: MathsContext, place: (made: Html) => string): string {
  let closed = '';
  return source.replace(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>|[^<]+/gi, (part, slash?: string, name?: string) => {
    if (name === undefined) return closed === '' ? withMaths(part, context, place) : part;
    if (slash === '/' && name.toLowerCase() === closed) closed = '';
    else if (slash === '' && closed === '' && VERBATIM_ELEMENTS.has(name.toLowerCase())) closed = name.toLowerCase();
    return part;
  });
}
