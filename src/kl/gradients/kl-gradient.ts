import { type Gaussian, stddevOf } from '../../distributions/multivariate-normal';
import { InvalidArgumentError } from '../../errors';
import { nth } from '../../nth';
import type { KlDistribution } from '../closed-form';

/**
 * The gradient of KL(q‖p) with respect to the means and standard deviations of q, in nats per unit of z.
 *
 * @example
 * ```ts
 * import { type KlGradient, Normal, quadratureKlGradient } from 'gmm-vae';
 *
 * const gradient: KlGradient = quadratureKlGradient(new Normal(1, 0.5), new Normal(0, 1));
 * gradient.mean; // [1.00000]
 * gradient.stddev; // [-1.5]
 * ```
 */
export interface KlGradient {
  /** ∂KL(q‖p)/∂μ, one number per dimension, in nats per unit of z. */
  readonly mean: Float64Array;
  /** ∂KL(q‖p)/∂σ. */
  readonly stddev: Float64Array;
}

/**
 * Where a q of another kind arrives from JavaScript or through a cast.
 * @throws InvalidArgumentError unless q is a normal with diagonal covariance: the gradient is one by μ and σ.
 */
export function requireDiagonal({ kind }: KlDistribution): void {
  if (kind === 'normal' || kind === 'diagonal') return;
  const got = kind === 'full' ? 'a full covariance matrix' : 'a mixture';
  const problem = `expected a normal with standard deviations, whose gradient by μ and σ this is, got ${got}; use Normal or MultivariateNormal.diagonal`;
  throw new InvalidArgumentError('q', problem);
}

/** σ of a normal that has passed `requireDiagonal`. */
export function stddevs(q: Gaussian): Float64Array {
  const sigma = stddevOf(q);
  if (sigma === null) throw new InvalidArgumentError('q', 'expected a normal with standard deviations');
  return sigma;
}

/** Converts nats per unit of z/units to nats per unit of z. */
export function inUnitsOfZ({ mean, stddev }: KlGradient, units: Float64Array): KlGradient {
  const back = (values: Float64Array): Float64Array => values.map((x, j) => x / nth(units, j));
  return { mean: back(mean), stddev: back(stddev) };
}

export function outOfReach(): InvalidArgumentError {
  return new InvalidArgumentError(
    'p',
    'expected a finite log density wherever q has its mass, but it leaves the floats there, and with it the gradient',
  );
}
