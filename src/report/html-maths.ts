import type { Html } from './markup';
import { type MathsContext, renderMaths } from './maths';
import { INLINE } from './shield';

const PART = new RegExp(`\\$\\$([^$]+)\\$\\$|(${INLINE})|\\\\\\((.+?)\\\\\\)|\\\\\\[([^]+?)\\\\\\]`, 'g');

/**
 * Typesets the maths in text between two tags, as Jupyter does in outputs too (headers of pandas tables). Text that KaTeX
 * refuses stays as it is: it may not be maths.
 * @param text with its character references
 * @param place turns typeset maths into the text that stands for it
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

/** Elements whose text MathJax, and so Jupyter, does not typeset. */
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

/** Typesets the maths in HTML and leaves its tags alone. */
export function withMathsBetweenTags(source: string, context: MathsContext, place: (made: Html) => string): string {
  let closed = '';
  return source.replace(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>|[^<]+/gi, (part, slash?: string, name?: string) => {
    if (name === undefined) return closed === '' ? withMaths(part, context, place) : part;
    if (slash === '/' && name.toLowerCase() === closed) closed = '';
    else if (slash === '' && closed === '' && VERBATIM_ELEMENTS.has(name.toLowerCase())) closed = name.toLowerCase();
    return part;
  });
}
