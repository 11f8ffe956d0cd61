/**
 * One numbered equation of the lectures: what it claims, and what was measured here.
 *
 * @example
 * ```ts
 * import { reproduce, type ReproduceRow } from 'gmm-vae';
 *
 * const failed = (rows: readonly ReproduceRow[]) => rows.filter(({ pass }) => !pass).map(({ equation }) => equation);
 * failed(reproduce()); // []
 * ```
 */
export interface ReproduceRow {
  /** The equation's number, "1" to "11". */
  readonly equation: string;
  /** The claim in one plain sentence. */
  readonly claim: string;
  /** The equation, as KaTeX source. */
  readonly formula: string;
  readonly measured: number;
  readonly expected: number;
  /** The largest |measured − expected| that passes. */
  readonly tolerance: number;
  readonly pass: boolean;
}

/** The row with its verdict; `also` is a further condition of the claim. */
export function judged(row: Omit<ReproduceRow, 'pass'>, also = true): ReproduceRow {
  return { ...row, pass: also && Math.abs(row.measured - row.expected) <= row.tolerance };
}
