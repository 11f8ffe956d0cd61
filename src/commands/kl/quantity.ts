import type { GaussianMixture } from '../../distributions/gaussian-mixture';
import type { Gaussian } from '../../distributions/multivariate-normal';
import type { KlDistribution } from '../../kl/closed-form';
import type { CombinedEstimator } from '../../kl/combined-estimator';
import type { DivergenceName } from '../../kl/divergences';
import type { EstimateKlOptions } from '../../kl/estimate-options';

/** What is to be known of one or two distributions, and the ways to it. All values are in nats. */
export interface Quantity {
  /** `KL(q‖p)`. */
  readonly symbol: string;
  /** Why it may have no closed form, and what to do then. */
  readonly withoutClosedForm: string;
  /** @throws NoClosedFormError where there is none. */
  closedForm(): number;
  bounds(): { readonly lower: number; readonly upper: number };
  quadrature(): number;
  estimator(options: EstimateKlOptions): CombinedEstimator;
}

const INSTEAD = 'use auto, monte-carlo, bounds or (up to 3 dimensions) quadrature';

const SYMBOLS: { readonly [N in DivergenceName]: string } = {
  kl: 'KL(q‖p)',
  jeffreys: 'J(q, p)',
  'jensen-shannon': 'JS(q, p)',
};

export async function divergenceQuantity(
  name: DivergenceName,
  q: KlDistribution,
  p: KlDistribution,
): Promise<Quantity> {
  const { divergence, divergenceBounds, quadratureDivergence } = await import('../../kl/divergences.js');
  const { divergenceCombination } = await import('../../kl/estimate-combined.js');
  const { CombinedEstimator } = await import('../../kl/combined-estimator.js');
  return {
    symbol: SYMBOLS[name],
    withoutClosedForm: `there is none for a mixture, whose log density is the logarithm of a sum${
      name === 'jensen-shannon' ? ' (½q + ½p is one)' : ''
    }; ${INSTEAD}`,
    closedForm: () => divergence(name, q, p),
    bounds: () => divergenceBounds(name, q, p),
    quadrature: () => quadratureDivergence(name, q, p),
    estimator: (options) => new CombinedEstimator(divergenceCombination(name, q, p), options),
  };
}

export async function entropyQuantity(distribution: Gaussian | GaussianMixture): Promise<Quantity> {
  const { entropyBounds } = await import('../../kl/entropy-bounds.js');
  const { quadratureEntropy } = await import('../../kl/quadrature.js');
  const { entropyCombination } = await import('../../kl/estimate-combined.js');
  const { CombinedEstimator } = await import('../../kl/combined-estimator.js');
  return {
    symbol: 'H',
    withoutClosedForm: `there is none for a mixture, whose log density is the logarithm of a sum; ${INSTEAD}`,
    closedForm: () => distribution.entropy(),
    bounds: () => entropyBounds(distribution),
    quadrature: () => quadratureEntropy(distribution),
    estimator: (options) => new CombinedEstimator(entropyCombination(distribution), options),
  };
}
