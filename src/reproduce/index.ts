import { closedFormRow, derivationRows } from './closed-form-rows';
import { mixtureDensityRow, mixtureEstimateRow } from './mixture-rows';
import type { ReproduceRow } from './row';

export type { ReproduceRow } from './row';

/**
 * Checks equations (1) to (11), one row each, in order. Every line is computed from what it says and held
 * against a value from elsewhere; random numbers come from fixed seeds, so the rows are the same every time.
 *
 * @example
 * ```ts
 * import { reproduce } from 'gmm-vae';
 *
 * const rows = reproduce();
 * rows.length; // 11
 * rows.every(({ pass }) => pass); // true
 * ```
 */
export function reproduce(): ReproduceRow[] {
  return [...derivationRows(), closedFormRow(), mixtureDensityRow(), mixtureEstimateRow()];
}
