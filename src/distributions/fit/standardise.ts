import { InvalidArgumentError } from '../../errors';
import { Moments } from '../../math/moments';
import { DiagonalNormal } from '../diagonal-normal';
import { FullNormal } from '../full-normal';
import type { Gaussian, MultivariateNormal } from '../multivariate-normal';
import { Normal } from '../normal';
import { finiteNumber, isArrayLike, shown, vector } from '../validate';

/** Data moved and scaled to mean 0 and variance 1 in each dimension, and the way back. */
export interface Standardised {
  /** N×d, row-major. */
  readonly points: Float64Array;
  readonly d: number;
  /** What a log density in these coordinates exceeds the one in the data's by: Σ_j ln scale_j. */
  readonly logScale: number;
  /** The same normal in the data's coordinates, with the data's event shape. */
  toData(g: MultivariateNormal): Gaussian;
}

/** @param oneScale whether all dimensions share one scale, so that spheres stay spheres. */
export function standardise(data: ArrayLike<number> | ArrayLike<ArrayLike<number>>, oneScale: boolean): Standardised {
  const { points, d, scalar } = packed(data);
  const columns = Array.from({ length: d }, () => new Moments());
  for (let i = 0; i < points.length; i++) columns[i % d]!.push(points[i]!);
  const centre = columns.map((column) => column.mean);
  const variances = columns.map((column) => column.variance ?? 0);
  const average = variances.reduce((sum, v) => sum + v, 0) / d;
  const scale = variances.map((variance) => Math.sqrt(oneScale ? average : variance) || 1);
  for (let i = 0; i < points.length; i++) points[i] = (points[i]! - centre[i % d]!) / scale[i % d]!;

  const toData = (g: MultivariateNormal): Gaussian => {
    const mean = g.mu.map((x, j) => centre[j]! + scale[j]! * x);
    if (scalar) return new Normal(mean[0]!, scale[0]! * (g.kind === 'full' ? g.factor[0]! : g.sigma[0]!));
    if (g.kind === 'diagonal')
      return new DiagonalNormal(
        mean,
        g.sigma.map((x, j) => scale[j]! * x),
      );
    return new FullNormal(
      mean,
      g.sigma.map((x, i) => scale[Math.floor(i / d)]! * scale[i % d]! * x),
    );
  };
  return { points, d, logScale: scale.reduce((sum, s) => sum + Math.log(s), 0), toData };
}

function packed(data: ArrayLike<number> | ArrayLike<ArrayLike<number>>): {
  points: Float64Array;
  d: number;
  scalar: boolean;
} {
  if (!isArrayLike(data)) throw new InvalidArgumentError('data', `expected an array of rows, got ${shown(data)}`);
  if (data.length === 0) throw new InvalidArgumentError('data', 'expected at least one point, got an empty array');
  if (!isArrayLike(data[0])) return { points: vector('data', data, finiteNumber), d: 1, scalar: true };
  const d = data[0].length;
  const points = new Float64Array(data.length * d);
  for (let n = 0; n < data.length; n++) {
    const row = vector(`data[${n}]`, data[n], finiteNumber);
    if (row.length !== d) {
      throw new InvalidArgumentError(`data[${n}]`, `expected ${d} numbers as in data[0], got ${row.length}`);
    }
    points.set(row, n * d);
  }
  return { points, d, scalar: false };
}
