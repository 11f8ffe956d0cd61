import { nth } from '../../nth';
import type { Estimate } from './estimate';
import type { FitSettings } from './fit-options';
import type { Standardised } from './standardise';

/** An interquartile range of normal data, in standard deviations. */
const NORMAL_QUARTILES = 1.349;

/** What a reader of the fit has to know before believing it. */
export function fitWarnings(
  { covariances, weights }: Estimate,
  { points, coordinates: { d }, constant }: Standardised,
  { kind, value }: FitSettings['floor'],
  floor: Float64Array,
): string[] {
  const warnings: string[] = [];
  if (constant.length > 0) {
    warnings.push(`all points are equal in ${listed(constant)}: the variance there is the floor's, not the data's`);
  }
  const lifted = kind === 'relative' ? liftedDimensions(points, d, floor) : [];
  if (lifted.length > 0) {
    warnings.push(
      `covarianceFloor: outliers lift the floor, ${value} of the data's variance, above a hundredth of the variance of the middle half of the points in ${listed(lifted)}; give { absolute: variance }`,
    );
  }
  const held = covariances.filter(({ floored }, k) => floored && nth(weights, k) > 0).length;
  if (held > 0 && constant.length === 0) {
    warnings.push(
      `covarianceFloor: ${held} of ${covariances.length} components are held at the floor in some direction, and the likelihood depends on it: fewer components, a simpler covarianceType or another floor`,
    );
  }
  return warnings;
}

/** Points that are looked at for quartiles. */
const ENOUGH = 1001;

/** The dimensions whose floor is above a hundredth of the variance that normal data with the same quartiles would have. */
function liftedDimensions(points: Float64Array, d: number, floor: Float64Array): number[] {
  const count = points.length / d;
  const taken = Math.min(count, ENOUGH);
  return [...floor.keys()].filter((j) => {
    const column = Float64Array.from({ length: taken }, (_, i) =>
      nth(points, Math.floor((i * count) / taken) * d + j),
    ).sort();
    const quartile = (q: number): number => nth(column, Math.floor(q * (taken - 1)));
    const spread = (quartile(0.75) - quartile(0.25)) / NORMAL_QUARTILES;
    return spread > 0 && nth(floor, j) > 0.01 * spread * spread;
  });
}

function listed(dimensions: readonly number[]): string {
  const shown = dimensions.length > 5 ? [...dimensions.slice(0, 5), '…'] : dimensions;
  return `dimension${dimensions.length > 1 ? 's' : ''} ${shown.join(', ')}`;
}
