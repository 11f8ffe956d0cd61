import type { Gaussian } from '../distributions/multivariate-normal';
import type { KlDistribution } from './closed-form';

/** The components of a distribution that count, with their log weights; a single normal is a mixture of one. */
export interface Components {
  readonly logWeights: readonly number[];
  readonly components: readonly Gaussian[];
}

export function componentsOf(distribution: KlDistribution): Components {
  if (distribution.kind !== 'mixture') return { logWeights: [0], components: [distribution] };
  const only = distribution.soleComponent();
  if (only !== null) return { logWeights: [0], components: [only] };
  const present = [...distribution.components.keys()].filter((k) => distribution.weights[k]! > 0);
  return {
    logWeights: present.map((k) => distribution.logWeights[k]!),
    components: present.map((k) => distribution.components[k]!),
  };
}
