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

/**
 * A logarithmic axis whose ticks are all of one size: decades, or 1, 2 and 5 of each where the values span less than two of them.
 * Values that are not positive are left out.
 */
export function logAxis(values: readonly number[], title: string): object {
  const logs = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const margin = Math.max(0.04 * (high - low), 0.02);
  const every = Math.max(1, Math.ceil((high - low) / MOST_TICKS));
  const mantissas = high - low < 2 ? [1, 2, 5] : [1];
  const ticks: { value: number; text: string }[] = [];
  for (let k = Math.floor(low) - 1; k <= Math.ceil(high); k++) {
    if (((k % every) + every) % every !== 0) continue;
    for (const m of mantissas) {
      const at = k + Math.log10(m);
      if (at >= low - margin && at <= high + margin) ticks.push({ value: m * 10 ** k, text: tickText(m, k) });
    }
  }
  return {
    type: 'log',
    title: { text: title },
    range: [low - margin, high + margin],
    tickmode: 'array',
    tickvals: ticks.map(({ value }) => value),
    ticktext: ticks.map(({ text }) => text),
  };
}
