import { Moments } from './moments';

export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** The sample standard deviation, with divisor n − 1; null for a single value. */
  readonly standardDeviation: number | null;
  /** The standard error of the mean; null for a single value. */
  readonly standardError: number | null;
}

/** Mean, standard deviation (ddof 1) and standard error of the mean. */
export function summarize(values: ArrayLike<number>): Summary {
  const moments = new Moments();
  for (let i = 0; i < values.length; i++) moments.push(values[i]!);
  const { count, mean, variance, standardError } = moments;
  return { count, mean, standardDeviation: variance === null ? null : Math.sqrt(variance), standardError };
}
