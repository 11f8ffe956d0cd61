import { InvalidArgumentError, UsageError } from '../../errors';
import type { KlEstimator } from '../../kl/estimate-kl';
import type { Threads } from '../../threads/thread-count';
import type { CommandIo } from '../io';

/**
 * Draws until the estimation is done, and shows how far it is. False when the user interrupted it: all that is left to do is to
 * leave.
 */
export async function drawn(estimation: KlEstimator, threads: Threads, io: CommandIo): Promise<boolean> {
  const { drawInParallel } = await import('../../kl/estimate-in-parallel.js');
  const report = progress(io);
  try {
    await drawInParallel(estimation, { threads, signal: io.signal, now: io.now, onProgress: report });
    return true;
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new UsageError(`--${error.message}`);
    if (!io.signal.aborted) throw error;
    io.stderr.write(`${io.stderr.isTTY ? '\n' : ''}gmm-vae: interrupted\n`);
    io.exit(130);
    return false;
  }
}

/** Shows how far the drawing is, on a terminal and after the first second. */
function progress(io: CommandIo): (estimation: KlEstimator) => void {
  const started = io.now();
  let said = started;
  return ({ done, progress: part }) => {
    if (!io.stderr.isTTY || io.now() - started < 1000 || (io.now() - said < 200 && !done)) return;
    said = io.now();
    const text = `${(100 * part).toFixed(0)}% of the draws planned`;
    io.stderr.write(done ? `\r${' '.repeat(text.length + 2)}\r` : `\r${text} `);
  };
}
