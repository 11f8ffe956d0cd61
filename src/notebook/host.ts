import type { MimeBundle } from '../display';
import type { Program } from '../live/program';

/** What the kernel lends to library code that runs inside one of its cells. */
export interface NotebookHost {
  display(data: MimeBundle, options: DisplayOptions): void;
  clearOutput(wait: boolean): void;
  /** Aborted when the user interrupts the cell that is running. */
  readonly signal: AbortSignal;
  readonly comms: CommHost;
  /** Whether cells run for a saved notebook or a report, with nobody to move a control. */
  readonly isUnattended: boolean;
  /** Runs code whose outputs nobody is to see: prints, and what it displays. */
  quietly<T>(body: () => T): T;
  /** A function of a cell as data for a page, or why it is none, in one line. */
  carry(fn: (...args: never) => unknown): Program | { readonly reason: string };
}

export interface DisplayOptions {
  readonly displayId?: string;
  readonly update?: boolean;
  /** The output's metadata: for who draws it, not for who reads it. */
  readonly metadata?: object;
}

/** Comms of Jupyter's protocol: named channels between code of a cell and what draws for it in the front end. */
export interface CommHost {
  /** Opens a comm at the front end, in the name of the running cell. */
  open(target: string, data: object, metadata?: object): Comm;
  /** Runs `callback` in order with the cells, once, after the messages that have arrived by now. */
  schedule(callback: Callback): void;
  /** The errors that a callback may throw, as the kernel tells them: name, message and place. */
  describe(thrown: unknown): CallbackError;
}

export interface Comm {
  readonly id: string;
  send(data: object): void;
  close(): void;
  /** Receives what the front end sends. */
  onMessage: (data: Readonly<Record<string, unknown>>) => void;
  /** The front end has closed it. */
  onClose: () => void;
  /** Its messages do not wait for the running cell: a button that stops it. */
  urgent: boolean;
}

/** Code of a cell that runs again when a reader asks for it. */
export interface Callback {
  /** The callback. If it returns a promise, that is waited for. */
  readonly run: () => unknown;
  /** What `run` has thrown, an interrupt included. */
  readonly failed: (error: CallbackError) => void;
}

export interface CallbackError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
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
