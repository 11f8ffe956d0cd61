import { InvalidArgumentError } from '../errors';
import { accurateCholesky } from '../math/accurate-cholesky';
import { cholesky, solveLowerInPlace } from '../math/linear-algebra';
import { nth } from '../nth';
import type { DiagonalNormal } from './diagonal-normal';
import type { FullNormal } from './full-normal';
import { GaussianMixture } from './gaussian-mixture';
import { type Gaussian, MultivariateNormal } from './multivariate-normal';
import { logPosterior } from './posterior';
import { isArrayLike, requireDistribution, sameLength, shown } from './validate';

/** What a distribution over vectors becomes when coordinates are left out or fixed: one of the same kind. */
type Vector = DiagonalNormal | FullNormal | GaussianMixture;

/**
 * The distribution of the given coordinates, from 0 and in the order given: of event shape [number of coordinates] and of the same kind.
 * @throws InvalidArgumentError for a distribution over scalars, and for a coordinate that does not exist or is given twice.
 *
 * @example
 * ```ts
 * import { marginal, MultivariateNormal } from 'gmm-vae';
 *
 * const p = MultivariateNormal.diagonal([1, 2, 3], [0.1, 0.2, 0.3]);
 * marginal(p, [2, 0]).meanVector(); // [3, 1]
 * ```
 */
export function marginal<D extends Vector>(distribution: D, coordinates: ArrayLike<number>): D;
export function marginal(distribution: Vector, coordinates: ArrayLike<number>): Vector {
  requireVectors(distribution);
  const kept = checkedCoordinates(coordinates, distribution.dimension);
  if (distribution.kind !== 'mixture') return marginalOf(distribution, kept);
  return distribution.withComponents(distribution.components.map((component) => marginalOf(component, kept)));
}

/**
 * The distribution of the coordinates that are null in `known`, given the values of the others: of event shape [number of nulls] and of the
 * same kind. conditional(p, [null, 0.5, null]) is p(z_0, z_2 | z_1 = 0.5). A mixture's components are weighted by their responsibilities for
 * the values known.
 * @throws InvalidArgumentError for a distribution over scalars, where nothing is null or nothing known, and where no component of a mixture
 *   has a log density that is finite at the values known.
 *
 * @example
 * ```ts
 * import { conditional, MultivariateNormal } from 'gmm-vae';
 *
 * const p = MultivariateNormal.full([0, 0], [[1, 0.8], [0.8, 1]]);
 * const given = conditional(p, [1, null]); // p(z_1 | z_0 = 1)
 * given.meanVector(); // [0.8]
 * given.covarianceMatrix(); // [0.36]
 * ```
 */
export function conditional<D extends Vector>(distribution: D, known: ArrayLike<number | null>): D;
export function conditional(distribution: Vector, known: ArrayLike<number | null>): Vector {
  requireVectors(distribution);
  const split = checkedKnown(known, distribution.dimension);
  if (distribution.kind !== 'mixture') return conditionalOf(distribution, split);
  const { components, logWeights } = distribution;
  const seen = components.map((component) => marginalOf(component, split.at));
  const logits = logWeights.map((log, k) => log + nth(seen, k).logProbAt(split.values, 0));
  if (!logPosterior(seen, logWeights, split.values, logits)) {
    const problem = 'expected values where some component has a density above zero (a finite log density)';
    throw new InvalidArgumentError('known', problem);
  }
  return GaussianMixture.fromLogits(
    logits,
    components.map((component) => conditionalOf(component, split)),
  );
}

/** The coordinates known, their values, and the others. */
interface Split {
  readonly at: readonly number[];
  readonly values: Float64Array;
  readonly free: readonly number[];
}

function marginalOf(g: Gaussian, kept: readonly number[]): Exclude<Gaussian, { kind: 'normal' }> {
  if (g.kind === 'normal') return MultivariateNormal.diagonal([g.mean], [g.stddev]);
  const chosen = (values: Float64Array): number[] => kept.map((j) => nth(values, j));
  if (g.kind === 'diagonal') return MultivariateNormal.diagonal(chosen(g.mean), chosen(g.stddev));
  return MultivariateNormal.full(chosen(g.mean), block(g, kept));
}

/** Σ with its rows and columns in this order, without those that are not named. */
function block({ covariance, dimension: d }: FullNormal, order: readonly number[]): Float64Array {
  return Float64Array.from(order.flatMap((i) => order.map((j) => nth(covariance, i * d + j))));
}

/**
 * With the known coordinates k before the free ones f, Σ = [A 0; B C]·[A 0; B C]ᵀ: the mean is μ_f + B·A⁻¹(z_k − μ_k) and the covariance C·Cᵀ,
 * from which nothing has been subtracted.
 */
function conditionalOf(g: Gaussian, { at, values, free }: Split): Exclude<Gaussian, { kind: 'normal' }> {
  if (g.kind !== 'full') return marginalOf(g, free);
  const d = g.dimension;
  const matrix = block(g, [...at, ...free]);
  const factor = accurateCholesky(matrix, d) ?? cholesky(matrix, d, 'covariance');
  const n = at.length;
  const whitened = new Float64Array(d);
  at.forEach((j, i) => {
    whitened[i] = nth(values, i) - nth(g.mean, j);
  });
  const known = factor.filter((_, i) => Math.floor(i / d) < n && i % d < n);
  solveLowerInPlace(known, n, whitened);
  const mean = free.map((j, i) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += nth(factor, (n + i) * d + k) * nth(whitened, k);
    return nth(g.mean, j) + sum;
  });
  const covariance = free.map((_, i) =>
    free.map((_, j) => {
      let sum = 0;
      for (let k = n; k < d; k++) sum += nth(factor, (n + i) * d + k) * nth(factor, (n + j) * d + k);
      return sum;
    }),
  );
  return MultivariateNormal.full(mean, covariance);
}

function requireVectors(distribution: Gaussian | GaussianMixture): void {
  requireDistribution('distribution', distribution);
  if (distribution.eventShape.length === 1) return;
  throw new InvalidArgumentError('distribution', 'expected a distribution over vectors, got one over scalars');
}

function checkedCoordinates(given: ArrayLike<number>, d: number): number[] {
  if (!isArrayLike(given) || given.length === 0) {
    throw new InvalidArgumentError('coordinates', `expected an array of coordinates, got ${shown(given)}`);
  }
  return Array.from({ length: given.length }, (_, i) => {
    const j = given[i];
    if (j === undefined || !Number.isInteger(j) || j < 0 || j >= d) {
      throw new InvalidArgumentError(`coordinates[${i}]`, `expected an integer from 0 to ${d - 1}, got ${shown(j)}`);
    }
    if (Array.from(given).indexOf(j) < i) {
      throw new InvalidArgumentError(`coordinates[${i}]`, `expected each coordinate once, got ${j} again`);
    }
    return j;
  });
}

function checkedKnown(known: ArrayLike<number | null>, d: number): Split {
  if (!isArrayLike(known)) {
    throw new InvalidArgumentError('known', `expected an array of numbers and nulls, got ${shown(known)}`);
  }
  sameLength('known', known.length, d, 'dimension of the event');
  const all = Array.from({ length: d }, (_, j) => j);
  const at = all.filter((j) => known[j] !== null);
  const free = all.filter((j) => known[j] === null);
  if (at.length === 0 || free.length === 0) {
    const problem = `expected at least one number and at least one null (a coordinate that is free), got ${free.length} nulls of ${d}`;
    throw new InvalidArgumentError('known', problem);
  }
  const values = Float64Array.from(at, (j) => {
    const value = known[j];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw new InvalidArgumentError(`known[${j}]`, `expected a finite number or null, got ${shown(value)}`);
  });
  return { at, values, free };
}
