import { InvalidArgumentError } from '../errors';
import { density, normalCdf } from '../math/normal-cdf';
import { normalQuantile } from '../math/normal-quantile';
import { nth } from '../nth';
import type { GaussianMixture } from './gaussian-mixture';
import { type Gaussian, meanOf } from './multivariate-normal';
import { point, requireDistribution, shown } from './validate';

/**
 * Which tail of the distribution is meant.
 *
 * @example
 * ```ts
 * import { cdf, Normal, quantile, type TailOptions } from 'gmm-vae';
 *
 * const upper: TailOptions = { tail: 'upper' };
 * // The lower tail would round to 1:
 * cdf(new Normal(0, 1), 9, upper); // 1.12859e-19
 * quantile(new Normal(0, 1), 1e-20, upper); // 9.26234
 * ```
 */
export interface TailOptions {
  /** `lower`, the default, is P(Z ≤ z); `upper` is P(Z > z), which keeps its digits where the lower one rounds to 1. */
  readonly tail?: 'lower' | 'upper';
}

/** One component, its scale the square root of a variance: event shape [] or [1]. */
interface Part {
  readonly weight: number;
  readonly mean: number;
  readonly stddev: number;
}

/**
 * The distribution function P(Z ≤ z) of a normal or a mixture in one dimension (event shape [] or [1]), or its upper tail: a
 * probability, with full relative accuracy however small it is.
 * @throws InvalidArgumentError for more than one dimension, NaN, or a `tail` that is none.
 *
 * @example
 * ```ts
 * import { cdf, Normal } from 'gmm-vae';
 *
 * cdf(new Normal(0, 1), 1.96); // 0.975002
 * cdf(new Normal(0, 1), 10, { tail: 'upper' }); // 7.61985e-24
 * ```
 */
export function cdf(distribution: Gaussian | GaussianMixture, z: number, { tail = 'lower' }: TailOptions = {}): number {
  const parts = partsOf(distribution);
  if (typeof z !== 'number') throw new InvalidArgumentError('z', `expected a number, got ${shown(z)}`);
  point(z, new Float64Array(1));
  return Math.min(1, mass(parts, z, signOf(tail)));
}

/**
 * The z with P(Z ≤ z) = probability, or P(Z > z) = probability for the upper tail, of a normal or a mixture in one dimension: as near as
 * rounding of z and of the distribution function allows; between modes far apart, where the distribution function is flat, any z on the flat
 * piece is one. ∓Infinity at 0 and 1.
 * @throws InvalidArgumentError for more than one dimension, a probability outside [0, 1], or a `tail` that is none.
 *
 * @example
 * ```ts
 * import { GaussianMixture, Normal, quantile } from 'gmm-vae';
 *
 * quantile(new Normal(0, 1), 0.975); // 1.95996
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-2, 1), new Normal(2, 1)]);
 * quantile(p, 0.25); // -2.00008
 * ```
 */
export function quantile(
  distribution: Gaussian | GaussianMixture,
  probability: number,
  { tail = 'lower' }: TailOptions = {},
): number {
  const parts = partsOf(distribution);
  const sign = signOf(tail);
  if (!(typeof probability === 'number' && probability >= 0 && probability <= 1)) {
    throw new InvalidArgumentError('probability', `expected a number from 0 to 1, got ${shown(probability)}`);
  }
  if (probability === 0 || probability === 1) return probability === 0 ? -sign * Infinity : sign * Infinity;
  // 1 − p is exact from ½ on, so the search is always in a tail, where the distribution function has its digits.
  if (probability <= 0.5) return search(parts, probability, sign);
  return search(parts, 1 - probability, sign === 1 ? -1 : 1);
}

type Sign = 1 | -1;

function signOf(tail: unknown): Sign {
  if (tail === 'lower') return 1;
  if (tail === 'upper') return -1;
  throw new InvalidArgumentError('tail', `expected 'lower' or 'upper', got ${shown(tail)}`);
}

function partsOf(distribution: Gaussian | GaussianMixture): Part[] {
  requireDistribution('distribution', distribution);
  if (distribution.dimension !== 1) {
    const problem = `expected one dimension, got ${distribution.dimension}; take marginal(distribution, [j]) first`;
    throw new InvalidArgumentError('distribution', problem);
  }
  const components = distribution.kind === 'mixture' ? distribution.components : [distribution];
  const parts = components.map((g, k) => ({
    weight: distribution.kind === 'mixture' ? nth(distribution.weights, k) : 1,
    mean: nth(meanOf(g), 0),
    stddev: g.kind === 'full' ? nth(g.factor, 0) : g.kind === 'normal' ? g.stddev : nth(g.stddev, 0),
  }));
  return parts.filter(({ weight }) => weight > 0);
}

/** Σ_k π_k Φ(sign·(z − μ_k)/σ_k). */
function mass(parts: readonly Part[], z: number, sign: Sign): number {
  return parts.reduce((sum, part) => sum + part.weight * normalCdf(sign * standardised(part, z)), 0);
}

/** (z − μ)/σ, by halves so that the difference of two huge numbers does not overflow. */
function standardised({ mean, stddev }: Part, z: number): number {
  const u = (z - mean) / stddev;
  return Number.isFinite(z - mean) || !Number.isFinite(z) ? u : ((0.5 * z - 0.5 * mean) / stddev) * 2;
}

/**
 * Newton's method for ln F(z) = ln p, kept between bounds and helped by bisection where it is slow. The quantiles of the components are the
 * first bounds: all of them have F(z) ≤ p at the smallest, ≥ p at the largest.
 */
function search(parts: readonly Part[], p: number, sign: Sign): number {
  const u = normalQuantile(p);
  const ends = parts.map(({ mean, stddev }) => limited(mean + sign * stddev * u));
  let below = sign > 0 ? Math.min(...ends) : Math.max(...ends);
  let above = sign > 0 ? Math.max(...ends) : Math.min(...ends);
  const narrowest = Math.min(...parts.map(({ stddev }) => stddev));
  let z = 0.5 * below + 0.5 * above;
  let before = Infinity;
  for (;;) {
    const found = mass(parts, z, sign);
    if (found === p) return z;
    if (found < p) below = z;
    else above = z;
    // Per narrowest σ, so that it does not overflow.
    const slope = parts.reduce(
      (sum, part) => sum + part.weight * density(standardised(part, z)) * (narrowest / part.stddev),
      0,
    );
    const newton = z - sign * Math.log(found / p) * (found / slope) * narrowest;
    const step = Math.abs(newton - z);
    const isShort = step <= Number.EPSILON * Math.abs(z);
    if (isShort && isReached(parts, p, sign, z)) return z;
    // A step that does not halve the one before it is left to bisection, and so is one within a component that is narrower than the steps of a float.
    const trusted = inside(newton, below, above) && step < 0.5 * before && !isShort;
    const taken = trusted ? newton : 0.5 * below + 0.5 * above;
    if (taken === below || taken === above) return nearer(parts, p, sign, [below, above]);
    before = Math.abs(taken - z);
    z = taken;
  }
}

/** Whether the probability is that of a place at most two floats away from z. */
function isReached(parts: readonly Part[], p: number, sign: Sign, z: number): boolean {
  const off = 2 * Number.EPSILON * Math.abs(z);
  const [before, after] = [mass(parts, z - sign * off, sign), mass(parts, z + sign * off, sign)];
  return before <= p && p <= after;
}

/** Which of two neighbouring floats has the probability nearest to p. */
function nearer(parts: readonly Part[], p: number, sign: Sign, [a, b]: readonly [number, number]): number {
  return Math.abs(mass(parts, a, sign) - p) <= Math.abs(mass(parts, b, sign) - p) ? a : b;
}

function inside(z: number, a: number, b: number): boolean {
  return z > Math.min(a, b) && z < Math.max(a, b);
}

function limited(z: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, z));
}
