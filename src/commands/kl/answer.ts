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

/** One line of JSON, in which an infinite number is the string "Infinity". */
export function toJson(found: object): string {
  return `${JSON.stringify(found, (_, value) => (value === Infinity ? 'Infinity' : value))}\n`;
}
