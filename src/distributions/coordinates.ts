import { nth } from '../nth';
import { DiagonalNormal } from './diagonal-normal';
import { FullNormal } from './full-normal';
import { type Gaussian, meanOf, stddevOf } from './multivariate-normal';
import { Normal } from './normal';

/** The distribution of Z − origin: each mean is a difference, rounded once; the covariance is the same. */
export function relativeTo(origin: Float64Array, g: Gaussian): Gaussian {
  if (g.kind === 'normal') return new Normal(g.mean - nth(origin, 0), g.stddev);
  const mean = g.mean.map((m, j) => m - nth(origin, j));
  return g.kind === 'diagonal' ? new DiagonalNormal(mean, g.stddev) : g.withMean(mean);
}

/** The distribution of Z_j/unit_j: exact for units that are powers of two. */
export function inUnits(unit: Float64Array, g: Gaussian): Gaussian {
  if (g.kind === 'normal') return new Normal(g.mean / nth(unit, 0), g.stddev / nth(unit, 0));
  const divided = (values: Float64Array): Float64Array => values.map((x, j) => x / nth(unit, j));
  if (g.kind === 'diagonal') return new DiagonalNormal(divided(g.mean), divided(g.stddev));
  const d = g.dimension;
  return new FullNormal(
    divided(g.mean),
    g.covariance.map((entry, i) => entry / nth(unit, Math.floor(i / d)) / nth(unit, i % d)),
  );
}

/** The size beyond which differences of means, or points many standard deviations out, might leave the floats. */
const LARGE = 2 ** 1000;
/** Brings the largest float far below `LARGE`. */
const UNIT = 2 ** 64;

/** Units in which neither the differences of these normals' means nor draws from them overflow; null where none is needed. */
export function unitsFor(normals: readonly Gaussian[]): Float64Array | null {
  const means = normals.map(meanOf);
  const stddevs = normals.map(stddevOf);
  const isLarge = (j: number): boolean =>
    means.some((mean) => Math.abs(nth(mean, j)) > LARGE) ||
    stddevs.some((stddev) => stddev !== null && nth(stddev, j) > LARGE);
  const units = nth(means, 0).map((_, j) => (isLarge(j) ? UNIT : 1));
  return units.some((unit) => unit !== 1) ? units : null;
}
