import { UsageError } from '../errors';
import { RandomStream } from '../math/random';
import { type Options, type OptionValue, type Range, type SearchSettings, type SweepSpec, said } from './spec';

/** Significant digits of what is drawn: they are read, typed and compared. */
const DIGITS = 4;

/**
 * The drawn settings, each from a stream of its own: more draws keep those that are there. Random search is as in Bergstra and Bengio
 * (2012).
 *
 * @throws UsageError where there is nothing to draw
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
    // An integer's interval is that of all that is rounded to it, so that both ends are as likely as the rest.
    const margin = integer && !log ? 0.5 : 0;
    const [low, high] = log ? [Math.log(from), Math.log(to)] : [from - margin, to + margin];
    const at = low + (high - low) * stream.uniform();
    const value = log ? Math.exp(at) : at;
    return integer ? Math.min(Math.max(Math.round(value), from), to) : Number(value.toPrecision(DIGITS));
  }
  return range[stream.integer(range.length)] as OptionValue | null;
}

/** So many settings are trained so far. */
export interface Rung {
  readonly settings: number;
  readonly epochs: number;
}

/**
 * Successive halving (Jamieson and Talwalkar, 2016; one bracket of Hyperband, Li et al., 2018, algorithm 1): all n settings get R·η^−s
 * epochs, the best ⌊n/η⌋ go on to η times as many, and so on to R; s is the largest for which one setting is left and one epoch
 * there at the start.
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

/** The best of them, by index, in their own order; null stands for a setting that has no score, and is never among them. Less is better. */
export function best(scores: readonly (number | null)[], count: number): readonly number[] {
  const known = scores.flatMap((score, i) => (score === null || !Number.isFinite(score) ? [] : [{ score, i }]));
  const kept = known.sort((a, b) => a.score - b.score || a.i - b.i).slice(0, count);
  return kept.map(({ i }) => i).sort((a, b) => a - b);
}
