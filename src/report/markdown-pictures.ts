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

/**
 * Saves a picture in the document's folder, which has the document's own name: those of “a b” and “a-b” or “v1.1” and “v1.2” are two.
 * @returns its address
 */
export function save(name: string, bytes: Uint8Array, context: MarkdownFile): string {
  const folder = `${context.name}_files`;
  const free = unlikeOthers(name, (other) => {
    const there = context.files.get(`${folder}/${other}`);
    return there === undefined || Buffer.compare(there, bytes) === 0;
  });
  context.files.set(`${folder}/${free}`, bytes);
  return [folder, free].map(inAddress).join('/');
}

/** `a.png`, or `a-2.png` where another picture has that name. */
function unlikeOthers(name: string, isFree: (name: string) => boolean): string {
  const extension = extname(name);
  const base = name.slice(0, name.length - extension.length);
  for (let n = 2, given = name; ; n++) {
    if (isFree(given)) return given;
    given = `${base}-${n}${extension}`;
  }
}

/** Parentheses would end an address in Markdown. */
const inAddress = (part: string): string => encodeURIComponent(part).replace(/\(/g, '%28').replace(/\)/g, '%29');
