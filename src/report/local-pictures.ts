import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { escapeHtml } from '../figures/display';
import type { Picture } from './raw-html';

const MIME: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.svg': 'image/svg+xml',
};

export interface PictureContext {
  /** Where the notebook lies; its pictures are named from there. Undefined where that is not known. */
  readonly folder: string | undefined;
  readonly onError: (message: string, source: string) => void;
}

/**
 * A picture that text names, for a page that asks for nothing: files beside the notebook go into the page, what lies on
 * another machine becomes a link.
 */
export function findPicture(src: string, alt: string, { folder, onError }: PictureContext): Picture {
  if (/^data:image\//.test(src)) return { src };
  if (/^(https?:)?\/\//i.test(src)) {
    const href = src.startsWith('//') ? `https:${src}` : src;
    return {
      instead: `<a href="${escapeHtml(href)}">${escapeHtml(alt || 'Picture')} (on ${escapeHtml(hostOf(href))})</a>`,
    };
  }
  const mime = MIME[extname(src.replace(/[?#].*$/, '')).toLowerCase()];
  const bytes = mime === undefined || folder === undefined ? undefined : read(resolve(folder, decode(src)));
  if (bytes) return { src: `data:${mime};base64,${bytes.toString('base64')}` };
  onError(`the picture ${src} cannot be read`, `![${alt}](${src})`);
  return { instead: `<code class="maths-error" title="this picture cannot be read">${escapeHtml(alt || src)}</code>` };
}

function hostOf(href: string): string {
  try {
    return new URL(href).host;
  } catch {
    return 'the network';
  }
}

function decode(text: string): string {
  const path = text.replace(/[?#].*$/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
