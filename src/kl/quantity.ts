import type { GaussianMixture } from '../distributions/gaussian-mixture';
import type { Gaussian } from '../distributions/multivariate-normal';
import type { KlDistribution } from './closed-form';
import { CombinedEstimator } from './combined-estimator';
import { type DivergenceName, divergence, divergenceBounds, quadratureDivergence } from './divergences';
import { entropyBounds } from './entropy-bounds';
import { divergenceCombination, entropyCombination } from './estimate-combined';
import type { EstimateKlOptions } from './estimate-options';
import { quadratureEntropy } from './quadrature';

/** What is to be known of one or two distributions, and the ways to it. All values are in nats. */
export interface Quantity {
  /** `KL(q‖p)`. */
  readonly symbol: string;
  /** Why none may be known. */
  readonly withoutClosedForm: string;
  /** @throws NoClosedFormError where there is none. */
  closedForm(): number;
  bounds(): { readonly lower: number; readonly upper: number };
  quadrature(): number;
  estimator(options: EstimateKlOptions): CombinedEstimator;
}

const SYMBOLS: { readonly [N in DivergenceName]: string } = {
  kl: 'KL(q‖p)',
  jeffreys: 'J(q, p)',
  'jensen-shannon': 'JS(q, p)',
};

const NONE = 'none is known for a mixture, whose log density is the logarithm of a sum';

export function divergenceQuantity(name: DivergenceName, q: KlDistribution, p: KlDistribution): Quantity {
  return {
    symbol: SYMBOLS[name],
    withoutClosedForm: name === 'jensen-shannon' ? `${NONE} (½q + ½p is one)` : NONE,
    closedForm: () => divergence(name, q, p),
    bounds: () => divergenceBounds(name, q, p),
    quadrature: () => quadratureDivergence(name, q, p),
    estimator: (options) => new CombinedEstimator(divergenceCombination(name, q, p), options),
  };
}

export function entropyQuantity(distribution: Gaussian | GaussianMixture): Quantity {
  return {
    symbol: 'H',
    withoutClosedForm: NONE,
    closedForm: () => distribution.entropy(),
    bounds: () => entropyBounds(distribution),
    quadrature: () => quadratureEntropy(distribution),
    estimator: (options) => new CombinedEstimator(entropyCombination(distribution), options),
  };
}
