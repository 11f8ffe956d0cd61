import { UsageError } from '../errors';
import { RandomStream } from '../math/random';
import { nth } from '../nth';
import { type Options, type OptionValue, type Range, type SearchSettings, type SweepSpec, said } from './spec';

/** The significant digits of a drawn number, which people read and type. An interval that is narrow beside its ends takes more. */
const DIGITS = 4;

/**
 * Draws settings for a random search (Bergstra and Bengio, 2012). Each draw has its own stream, so that more draws keep the earlier ones.
 *
 * @throws UsageError if there is nothing to draw
 */
export function drawSettings({ ranges, search: { draws, seed } }: SweepSpec): readonly Options[] {
  if (Object.keys(ranges).length === 0) throw new UsageError('ranges: a search needs some to draw from');
  return Array.from({ length: draws }, (_, i) =>
    said(
      Object.entries(ranges).map(([name, range]) => [
        name,
        drawOne(range, RandomStream.of(seed, `sweep/${name}/${i}`)),
      ]),
    ),
  );
}

function drawOne(range: Range, stream: RandomStream): OptionValue | null {
  if ('from' in range) {
    const { from, to, log, integer } = range;
    // What is rounded to an integer lies half a step to either side of it: at both ends too, which would be drawn too seldom.
    const margin = integer ? 0.5 : 0;
    const [least, most] = [from - margin, to + margin];
    const [low, high] = log ? [Math.log(least), Math.log(most)] : [least, most];
    const at = low + (high - low) * stream.uniform();
    const value = log ? Math.exp(at) : at;
    const rounded = integer ? Math.round(value) : Number(value.toPrecision(DIGITS + sharedDigits(from, to)));
    return Math.min(Math.max(rounded, from), to);
  }
  return nth(range, stream.integer(range.length));
}

/** How many leading digits the numbers of an interval have in common, about. */
function sharedDigits(from: number, to: number): number {
  return Math.max(0, Math.floor(Math.log10(Math.max(Math.abs(from), Math.abs(to)) / (to - from))));
}

/** How many settings are trained, and for how many epochs in total. */
export interface Rung {
  readonly settings: number;
  readonly epochs: number;
}

/**
 * Plans successive halving (Jamieson and Talwalkar, 2016; one bracket of Hyperband, Li et al., 2018, algorithm 1). All n settings get
 * R·η^−s epochs, the best ⌊n/η⌋ go on to η times as many, and so on up to R. s is as large as n and R allow, with at least one setting at
 * the end and one epoch at the start.
 *
 * @param epochs R
 */
export function rungsOf({ draws, factor }: Pick<SearchSettings, 'draws' | 'factor'>, epochs: number): readonly Rung[] {
  const power = (k: number) => factor ** k;
  let s = 0;
  while (power(s + 1) <= draws && power(s + 1) <= epochs) s++;
  return Array.from({ length: s + 1 }, (_, k) => ({
    settings: Math.floor(draws / power(k)),
    epochs: k === s ? epochs : Math.floor(epochs / power(s - k)),
  }));
}

/** Returns the indices of the lowest scores in ascending order. A setting without a score (null) is never among them. */
export function best(scores: readonly (number | null)[], count: number): readonly number[] {
  const known = scores.flatMap((score, i) => (score === null || !Number.isFinite(score) ? [] : [{ score, i }]));
  const kept = known.sort((a, b) => a.score - b.score || a.i - b.i).slice(0, count);
  return kept.map(({ i }) => i).sort((a, b) => a - b);
}
