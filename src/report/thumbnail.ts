import type { Notebook } from '../notebook/document/ipynb';
import { pictureAddress } from './picture-data';
import { textOf } from './text';

/** The cell whose picture stands for its notebook in the index carries this tag. */
const TAG = 'thumbnail';
/** Characters of an address: larger pictures would make the index slower to open than the pages. */
const LARGEST = 150_000;
const MIMES = ['image/svg+xml', 'image/png', 'image/webp', 'image/jpeg'] as const;

/** The address of the picture that stands for a notebook: that of the tagged cell, else the first. */
export function thumbnailOf({ cells }: Notebook): string | undefined {
  const pictures = cells.flatMap((cell) => {
    if (cell.cell_type !== 'code') return [];
    const { tags } = cell.metadata as { readonly tags?: unknown };
    const tagged = Array.isArray(tags) && tags.includes(TAG);
    return cell.outputs.flatMap((output) => ('data' in output ? [{ tagged, address: addressOf(output.data) }] : []));
  });
  const small = pictures.filter(({ address }) => address !== undefined && address.length <= LARGEST);
  return (small.find(({ tagged }) => tagged) ?? small[0])?.address;
}

function addressOf(bundle: Readonly<Record<string, unknown>>): string | undefined {
  const mime = MIMES.find((type) => textOf(bundle[type]) !== '');
  return mime && pictureAddress(mime, bundle[mime]);
}
