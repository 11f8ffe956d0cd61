import { Moments } from './moments';

/**
 * The mean of a sample, its spread and the standard error of the mean.
 *
 * @example
 * ```ts
 * import { summarize, type Summary } from 'gmm-vae';
 *
 * const seeds: Summary = summarize([-91.2, -90.8, -91.5]);
 * `${seeds.mean.toFixed(2)} ± ${seeds.standardError?.toFixed(2)}`; // '-91.17 ± 0.20'
 * ```
 */
export interface Summary {
  readonly count: number;
  /** NaN for no values. */
  readonly mean: number;
  /** The sample standard deviation, with divisor n − 1; null for fewer than two values, and where one is not finite. */
  readonly standardDeviation: number | null;
  /** The standard error of the mean; null where the standard deviation is. */
  readonly standardError: number | null;
}

/**
 * Mean, standard deviation (ddof 1) and standard error of the mean.
 *
 * @example
 * ```ts
 * import { summarize } from 'gmm-vae';
 *
 * summarize([1, 2, 3, 4]); // { count: 4, mean: 2.5, standardDeviation: 1.29099, standardError: 0.645497 }
 * summarize([1]).standardError; // null
 * ```
 */
export function summarize(values: ArrayLike<number>): Summary {
  const unit = unitOf(values);
  const moments = new Moments();
  for (let i = 0; i < values.length; i++) moments.push(values[i]! / unit);
  const { count, mean, variance, standardError } = moments;
  return {
    count,
    mean: mean * unit,
    standardDeviation: variance === null ? null : Math.sqrt(variance) * unit,
    standardError: standardError === null ? null : standardError * unit,
  };
}

/** A power of two, by which dividing costs no digit, in which squares and differences neither overflow nor vanish; 1 as a rule. */
function unitOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  if (!(largest > 0 && largest < Infinity) || (largest > 2 ** -300 && largest < 2 ** 300)) return 1;
  return 2 ** Math.max(-1022, Math.floor(Math.log2(largest)));
}
