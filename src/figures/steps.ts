import { fixed } from '../words';
import { formatValue } from './table';

/** The largest of 1, 2 and 5 times a power of ten that is not above the value, for contours at numbers that a reader expects. */
export function stepOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return power * Math.max(...[1, 2, 5].filter((factor) => factor * power <= most));
}

/** `47 %`, `99.6 %`: never 0 % or 100 % for what is some, or not all. */
export function percentOf(share: number): string {
  const percent = 100 * share;
  for (let decimals = 0; decimals < 4; decimals++) {
    const text = percent.toFixed(decimals);
    const isRounded = (end: number): boolean => Number(text) === end && percent !== end;
    if (!isRounded(0) && !isRounded(100)) return `${text} %`;
  }
  return percent > 50 ? 'more than 99.999 %' : 'less than 0.001 %';
}

/** `0.25`, `−1`: numbers with as few decimals as tell them apart, two at least where they are not whole. */
export function toldApart(values: readonly number[]): string[] {
  for (let decimals = 2; decimals < 12; decimals++) {
    const texts = values.map((value) => fixed(value, decimals));
    if (new Set(texts).size === new Set(values).size) return texts;
  }
  return values.map(String);
}

/** Names of rows as categories of an axis: plotly draws rows of one name into one, so a repeated name gets spaces of no width. */
export function categories(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return name + '\u200b'.repeat(times);
  });
}

/** A divergence below this is zero but for rounding. */
const ROUNDING = 5e-13;

/** `0.8069`, `3.2×10⁻⁶`, `∞`: nats to so many decimals, or as many figures where those would all be zero. */
export function shownNats(value: number, decimals = 4): string {
  const isLost = Number(value.toFixed(decimals)) === 0 && Math.abs(value) > ROUNDING;
  if (isLost || !(Math.abs(value) < 1e9)) return formatValue(value, 2);
  return fixed(value, decimals);
}
