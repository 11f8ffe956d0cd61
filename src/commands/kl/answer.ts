/** What `gmm-vae kl --json` prints; null where a field does not apply. */
export interface KlAnswer {
  readonly value: number | null;
  readonly method: 'closed-form' | 'monte-carlo' | 'quadrature' | 'bounds';
  readonly standardError: number | null;
  readonly samples: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** Draws for Monte Carlo where nothing else is asked for. */
export const DEFAULT_SAMPLES = 100_000;

/** The fields in the order they are printed in; null for those not given. */
export function answer(method: KlAnswer['method'], given: Partial<KlAnswer>): KlAnswer {
  const { value = null, standardError = null, samples = null, lower = null, upper = null } = given;
  return { value, method, standardError, samples, lower, upper };
}

/** One line of JSON, in which an infinite number is the string "Infinity". */
export function toJson(found: object): string {
  return `${JSON.stringify(found, (_, value) => (value === Infinity || value === -Infinity ? String(value) : value))}\n`;
}

/** The same as text; `symbol` names what was computed. */
export function sentence(symbol: string, { value, method, standardError, samples, lower, upper }: KlAnswer): string {
  const enclosure = lower === null ? '' : boundsLine(symbol, { lower, upper });
  if (value === null) return enclosure;
  if (method !== 'monte-carlo') return `${symbol} = ${value} nats (${method})`;
  const error = standardError === null ? 'no standard error' : `standard error ${standardError.toPrecision(2)}`;
  const estimate = `${symbol} ≈ ${value} nats (${method}, ${error}, ${samples} samples)`;
  return enclosure === '' ? estimate : `${estimate}\n${enclosure}`;
}

export function boundsLine(symbol: string, { lower, upper }: Pick<KlAnswer, 'lower' | 'upper'>): string {
  return `${lower} ≤ ${symbol} ≤ ${upper} nats (bounds)`;
}
