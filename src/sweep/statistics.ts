import { Moments } from '../math/moments';
import { studentQuantile } from '../math/student';

/** The confidence level of the intervals in tables and figures. */
const CONFIDENCE = 0.95;

/** A mean over repetitions. Fields that need two repetitions are null for a single one. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  readonly standardError: number | null;
  /** The mean's interval at 95 %, by Student's t with n − 1 degrees of freedom. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** Returns null if there are no values. */
export function spreadOf(values: Iterable<number>): Spread | null {
  const moments = new Moments();
  for (const value of values) moments.push(value);
  const { count, mean, standardError } = moments;
  if (count === 0) return null;
  if (standardError === null) return { n: count, mean, standardError, interval: null };
  const half = studentQuantile((1 + CONFIDENCE) / 2, count - 1) * standardError;
  return { n: count, mean, standardError, interval: [mean - half, mean + half] };
}
