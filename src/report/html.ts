import { type Html, verbatim } from './markup';

/** JSON for the inside of a `<script>`: no text in it can end the script or open a comment. */
export function scriptJson(value: unknown): Html {
  const json = JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
  return verbatim(json);
}

/** Classes that authors give mean nothing here, and must not be taken for the page's own: `toc` becomes `nb-toc`. */
export function pageClass(names: string): string {
  return names
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => (name === 'number' ? name : `nb-${name}`))
    .join(' ');
}
