import { InvalidArgumentError } from '../../errors';

/** More than any machine's cores; ONNX Runtime starts as many as it is told, and never ends starting a hundred thousand. */
export const MOST_THREADS = 1024;

/** @throws InvalidArgumentError unless it is undefined or an integer from 1 to 1024 */
export function checkThreads(threads: number | undefined): void {
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) return;
  throw new InvalidArgumentError('threads', `expected an integer from 1 to ${MOST_THREADS}, got ${threads}`);
}
