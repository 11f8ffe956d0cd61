import { nth } from '../../nth';
import type { FitSettings } from './fit-options';
import { type Coordinates, timesPowerOf2 } from './standardise';

/** The smallest floor, relative to the data's variance, that leaves arithmetic its digits. */
const LEAST = 1e-290;

/** The smallest variance of each dimension in the coordinates of the fit, where the data's own is 1. */
export function floorOf({ kind, value }: FitSettings['floor'], { exponent, scale }: Coordinates): Float64Array {
  return scale.map((s, j) => {
    if (kind === 'relative') return value;
    const root = timesPowerOf2(Math.sqrt(value), -nth(exponent, j)) / s;
    return Math.max(root * root, LEAST);
  });
}
