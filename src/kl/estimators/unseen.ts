import { nth } from '../../nth';
import type { KlProblem } from './problem';

/** A component of a smaller weight is rare. */
const RARE = 0.1;
/** A component that is expected in so few draws tells little of its part in the variance. */
const FEW = 10;
/** The hidden error, beside the reported one, from which on the reported one is too small by more than 12 %. */
export const SHARE = 0.5;

/** Draws from which on a variance can be known, by the kurtosis of the terms. */
export function timesEnough(kurtosis: number): number {
  return FEW * kurtosis;
}

/** Whether draws may have too few of a component of this weight. */
export function mayBeUnseen(weight: number, samples: number): boolean {
  return weight < RARE && weight * samples < FEW;
}

/** What components of q that may not have been drawn add to the variance of a term. */
export interface Unseen {
  /** The square root of Σ w_i d_i². */
  readonly deviation: number;
  /** Draws from which on the variance can be known. */
  readonly needed: number;
  /** The component that adds most. */
  readonly largest: number;
}

/**
 * @param weights w_i of the components that may be unseen
 * @param deviations d_i: how far each one's mean lies from that of all, in nats
 * @returns null where `samples` are enough, or nothing is added
 */
export function unseen(weights: readonly number[], deviations: readonly number[], samples: number): Unseen | null {
  // Beside the largest, whose square may be beyond every float.
  const scale = Math.max(...deviations.map(Math.abs));
  const relative = deviations.map((d) => (Math.abs(d) === scale ? 1 : d / scale));
  const parts = relative.map((d, i) => nth(weights, i) * d * d);
  const squares = parts.reduce((sum, part) => sum + part, 0);
  const fourths = relative.reduce((sum, d, i) => sum + nth(parts, i) * d * d, 0);
  const needed = timesEnough(fourths / squares ** 2);
  if (!(scale > 0 && samples < needed)) return null;
  return { deviation: scale * Math.sqrt(squares), needed, largest: parts.indexOf(Math.max(...parts)) };
}

/**
 * How many components of q can be looked at in the time there is: at least one.
 * @param time nanoseconds, about
 * @param each what one component takes for each component of q and of p, by the dimension and whether covariances are full
 */
export function affordable(
  { q, qs, ps }: KlProblem,
  time: number,
  each: (d: number, isFull: boolean) => number,
): number {
  const all = [...qs.components, ...ps.components];
  const isFull = all.some(({ kind }) => kind === 'full');
  return Math.max(1, Math.floor(time / (each(q.dimension, isFull) * all.length)));
}

/** A number in a sentence: two digits. */
export function about(x: number): string {
  const rounded = Number(x.toPrecision(2));
  const size = Math.abs(rounded);
  return size >= 1e5 || (size < 1e-3 && size > 0) ? rounded.toExponential().replace('e+', 'e') : String(rounded);
}
