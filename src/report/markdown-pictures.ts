import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Cell } from '../notebook/document/ipynb';
import { pictureBytes } from './picture-data';

export interface MarkdownOptions {
  /** Names the folder of the pictures: `NAME_files`. */
  readonly name: string;
  /** The notebook's folder, from which local pictures are copied. Undefined copies none. */
  readonly folder?: string | undefined;
}

/** What the cells of one document share. */
export interface MarkdownFile extends MarkdownOptions {
  readonly files: Map<string, Uint8Array>;
  readonly language: string;
  /** The number of the cell, from 1. */
  at: number;
}

/**
 * Saves a local or attached picture.
 * @returns its new address; undefined where it lies on another machine or cannot be read
 */
export function savePicture(address: string, cell: Cell, context: MarkdownFile): string | undefined {
  const attached = /^attachment:(.*)$/.exec(address)?.[1];
  if (attached !== undefined) {
    const bundle = cell.attachments?.[decoded(attached)] ?? cell.attachments?.[attached];
    const [mime, content] = Object.entries(bundle ?? {})[0] ?? ['', ''];
    const found = pictureBytes(mime, content);
    return found && save(`${context.at}-${fileName(decoded(attached), found.extension)}`, found.bytes, context);
  }
  if (
    /^[a-z]+:|^\/\//i.test(address) ||
    context.folder === undefined ||
    !/^\.(png|jpe?g|gif|webp|avif|svg)$/i.test(extname(address))
  )
    return undefined;
  try {
    const name = fileName(decoded(address), extname(address).slice(1));
    return save(`${context.at}-${name}`, readFileSync(resolve(context.folder, decoded(address))), context);
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Replaces characters that an address would have to escape. */
function fileName(given: string, extension: string): string {
  const base = given.replace(/^.*[/\\]/, '').replace(/\.\w+$/, '');
  return `${base.replace(/[^\p{L}\p{N}._-]+/gu, '-')}.${extension.toLowerCase()}`;
}

export function save(name: string, bytes: Uint8Array, context: MarkdownFile): string {
  const place = `${fileName(context.name, 'x').slice(0, -2)}_files/${name}`;
  context.files.set(place, bytes);
  return place;
}
