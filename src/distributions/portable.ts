import { GaussianMixture } from './gaussian-mixture';
import { type Gaussian, MultivariateNormal } from './multivariate-normal';
import { Normal } from './normal';

/** What makes a normal or a mixture again, to the last bit, in plain arrays that travel between threads. */
export type Portable = PortableGaussian | PortableMixture;

type PortableGaussian =
  | { readonly kind: 'normal'; readonly mean: number; readonly stddev: number }
  | { readonly kind: 'diagonal'; readonly mean: Float64Array; readonly stddev: Float64Array }
  | { readonly kind: 'full'; readonly mean: Float64Array; readonly covariance: Float64Array };

interface PortableMixture {
  readonly kind: 'mixture';
  /** The weights as they were given: normalised ones would be divided by their sum again, which may not be 1 to the last bit. */
  readonly weights: Float64Array;
  readonly components: readonly PortableGaussian[];
}

export function toPortable(distribution: Gaussian | GaussianMixture): Portable {
  if (distribution.kind !== 'mixture') return portableGaussian(distribution);
  const { kind, givenWeights: weights, components } = distribution;
  return { kind, weights, components: components.map(portableGaussian) };
}

export function fromPortable(portable: Portable): Gaussian | GaussianMixture {
  if (portable.kind !== 'mixture') return gaussian(portable);
  return new GaussianMixture(portable.weights, portable.components.map(gaussian));
}

function portableGaussian(g: Gaussian): PortableGaussian {
  if (g.kind === 'normal') return { kind: g.kind, mean: g.mean, stddev: g.stddev };
  if (g.kind === 'diagonal') return { kind: g.kind, mean: g.mean, stddev: g.stddev };
  return { kind: g.kind, mean: g.mean, covariance: g.covariance };
}

function gaussian(g: PortableGaussian): Gaussian {
  if (g.kind === 'normal') return new Normal(g.mean, g.stddev);
  if (g.kind === 'diagonal') return MultivariateNormal.diagonal(g.mean, g.stddev);
  return MultivariateNormal.full(g.mean, g.covariance);
}
