import { NoClosedFormError } from '../../distributions/no-closed-form';
import { InvalidArgumentError, UsageError } from '../../errors';
import type { Found, Way } from '../../kl/find';
import type { Quantity } from '../../kl/quantity';
import type { CommandIo } from '../io';
import { printAnswer } from './answer';
import { type Asked, asksForEstimate, estimateOptions } from './options';

/** Has the quantity computed in the way asked for, and prints it. */
export async function compute(quantity: Quantity, asked: Asked, io: CommandIo): Promise<void> {
  const { find } = await import('../../kl/find.js');
  const onProgress = progress(io);
  const { threads } = asked;
  let found: Found;
  try {
    const drawing = { threads, signal: io.signal, now: io.now, onProgress };
    found = await find(quantity, wayOf(asked), { ...estimateOptions(asked), ...drawing });
  } catch (error) {
    if (!io.signal.aborted) throw explained(error, quantity);
    io.stderr.write(`${io.stderr.isTTY ? '\n' : ''}gmm-vae: interrupted\n`);
    io.exit(130);
    return;
  }
  printAnswer(quantity.symbol, found, asked, io);
}

const DRAWS_NOTHING: ReadonlySet<Way> = new Set<Way>(['closed-form', 'quadrature', 'bounds']);

/** An estimator, a target or a confidence asks for an estimate whatever else there is. */
function wayOf(asked: Asked): Way {
  const { method, samples } = asked;
  if (samples !== undefined && DRAWS_NOTHING.has(method))
    throw new UsageError(`--samples: --method ${method} draws nothing; leave it out, or use monte-carlo or auto`);
  if (!asksForEstimate(asked) || method === 'monte-carlo') return method;
  if (method === 'auto') return 'estimate';
  throw new UsageError(`--estimator, --target-error and --confidence are for --method monte-carlo, got ${method}`);
}

const INSTEAD = 'use auto, monte-carlo, bounds or (up to 3 dimensions) quadrature';

/** What the command line itself cannot tell of who typed flags: `--samples` is two options of an estimate. */
function explained(error: unknown, { withoutClosedForm }: Quantity): unknown {
  if (error instanceof NoClosedFormError)
    return new UsageError(`--method closed-form: ${withoutClosedForm}; ${INSTEAD}`);
  const isMaxSamples = error instanceof InvalidArgumentError && error.argument === 'maxSamples';
  return isMaxSamples ? new UsageError(`--samples: ${error.problem}`) : error;
}

/** Shows the fraction drawn, on a terminal and after the first second. */
function progress(io: CommandIo): (fraction: number) => void {
  const started = io.now();
  let said = started;
  return (fraction) => {
    const done = fraction === 1;
    if (!io.stderr.isTTY || io.now() - started < 1000 || (io.now() - said < 200 && !done)) return;
    said = io.now();
    const text = `${(100 * fraction).toFixed(0)}% of the draws planned`;
    io.stderr.write(done ? `\r${' '.repeat(text.length + 2)}\r` : `\r${text} `);
  };
}
