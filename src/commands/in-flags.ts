import type { Command } from 'commander';
import { InvalidArgumentError } from '../errors';

/**
 * The same error in the words of who typed flags: what the library calls `batchSize` is `--batch-size` here. Other errors, and
 * arguments that are no option of the command, stay as they are.
 */
export function inFlags(error: unknown, command: Command | undefined): unknown {
  if (!(error instanceof InvalidArgumentError)) return error;
  const option = command?.options.find((one) => one.attributeName() === error.argument);
  if (option?.long === undefined) return error;
  const renamed = new InvalidArgumentError(option.long, error.problem);
  if (error.stack !== undefined) renamed.stack = error.stack.replace(error.message, renamed.message);
  return renamed;
}
