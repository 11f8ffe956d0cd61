import { readFileSync, realpathSync } from 'node:fs';
import { extname, resolve, sep } from 'node:path';
import { html } from './markup';
import type { Picture } from './sanitise/text-html';

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
  /** Attachments of the cell being rendered: file name → data URI. */
  readonly attachments: Readonly<Record<string, string>>;
  /** Whether pictures outside that folder may be read too; a notebook from elsewhere could ask for any. */
  readonly trusted: boolean;
  readonly onError: (message: string, source: string) => void;
}

/**
 * A picture that text names, for a page that asks for nothing: files beside the notebook go into the page, what lies on
 * another machine becomes a link.
 */
export function findPicture(src: string, alt: string, context: PictureContext): Picture {
  const { folder, attachments, onError } = context;
  if (/^data:image\//.test(src)) return { src };
  if (/^(https?:)?\/\//i.test(src)) {
    const href = src.startsWith('//') ? `https:${src}` : src;
    return {
      instead: html`<a href="${href}">${alt || 'Picture'} (on ${hostOf(href)})</a>`,
    };
  }
  const attached = /^attachment:(.*)$/.exec(src)?.[1];
  // Of their own: every object has a `constructor`.
  const names = attached === undefined ? [] : [decode(attached), attached];
  const name = names.find((given) => Object.hasOwn(attachments, given));
  const data = name === undefined ? undefined : attachments[name];
  if (data !== undefined) return { src: data };
  const mime = MIME[extname(src.replace(/[?#].*$/, '')).toLowerCase()];
  const bytes = mime === undefined || folder === undefined ? undefined : read(resolve(folder, decode(src)), context);
  if (bytes) return { src: `data:${mime};base64,${bytes.toString('base64')}` };
  onError(`the picture ${src} cannot be read`, `![${alt}](${src})`);
  return { instead: html`<code class="maths-error" title="this picture cannot be read">${alt || src}</code>` };
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

function read(path: string, { folder = '', trusted }: PictureContext): Buffer | undefined {
  try {
    const isInside = trusted || realpathSync(path).startsWith(`${realpathSync(folder)}${sep}`);
    return isInside ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}
