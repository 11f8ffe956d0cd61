import type { GaussianMixture } from '../distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal, meanOf } from '../distributions/multivariate-normal';
import { Normal } from '../distributions/normal';
import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import type { KlDistribution } from './closed-form';
import { type Combination, type CombinedEstimation, CombinedEstimator } from './combined-estimator';
import { componentsOf } from './components';
import { type DivergenceName, termsOf } from './divergences';
import { momentsOf } from './entropy-bounds';
import type { EstimateKlOptions } from './estimate-options';

/**
 * Estimates Jeffreys' or the Jensen–Shannon divergence of q and p, in nats, with the estimators of `estimateKl`: each of its two divergences by
 * itself, with random numbers of its own. `samples` and `maxSamples` are for each of them; `targetError` is for the sum.
 * @throws InvalidArgumentError as `estimateKl`, and for a name that is none.
 *
 * @example
 * ```ts
 * import { estimateDivergence, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * estimateDivergence('jensen-shannon', q, p, { estimator: 'stratified', samples: 4096, seed: 1 }).value; // 0.111387
 * ```
 */
export function estimateDivergence(
  name: DivergenceName,
  q: KlDistribution,
  p: KlDistribution,
  options: EstimateKlOptions,
): CombinedEstimation {
  return drawn(new CombinedEstimator(divergenceCombination(name, q, p), options));
}

/**
 * Estimates the differential entropy H(q) = −E_q[ln q(Z)] of a normal or a mixture, in nats, with the estimators of `estimateKl`: H(q) =
 * H(r) − KL(q‖r) for a normal r with the spread of q's coordinates. For modes that overlap little take `component-wise`,
 * which samples the responsibilities only.
 * @throws InvalidArgumentError as `estimateKl`, and where the spread of q exceeds every float.
 *
 * @example
 * ```ts
 * import { estimateEntropy, GaussianMixture, Normal, quadratureEntropy } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * estimateEntropy(p, { estimator: 'component-wise', samples: 4096, seed: 1 }).value; // 1.75727
 * quadratureEntropy(p); // 1.75577
 * ```
 */
export function estimateEntropy(
  distribution: Gaussian | GaussianMixture,
  options: EstimateKlOptions,
): CombinedEstimation {
  return drawn(new CombinedEstimator(entropyCombination(distribution), options));
}

export function divergenceCombination(name: DivergenceName, q: KlDistribution, p: KlDistribution): Combination {
  return { constant: 0, terms: termsOf(name, q, p), purpose: name };
}

export function entropyCombination(distribution: Gaussian | GaussianMixture): Combination {
  const r = reference(distribution);
  return { constant: r.entropy(), terms: [{ weight: -1, q: distribution, p: r }], purpose: 'entropy' };
}

/**
 * The normal r of independent coordinates with E_q[ln r] = −H(r): of each coordinate, the mean is that of the component nearest to the mean of all,
 * and the variance is about it. A float holds the mean of a component, beside others far from zero not that of all.
 */
function reference(distribution: Gaussian | GaussianMixture): Gaussian {
  const parts = componentsOf(distribution);
  const { deviations, stddev } = momentsOf(parts);
  const means = parts.components.map(meanOf);
  const nearest = stddev.map((_, j) => {
    const off = deviations.map((deviation) => Math.abs(nth(deviation, j)));
    return off.indexOf(Math.min(...off));
  });
  const mean = nearest.map((i, j) => nth(nth(means, i), j));
  const spread = stddev.map((s, j) => Math.hypot(s, 2 * nth(nth(deviations, nth(nearest, j)), j)));
  if (!spread.every(Number.isFinite)) {
    throw new InvalidArgumentError('distribution', 'expected a spread that a float can hold; change the unit');
  }
  if (distribution.eventShape.length === 0) return new Normal(nth(mean, 0), nth(spread, 0));
  return MultivariateNormal.diagonal(mean, spread);
}

function drawn(estimator: CombinedEstimator): CombinedEstimation {
  for (const part of estimator.parts) while (!part.done) part.draw(Number.MAX_SAFE_INTEGER);
  return estimator.result();
}
