import { linspace } from '../math/grid';
import { nth } from '../nth';

/** A normal along one axis. `narrowest` is its width where the other coordinate is known, `stddev` where it is not. */
interface AxisNormal {
  readonly mean: number;
  readonly stddev: number;
  readonly narrowest: number;
}

/** Points of an axis at most: beyond, a figure would take too long to be dragged. */
const MOST = 2001;
/** Standard deviations on either side within which a normal is seen. */
const REACH = 6;
/** Standard deviations between two points there. A line through them follows the bell to 1 % of its height. */
const STEP = 0.25;

/**
 * `count` equally spaced points, and more of them about the normals of these densities that are too narrow for those: a peak between two
 * points would not be drawn. A density that says nothing of its normals gets none.
 */
export function axisPoints(
  [from, to, count]: readonly [from: number, to: number, count: number],
  densities: readonly object[],
  { axis = 0, most = MOST }: { readonly axis?: 0 | 1; readonly most?: number } = {},
): number[] {
  const spacing = (to - from) / (count - 1);
  const extra = densities
    .flatMap((density) => normalsOf(density, axis))
    .filter(({ narrowest }) => narrowest > 0 && spacing > 0.5 * narrowest)
    .flatMap((normal) => pointsAbout(normal, [from, to]));
  const points = linspace(from, to, count);
  if (extra.length === 0) return points;
  const all = [...new Set([...points, ...extra])].sort((a, b) => a - b);
  return all.length > most ? linspace(from, to, Math.max(count, most)) : all;
}

function pointsAbout({ mean, stddev, narrowest }: AxisNormal, [from, to]: readonly [number, number]): number[] {
  const reach = REACH * stddev;
  if (mean + reach < from || mean - reach > to) return [];
  const half = Math.ceil(reach / (STEP * narrowest));
  if (half > MOST) return [];
  return linspace(mean - reach, mean + reach, 2 * half + 1).filter((at) => at > from && at < to);
}

interface Described {
  readonly mean?: unknown;
  readonly stddev?: unknown;
  readonly components?: unknown;
  meanVector?(): ArrayLike<number>;
  covarianceMatrix?(): ArrayLike<number>;
}

/** The normals that a density is made of, as far as it says so: the distributions of this library do. */
function normalsOf(density: object, axis: 0 | 1): AxisNormal[] {
  const { mean, stddev, components } = density as Described;
  if (Array.isArray(components)) return (components as object[]).flatMap((part) => normalsOf(part, axis));
  if (typeof mean === 'number' && typeof stddev === 'number') return [{ mean, stddev, narrowest: stddev }];
  const { meanVector, covarianceMatrix } = density as Described;
  if (!meanVector || !covarianceMatrix) return [];
  const [means, covariance] = [meanVector.call(density), covarianceMatrix.call(density)];
  const width = means.length;
  if (axis >= width || width > 2) return [];
  const variance = nth(covariance, axis * width + axis);
  const across = width === 2 ? nth(covariance, 1) ** 2 / nth(covariance, (1 - axis) * width + (1 - axis)) : 0;
  return [
    {
      mean: nth(means, axis),
      stddev: Math.sqrt(variance),
      narrowest: Math.sqrt(Math.max(0, variance - across)),
    },
  ];
}
