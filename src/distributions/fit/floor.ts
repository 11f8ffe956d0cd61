import type { FitSettings } from './fit-options';
import { type Coordinates, timesPowerOf2 } from './standardise';

/** Below this, relative to the data's variance, no arithmetic would be left. */
const LEAST = 1e-290;

/** The smallest variance of each dimension in the coordinates of the fit, where the data's own is 1. */
export function floorOf({ kind, value }: FitSettings['floor'], { exponent, scale }: Coordinates): Float64Array {
  return scale.map((s, j) => {
    if (kind === 'relative') return value;
    const root = timesPowerOf2(Math.sqrt(value), -exponent[j]!) / s;
    return Math.max(root * root, LEAST);
  });
}
