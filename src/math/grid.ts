import { InvalidArgumentError, shown } from '../errors';

/**
 * `count` equally spaced numbers from `from` to `to`, both included exactly.
 *
 * @example
 * ```ts
 * import { linspace } from 'gmm-vae';
 *
 * linspace(0, 1, 5); // [0, 0.25, 0.5, 0.75, 1]
 * ```
 */
export function linspace(from: number, to: number, count: number): number[] {
  checkNumber('from', from);
  checkNumber('to', to);
  checkCount(count);
  const step = to - from;
  // As a weighted mean where the distance between the ends, or what it is multiplied by, exceeds every float.
  const at = Number.isFinite(step * (count - 1))
    ? (i: number) => from + (step * i) / (count - 1)
    : (i: number) => from * (1 - i / (count - 1)) + to * (i / (count - 1));
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? to : at(i)));
}

/**
 * `count` numbers from `from` to `to`, both positive and included, with a constant ratio between neighbours.
 *
 * @example
 * ```ts
 * import { logspace } from 'gmm-vae';
 *
 * logspace(1, 1000, 4); // [1, 10.0, 100.0, 1000]
 * ```
 */
export function logspace(from: number, to: number, count: number): number[] {
  checkNumber('from', from);
  checkNumber('to', to);
  if (!(from > 0)) throw new InvalidArgumentError('from', `expected a number > 0, got ${from}`);
  if (!(to > 0)) throw new InvalidArgumentError('to', `expected a number > 0, got ${to}`);
  return linspace(Math.log(from), Math.log(to), count).map((value, i) =>
    i === 0 ? from : i === count - 1 ? to : Math.exp(value),
  );
}

function checkNumber(argument: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new InvalidArgumentError(argument, `expected a finite number, got ${shown(value)}`);
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 2) {
    throw new InvalidArgumentError('count', `expected an integer ≥ 2, got ${shown(count)}`);
  }
}
