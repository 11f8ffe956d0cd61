import type { DiagonalNormal } from '../../distributions/diagonal-normal';
import type { Normal } from '../../distributions/normal';
import { InvalidArgumentError } from '../../errors';
import type { KlDistribution } from '../closed-form';
import { componentsOf } from '../components';
import { type Budget, MAX_WORK, NormalExpectation } from '../normal-expectation';
import { requireSameShape } from '../shapes';
import { WhitenedMixture } from '../whitened-mixture';
import { type KlGradient, outOfReach, requireDiagonal, stddevs } from './kl-gradient';

const TOLERANCE = { absolute: 5e-10, relative: 5e-10 };

/**
 * The gradient of KL(q‖p) with respect to the means and standard deviations of q = N(μ, diag σ²), by adaptive quadrature of
 *   ∂KL/∂μ_j = −E[g_j]/σ_j,  ∂KL/∂σ_j = −(1 + E[ε_j g_j])/σ_j,  g_j = σ_j ∂_j ln p(μ + σε),
 * in nats per unit of z, up to 2 dimensions. The error of either is below 1e-8·max(1, E|g_j| or E|ε_j g_j|)/σ_j.
 * @throws InvalidArgumentError when the event shapes differ, q is no normal with diagonal covariance or d > 2. @throws QuadratureError when the tolerance is not met.
 *
 * @example
 * ```ts
 * import { Normal, quadratureKlGradient } from 'gmm-vae';
 *
 * // ∂KL/∂μ = μ and ∂KL/∂σ = σ − 1/σ
 * quadratureKlGradient(new Normal(1, 0.5), new Normal(0, 1)); // { mean: [1.00000], stddev: [-1.5] }
 * ```
 */
export function quadratureKlGradient(q: Normal | DiagonalNormal, p: KlDistribution): KlGradient {
  requireDiagonal(q);
  requireSameShape(q, p);
  const d = q.dimension;
  if (d > 2) throw new InvalidArgumentError('q', `expected at most 2 dimensions for quadrature, got ${d}`);
  const sigma = stddevs(q);
  const mixture = new WhitenedMixture(componentsOf(p), q);
  const budget: Budget = { left: MAX_WORK };
  const expectation = (j: number, power: 0 | 1): number => {
    const integrand = (last: number, x: Float64Array): number => {
      if (!Number.isFinite(mixture.logDensity(last))) throw outOfReach();
      const epsilon = j === d - 1 ? last : x[j]!;
      return (power === 0 ? 1 : epsilon) * mixture.derivative(j, last, x);
    };
    return new NormalExpectation(mixture, integrand, TOLERANCE, budget).value();
  };
  return {
    mean: sigma.map((s, j) => -expectation(j, 0) / s),
    stddev: sigma.map((s, j) => -(1 + expectation(j, 1)) / s),
  };
}
