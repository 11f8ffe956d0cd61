import type { GaussianMixture } from '../distributions/gaussian-mixture';
import { factorOf, type Gaussian, meanOf } from '../distributions/multivariate-normal';
import type { Normal } from '../distributions/normal';
import { finiteNumber, requireDistribution } from '../distributions/validate';
import { InvalidArgumentError, shown } from '../errors';
import { normalCdf, scaledMills } from '../math/mills';
import { integrate } from '../math/quadrature';
import { nth } from '../nth';
import { klDivergence } from './closed-form';
import { momentTerms } from './softplus-derivatives';

// Two components of one variance: all of KL(q‖p) but one expectation has a closed form, and for that one, E[softplus(a + bε)] with
// ε ~ N(0, 1), none is known. Its derivative in a is the logistic-normal integral E[1/(1 + exp(−a − bε))].

/**
 * Parts of KL(q‖p) = `known` − E[softplus(a + bε)], in nats.
 *
 * @example
 * ```ts
 * import {
 *   type EqualVarianceReduction,
 *   equalVarianceReduction,
 *   GaussianMixture,
 *   Normal,
 *   softplusExpectation,
 * } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * const { known, a, b }: EqualVarianceReduction = equalVarianceReduction(new Normal(0, 1), p);
 * known - softplusExpectation(a, b); // 0.125433
 * ```
 */
export interface EqualVarianceReduction {
  readonly known: number;
  readonly a: number;
  readonly b: number;
}

/**
 * Reduces KL(q‖p) in one dimension, for two components of equal variance, to one expectation without a known closed form:
 * ln p(z) = ln π₁N₁(z) + softplus(α + βz), β = (μ₂ − μ₁)/σ², α = ln π₂/π₁ + (μ₁² − μ₂²)/2σ², hence
 * KL(q‖p) = KL(q‖N₁) − ln π₁ − E[softplus(a + bε)] with a = α + β·E[Z], b = β·σ_q.
 *
 * @throws InvalidArgumentError when p is not two components of one variance on the real line, or one has no weight
 *
 * @example
 * ```ts
 * import { equalVarianceReduction, GaussianMixture, Normal } from 'gmm-vae';
 *
 * const q = new Normal(0, 1);
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * equalVarianceReduction(q, p); // { known: 1.19315, a: 0, b: 2 }
 * ```
 */
export function equalVarianceReduction(q: Normal, p: GaussianMixture): EqualVarianceReduction {
  requireDistribution('q', q);
  requireDistribution('p', p);
  if (p.kind !== 'mixture' || p.components.length !== 2 || p.dimension !== 1) {
    const given = p.kind === 'mixture' ? `${p.components.length} in ${p.dimension} dimensions` : 'no mixture';
    throw new InvalidArgumentError('p', `expected two components on the real line, got ${given}`);
  }
  const [first, second] = p.components as [Gaussian, Gaussian];
  const [sigma, other] = [nth(factorOf(first), 0), nth(factorOf(second), 0)];
  if (Math.abs(sigma - other) > 5e-13 * sigma)
    throw new InvalidArgumentError('p', `expected components of one variance, got ${sigma}² and ${other}²`);
  if (!p.logWeights.every(Number.isFinite)) {
    throw new InvalidArgumentError('p', 'expected two weights above zero; with one, klDivergence is the closed form');
  }
  const [from, to] = [nth(meanOf(first), 0), nth(meanOf(second), 0)];
  // In units of σ, whose square may overflow or vanish; by halves, so that no difference of means overflows.
  const apart = 2 * ((0.5 * to - 0.5 * from) / sigma);
  // α + βμ, with the difference of squares taken apart so that a common shift of q and p changes nothing.
  const off = (0.5 * q.mean - 0.5 * from) / sigma + (0.5 * q.mean - 0.5 * to) / sigma;
  const a = nth(p.logWeights, 1) - nth(p.logWeights, 0) + apart * off;
  return { known: klDivergence(q, first) - nth(p.logWeights, 0), a, b: apart * (q.stddev / sigma) };
}

/** The standard deviations beyond which 1e-19 of a normal's mass lies. */
const REACH = 9;

/** Where softplus bends, from one straight line, to the last digit, to the other: for large b a small part of the way. */
const BEND: readonly number[] = [-40, -16, -6, -2, 0, 2, 6, 16, 40];

/** ln(1 + exp(x)), without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * Returns E[softplus(a + bε)], ε ~ N(0, 1), by adaptive quadrature, to about 1e-12.
 * @throws QuadratureError when the tolerance is not met
 *
 * @example
 * ```ts
 * import { softplusExpectation } from 'gmm-vae';
 *
 * softplusExpectation(0, 2); // 1.06771
 * ```
 */
export function softplusExpectation(a: number, b: number): number {
  finiteNumber('a', a);
  finiteNumber('b', b);
  const integrand = (u: number): number => (Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI)) * softplus(a + b * u);
  const around = BEND.map((x) => (x - a) / b);
  const inside = [-REACH, -3, 0, 3, REACH, ...around].filter((u) => Math.abs(u) <= REACH).sort((x, y) => x - y);
  return integrate(integrand, [...new Set(inside)], { absolute: 1e-13, relative: 1e-13 }).value;
}

/**
 * Partial sums of the series of E[softplus(a + bZ)], in nats.
 *
 * @example
 * ```ts
 * import { type SoftplusSeries, softplusSeries } from 'gmm-vae';
 *
 * const series: SoftplusSeries = softplusSeries(0, 2, 8);
 * series.distributionFunctions.at(-1); // 1.06499
 * series.moments.at(-1); // -154.808
 * ```
 */
export interface SoftplusSeries {
  /**
   * Partial sums of softplus(x) = max(x, 0) + Σ_n (−1)^{n+1}/n·exp(−n|x|), averaged term by term: normal distribution functions,
   * infinitely many of them. The first entry is the term without n.
   */
  readonly distributionFunctions: readonly number[];
  /**
   * Partial sums of the Taylor series around a, averaged term by term: the moments of ε. It converges for no b ≠ 0, since the moments
   * grow faster than the radius of convergence, √(a² + π²), allows.
   */
  readonly moments: readonly number[];
}

/**
 * Returns partial sums of two series for E[softplus(a + bε)], `terms` of each after the first. One converges but never ends; the
 * other comes close and leaves again.
 * @throws InvalidArgumentError when b is zero or `terms` is not an integer from 1 to 60
 *
 * @example
 * ```ts
 * import { softplusExpectation, softplusSeries } from 'gmm-vae';
 *
 * // The one comes closer with every term, the other leaves again.
 * const { distributionFunctions, moments } = softplusSeries(0, 2, 12);
 * Math.abs((distributionFunctions.at(-1) as number) - softplusExpectation(0, 2)) < 0.01; // true
 * Math.abs((moments.at(-1) as number) - softplusExpectation(0, 2)) > 10; // true
 * ```
 */
export function softplusSeries(a: number, b: number, terms: number): SoftplusSeries {
  finiteNumber('a', a);
  if (!(Number.isFinite(b) && b !== 0))
    throw new InvalidArgumentError('b', `expected a number other than 0, got ${shown(b)}`);
  if (!Number.isInteger(terms) || terms < 1 || terms > 60)
    throw new InvalidArgumentError('terms', `expected an integer from 1 to 60, got ${shown(terms)}`);
  return { distributionFunctions: byDistributionFunctions(a, Math.abs(b), terms), moments: byMoments(a, b, terms) };
}

/** E[exp(−nX); X > 0] = φ(a/b)·R(nb − a/b) and its mirror image, with the Mills ratio R. */
function byDistributionFunctions(a: number, b: number, terms: number): number[] {
  const c = a / b;
  let sum = a * normalCdf(c) + (b * Math.exp(-0.5 * c * c)) / Math.sqrt(2 * Math.PI);
  const sums = [sum];
  for (let n = 1; n <= terms; n++) {
    const sign = n % 2 === 1 ? 1 : -1;
    // ½((nb ∓ c)² − c²), of which c² = (a/b)² may leave no digit.
    const [below, above] = [n * (0.5 * n * b * b - a), n * (0.5 * n * b * b + a)];
    sum += (sign / n) * (scaledMills(n * b - c, c, below) + scaledMills(n * b + c, c, above));
    sums.push(sum);
  }
  return sums;
}

/** Σ_m b^{2m}·softplus^{(2m)}(a)/(2^m m!): odd moments of ε are zero, E[ε^{2m}]/(2m)! = 1/(2^m m!). */
function byMoments(a: number, b: number, terms: number): number[] {
  let sum = softplus(a);
  return [sum, ...momentTerms(a, b, terms).map((term) => (sum += term))];
}
