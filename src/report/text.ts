import { joinText, type MultilineText } from '../notebook/document/ipynb';

/** A bundle's text, which nbformat may have split into lines. */
export function textOf(content: unknown): string {
  return typeof content === 'string' || Array.isArray(content) ? joinText(content as MultilineText) : '';
}
