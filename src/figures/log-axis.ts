import { nth } from '../nth';

const SUPERSCRIPTS: Readonly<Record<string, string>> = Object.fromEntries(
  [...'-0123456789'].map((sign, i) => [sign, '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'[i] ?? sign]),
);

/** `x⁻⁰·⁵`: an exponent as small figures, for names of traces that are no markup. */
export function superscript(exponent: string): string {
  return exponent
    .replace('−', '-')
    .replace(/[-\d]/g, (sign) => SUPERSCRIPTS[sign] ?? sign)
    .replace('.', '·');
}

/** Plain up to here, as powers of ten beyond. */
const PLAIN = 4;

/** `0.001`, `20`, `10⁶`: a tick of the form m·10^k as a reader would write it. */
function tickText(mantissa: number, exponent: number): string {
  if (exponent >= PLAIN || exponent <= -PLAIN)
    return `${mantissa === 1 ? '' : `${mantissa}·`}10${superscript(String(exponent))}`;
  return exponent < 0 ? (mantissa * 10 ** exponent).toFixed(-exponent) : String(mantissa * 10 ** exponent);
}

/** More decades than this, and only every second or third has a tick. */
const MOST_TICKS = 8;
/** A scale is read from two ticks, no fewer. */
const FEWEST_TICKS = 2;

interface Tick {
  readonly value: number;
  readonly text: string;
}

/**
 * A logarithmic axis whose ticks are all of one size: decades, or 1, 2 and 5 of each where the values span less than two of them; where
 * even those are too far apart, equal steps. Values that are not positive and finite are left out: `offLogAxis` says so.
 */
export function logAxis(values: readonly number[], title: string): object {
  const logs = values.filter(hasPlace).map(Math.log10);
  if (logs.length === 0) return { type: 'log', title: { text: title } };
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const margin = Math.max(0.04 * (most - least), 0.02);
  const [low, high] = [least - margin, most + margin];
  const powers = powerTicks(low, high, most - least);
  const ticks = powers.length < FEWEST_TICKS ? equalTicks(10 ** low, 10 ** high) : powers;
  return {
    type: 'log',
    title: { text: title },
    range: [low, high],
    tickmode: 'array',
    tickvals: ticks.map(({ value }) => value),
    ticktext: ticks.map(({ text }) => text),
  };
}

const hasPlace = (value: number): boolean => value > 0 && Number.isFinite(value);

/** A sentence about the values for which a logarithmic axis has no place, to follow another; empty where there are none. */
export function offLogAxis(values: readonly number[]): string {
  const off = values.filter((value) => !hasPlace(value));
  if (off.length === 0) return '';
  const kinds = new Set(off.map((value) => (value === 0 ? 'zero' : value < 0 ? 'negative' : value > 0 ? '∞' : 'NaN')));
  return ` ${off.length} of ${values.length} values ${off.length === 1 ? 'has' : 'have'} no place on the logarithmic axis: ${[...kinds].join(', ')}.`;
}

function powerTicks(low: number, high: number, span: number): Tick[] {
  const every = Math.max(1, Math.ceil(span / MOST_TICKS));
  const mantissas = span < 2 ? [1, 2, 5] : [1];
  const ticks: Tick[] = [];
  for (let k = Math.floor(low) - 1; k <= Math.ceil(high); k++) {
    if (((k % every) + every) % every !== 0) continue;
    for (const m of mantissas) {
      const at = k + Math.log10(m);
      if (at >= low && at <= high) ticks.push({ value: m * 10 ** k, text: tickText(m, k) });
    }
  }
  return ticks;
}

/** Three to seven ticks at multiples of 1, 2 or 5 times a power of ten, with the digits that tell them apart. */
function equalTicks(low: number, high: number): Tick[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    power *
    nth(
      [1, 2, 5, 10].filter((factor) => factor * power >= rough),
      0,
    );
  const size = Math.floor(Math.log10(high));
  const exponent = size >= PLAIN || size <= -PLAIN ? size : 0;
  const decimals = Math.max(0, exponent - Math.floor(Math.log10(step)));
  const count = Math.floor(high / step) - Math.ceil(low / step) + 1;
  return Array.from({ length: count }, (_, i) => {
    const value = (Math.ceil(low / step) + i) * step;
    const mantissa = (value / 10 ** exponent).toFixed(decimals);
    return { value, text: exponent === 0 ? mantissa : `${mantissa}·10${superscript(String(exponent))}` };
  });
}
