/**
 * What the caller gave cannot be used. The message is one line: which argument (with its index), what was expected and
 * what was given, e.g. `p.stddev[2]: expected a finite number > 0, got 0`.
 *
 * @example
 * ```ts
 * import { InvalidArgumentError, Normal } from 'gmm-vae';
 *
 * try {
 *   new Normal(0, -1);
 * } catch (error) {
 *   if (error instanceof InvalidArgumentError) console.error(error.message);
 * }
 * new Normal(0, -1); // throws InvalidArgumentError
 * ```
 */
export class InvalidArgumentError extends Error {
  override readonly name = 'InvalidArgumentError';

  constructor(
    /** The argument at fault, with its index: `stddev[2]`, `p.components[0].covariance`. */
    readonly argument: string,
    /** What was expected and what was given, without the argument's name. */
    readonly problem: string,
  ) {
    super(`${argument}: ${problem}`);
  }

  /** The same error seen from a caller in whose argument `prefix` the fault lies. */
  within(prefix: string): InvalidArgumentError {
    return new InvalidArgumentError(`${prefix}.${this.argument}`, this.problem);
  }
}

/**
 * A failure the user can fix: the command line prints its one-line message and exits with code 2.
 *
 * @example
 * ```ts
 * import { loadImages } from 'gmm-vae';
 *
 * loadImages('no-such-folder'); // throws UsageError
 * ```
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A value as an error message shows it: short, and telling 1 from "1". */
export function shown(value: unknown): string {
  if (typeof value === 'number' || value === undefined || value === null) return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 30 ? `${value.slice(0, 30)}…` : value);
  if (isArrayLike(value)) return `an array of ${value.length}`;
  return `a value of type ${typeof value}`;
}

export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
