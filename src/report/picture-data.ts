import { textOf } from './text';

/** Pictures that a page carries inside; every other type stays out of its addresses. */
const PIXELS: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);
const SVG = 'image/svg+xml';
/**
 * A picture of a notebook's bundle as the address of an `img`: base64 for pixels, text for SVG.
 * @returns undefined where the type is no picture's, or what should be base64 is not
 */
export function pictureAddress(mime: string, content: unknown): string | undefined {
  const text = textOf(content);
  if (mime === SVG) return `data:${SVG};base64,${Buffer.from(text).toString('base64')}`;
  const base64 = text.replace(/\s+/g, '');
  return PIXELS.has(mime) && isBase64(base64) ? `data:${mime};base64,${base64}` : undefined;
}

/** Four characters stand for three bytes; padding may be left out. */
function isBase64(text: string): boolean {
  const body = text.replace(/={1,2}$/, '');
  const padding = text.length - body.length;
  return (
    body !== '' && !/[^A-Za-z0-9+/]/.test(body) && body.length % 4 !== 1 && (padding === 0 || text.length % 4 === 0)
  );
}

/** A picture of a notebook's bundle as a file; undefined where {@link pictureAddress} is. */
export function pictureBytes(
  mime: string,
  content: unknown,
): { readonly bytes: Uint8Array; readonly extension: string } | undefined {
  const address = textOf(content) === '' ? undefined : pictureAddress(mime, content);
  if (address === undefined) return undefined;
  const extension = mime
    .replace(/^image\//, '')
    .replace(/\+xml$/, '')
    .replace('jpeg', 'jpg');
  return { bytes: Buffer.from(address.slice(address.indexOf(',') + 1), 'base64'), extension };
}
