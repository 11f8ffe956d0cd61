import type { MimeBundle } from '../display';

/** What the kernel lends to library code that runs inside one of its cells. */
export interface NotebookHost {
  display(data: MimeBundle, options: { readonly displayId?: string; readonly update?: boolean }): void;
  clearOutput(wait: boolean): void;
  /** Aborted when the user interrupts the cell that is running. */
  readonly signal: AbortSignal;
}

const HOST: unique symbol = Symbol.for('gmm-vae.notebook-host');

type WithHost = { [HOST]?: NotebookHost };

/** The kernel this code runs in, or null in a plain Node process. */
export function notebookHost(): NotebookHost | null {
  return (globalThis as WithHost)[HOST] ?? null;
}

export function provideNotebookHost(host: NotebookHost): void {
  (globalThis as WithHost)[HOST] = host;
}
