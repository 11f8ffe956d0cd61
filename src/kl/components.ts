import type { Gaussian } from '../distributions/multivariate-normal';
import { requireDistribution } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import type { KlDistribution } from './closed-form';

/** The components of a distribution that count, with their log weights; a single normal is a mixture of one. */
export interface Components {
  readonly logWeights: readonly number[];
  readonly components: readonly Gaussian[];
}

const KINDS: readonly string[] = ['normal', 'diagonal', 'full', 'mixture'];

/** @throws InvalidArgumentError for what is none of the library's distributions. */
export function componentsOf(distribution: KlDistribution): Components {
  requireDistribution('distribution', distribution);
  if (!KINDS.includes(distribution.kind)) {
    const problem = `expected a Normal, a MultivariateNormal or a GaussianMixture, got another distribution; use monteCarloKl`;
    throw new InvalidArgumentError('distribution', problem);
  }
  if (distribution.kind !== 'mixture') return { logWeights: [0], components: [distribution] };
  const only = distribution.soleComponent();
  if (only !== null) return { logWeights: [0], components: [only] };
  const present = [...distribution.components.keys()].filter((k) => nth(distribution.logWeights, k) > -Infinity);
  return {
    logWeights: present.map((k) => nth(distribution.logWeights, k)),
    components: present.map((k) => nth(distribution.components, k)),
  };
}

/** Those that draws come from: a weight given as a logit may be below every float, and counts in densities only. */
export function drawnComponentsOf(distribution: KlDistribution): Components {
  const { logWeights, components } = componentsOf(distribution);
  const drawn = [...components.keys()].filter((i) => Math.exp(nth(logWeights, i)) > 0);
  return { logWeights: drawn.map((i) => nth(logWeights, i)), components: drawn.map((i) => nth(components, i)) };
}

/** Σ_i w_i f(i) over the components, without those whose weight is below every float. */
export function average({ logWeights }: Components, of: (i: number) => number): number {
  return logWeights.reduce((sum, log, i) => (Math.exp(log) > 0 ? sum + Math.exp(log) * of(i) : sum), 0);
}
