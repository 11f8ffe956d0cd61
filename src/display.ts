/** MIME type → content, as a Jupyter kernel sends it. */
export type MimeBundle = Record<string, unknown>;

/** The method by which an object says how a notebook shows it (Deno's convention, which this project's kernel follows). */
export const display: unique symbol = Symbol.for('Jupyter.display');

/** What a notebook shows richly when it is a cell's last value. */
export interface Displayable {
  /** What a notebook shows: MIME type → content. */
  [display](): MimeBundle;
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
