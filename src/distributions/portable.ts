import { GaussianMixture } from './gaussian-mixture';
import { type Gaussian, MultivariateNormal } from './multivariate-normal';
import { Normal } from './normal';

/** What makes a normal or a mixture again, to the last bit, in plain arrays that travel between threads. */
export type Portable = PortableGaussian | PortableMixture;

type PortableGaussian =
  | { readonly kind: 'normal'; readonly mu: number; readonly sigma: number }
  | { readonly kind: 'diagonal' | 'full'; readonly mu: Float64Array; readonly sigma: Float64Array };

interface PortableMixture {
  readonly kind: 'mixture';
  /** As they were given: normalised ones would be divided by their sum again, which may not be 1 to the last bit. */
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
  return g.kind === 'normal' ? { kind: g.kind, mu: g.mu, sigma: g.sigma } : { kind: g.kind, mu: g.mu, sigma: g.sigma };
}

function gaussian(g: PortableGaussian): Gaussian {
  if (g.kind === 'normal') return new Normal(g.mu, g.sigma);
  return g.kind === 'diagonal' ? MultivariateNormal.diagonal(g.mu, g.sigma) : MultivariateNormal.full(g.mu, g.sigma);
}
