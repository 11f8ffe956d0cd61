import type { Readable, Writable } from 'node:stream';

/** Whether colours may be written: to a terminal whose user has not turned them off (no-color.org). */
export function hasColours(stream: { readonly isTTY?: boolean }, { NO_COLOR: off = '' }: CommandIo['env']): boolean {
  return stream.isTTY === true && off === '';
}

/** Everything a command may touch outside its arguments; the command line passes the process's own, tests their own. */
export interface CommandIo {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Called with the exit code of a command that ran but whose answer is "no" (a failed check, a failed cell). */
  readonly exit: (code: number) => void;
}
