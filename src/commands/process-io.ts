import type { CommandIo } from './io';

/** What progress bars take away: the cursor, and the wrapping of long lines. */
const TERMINAL_AS_IT_WAS = '\u001b[?25h\u001b[?7h';

/** The process as commands see it: its streams, and Ctrl-C as a signal to end in good order. */
export function processIo(process: NodeJS.Process): Omit<CommandIo, 'exit'> {
  outliveReaders(process);
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, cwd: process.cwd(), now: Date.now, signal: interruption(process) };
}

/**
 * Work goes on when nobody reads what it prints, as in `gmm-vae run --json | head`: its results are on the disk. Where
 * output is lost that somebody waits for, as in a file on a full disk, the command says so and fails.
 */
function outliveReaders(process: NodeJS.Process): void {
  const { stdout, stderr } = process;
  stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || process.exitCode === 2) return;
    process.exitCode = 2;
    stderr.write(`gmm-vae: standard output: cannot be written: ${message}\n`);
  });
  stderr.on('error', () => {});
}

/** Aborted by the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function interruption(process: NodeJS.Process): AbortSignal {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const receive = (): void => {
      if (!abort.signal.aborted) {
        abort.abort(signal);
        return;
      }
      if (process.stderr.isTTY) process.stderr.write(TERMINAL_AS_IT_WAS);
      process.off(signal, receive);
      process.kill(process.pid, signal);
    };
    process.on(signal, receive);
  }
  return abort.signal;
}
