import type { Gaussian } from '../distributions/multivariate-normal';
import { requireDistribution } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import type { KlDistribution } from './closed-form';
import type { Components } from './components';
import { average, componentsOf } from './components';
import { type Budget, MAX_WORK, NormalExpectation } from './normal-expectation';
import { requireSameShape } from './shapes';
import { WhitenedMixture } from './whitened-mixture';

const MAX_DIMENSION = 3;
/** The error allowed per level and integral, of E|ln q| or E|ln p|; in all it stays below 1e-8·max(1, KL). */
const SHARE = 5e-10;
/** Multiplies lengths in units of q's components where their squares would leave the range of a float. */
const TINY = 2 ** -600;

/**
 * KL(q‖p) by numerical integration, in nats, up to 3 dimensions: within 1e-8·max(1, KL) of the true value; +Infinity where that
 * exceeds every float.
 *
 * KL = Σ_i w_i (E_{q_i}[ln q/q_i] − E_{q_i}[ln p/q_i]) over the components of q; each expectation is integrated in the
 * coordinates in which q_i is standard normal, coordinate by coordinate with adaptive Gauss–Kronrod rules, on meshes graded
 * towards narrow components, given the outer coordinates, and towards the places where those cross.
 * Because E_q|ln q/p| ≤ KL + 2, tolerances relative to ∫|integrand| bound the error of the whole.
 * @throws QuadratureError when the tolerance is not met; estimateKl and klBounds answer then.
 * @throws InvalidArgumentError when the event shapes differ or d > 3.
 *
 * @example
 * ```ts
 * import { GaussianMixture, Normal, quadratureKl } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-2, 0.8), new Normal(1, 0.5)]);
 * quadratureKl(new Normal(0.6, 0.7), p); // 0.738584
 * ```
 */
export function quadratureKl(q: KlDistribution, p: KlDistribution): number {
  requireSameShape(q, p);
  requireFewDimensions(q, 'q', 'monteCarloKl');
  const qs = componentsOf(q);
  const ps = componentsOf(p);
  const budget = { left: MAX_WORK };
  const value = average(qs, (i) => logRatioFrom(qs, qs, i, budget) - logRatioFrom(qs, ps, i, budget));
  // Close to 0, what is allowed for may lie below it.
  return Math.max(0, value);
}

/**
 * The differential entropy H(q) = −E_q[ln q(Z)] by numerical integration, in nats, up to 3 dimensions: within 1e-8·max(1, ln K) of the true value,
 * K the number of components. H(q) = Σ_i w_i (H(q_i) − E_{q_i}[ln q/q_i]), with the expectations of `quadratureKl`.
 * @throws QuadratureError when the tolerance is not met; estimateEntropy and entropyBounds answer then.
 * @throws InvalidArgumentError when d > 3.
 *
 * @example
 * ```ts
 * import { GaussianMixture, Normal, quadratureEntropy } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-10, 1), new Normal(10, 1)]);
 * // Two modes far apart: ½ ln(2πe) + ln 2
 * quadratureEntropy(p); // 2.11209
 * ```
 */
export function quadratureEntropy(distribution: KlDistribution): number {
  requireDistribution('distribution', distribution);
  requireFewDimensions(distribution, 'distribution', 'estimateEntropy');
  const parts = componentsOf(distribution);
  const budget = { left: MAX_WORK };
  return average(parts, (i) => nth(parts.components, i).entropy() - logRatioFrom(parts, parts, i, budget));
}

function requireFewDimensions({ dimension }: KlDistribution, argument: string, instead: string): void {
  if (dimension <= MAX_DIMENSION) return;
  const problem = `expected at most ${MAX_DIMENSION} dimensions for quadrature, got ${dimension}; use ${instead}`;
  throw new InvalidArgumentError(argument, problem);
}

/** E_{q_i}[ln m(Z)/q_i(Z)] for the mixture m. */
function logRatioFrom(qs: Components, m: Components, i: number, budget: Budget): number {
  const origin = nth(qs.components, i);
  if (m === qs && qs.components.length === 1) return 0;
  return expectedLogRatio(new WhitenedMixture(m, origin), budget) ?? beyondSquares(m, origin, budget);
}

/** E[ln m(X) + ½‖X‖²] for a standard normal X; null where the log density of m leaves the range of a float. */
function expectedLogRatio(m: WhitenedMixture, budget: Budget, absolute = SHARE): number | null {
  let overflowed = m.count === 0;
  const logRatio = (last: number, x: Float64Array): number => {
    let squares = last * last;
    for (let j = 0; j < m.d - 1; j++) squares += x[j]! * x[j]!;
    const value = m.logDensity(last) + m.unit * m.unit * 0.5 * squares;
    overflowed ||= value === -Infinity;
    return overflowed ? 0 : value;
  };
  const value = overflowed ? 0 : new NormalExpectation(m, logRatio, { absolute, relative: SHARE }, budget).value();
  return overflowed ? null : value;
}

/** The same in tiny units: what is lost there, weights and widths, is nothing beside such squares. */
function beyondSquares(m: Components, origin: Gaussian, budget: Budget): number {
  const value = expectedLogRatio(new WhitenedMixture(m, origin, TINY), budget, 0);
  return value === null ? -Infinity : value / TINY / TINY;
}
