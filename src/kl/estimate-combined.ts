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
 * −E_q[ln r] − KL(q‖r) for a normal r with the spread of q's coordinates, which is wider where a component lies far out. For modes that
 * overlap little take `component-wise`, which samples the responsibilities only.
 * @throws InvalidArgumentError as `estimateKl`, and where the spread of q exceeds every float.
 *
 * @example
 * ```ts
 * import { estimateEntropy, GaussianMixture, Normal, quadratureEntropy } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * estimateEntropy(p, { estimator: 'component-wise', samples: 4096, seed: 1 }).value; // 1.75122
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
  const { r, crossEntropy } = reference(distribution);
  return { constant: crossEntropy, terms: [{ weight: -1, q: distribution, p: r }], purpose: 'entropy' };
}

/** The most standard deviations of r that a component's mean may lie from that of r. */
const FARTHEST = 3;

/**
 * A normal r of independent coordinates, and −E_q[ln r]. Of each coordinate, the mean of r is that of the component nearest to the mean of all: a float
 * holds the mean of a component, beside others far from zero not that of all. Its variance is that of q about it, so that E_q[ln r] = −H(r), or
 * more where a component would lie beyond three standard deviations: ln r there would be large, and a rare component, of which few draws or none
 * come, would carry much of E_q[ln r].
 */
function reference(distribution: Gaussian | GaussianMixture): { readonly r: Gaussian; readonly crossEntropy: number } {
  const parts = componentsOf(distribution);
  const { deviations, stddev } = momentsOf(parts);
  const means = parts.components.map(meanOf);
  const nearest = stddev.map((_, j) => {
    const off = deviations.map((deviation) => Math.abs(nth(deviation, j)));
    return off.indexOf(Math.min(...off));
  });
  const mean = nearest.map((i, j) => nth(nth(means, i), j));
  const spread = stddev.map((s, j) => Math.hypot(s, 2 * nth(nth(deviations, nth(nearest, j)), j)));
  const reach = spread.map((_, j) => {
    const centre = nth(nth(deviations, nth(nearest, j)), j);
    return Math.max(...deviations.map((deviation) => 2 * Math.abs(nth(deviation, j) - centre)));
  });
  const wide = spread.map((s, j) => Math.max(s, nth(reach, j) / FARTHEST));
  if (!wide.every(Number.isFinite)) {
    throw new InvalidArgumentError('distribution', 'expected a spread that a float can hold; change the unit');
  }
  const scalar = distribution.eventShape.length === 0;
  const r = scalar ? new Normal(nth(mean, 0), nth(wide, 0)) : MultivariateNormal.diagonal(mean, wide);
  const narrower = spread.reduce((sum, s, j) => sum + 0.5 * ((s / nth(wide, j)) ** 2 - 1), 0);
  return { r, crossEntropy: r.entropy() + narrower };
}

function drawn(estimator: CombinedEstimator): CombinedEstimation {
  for (const part of estimator.parts) while (!part.done) part.draw(Number.MAX_SAFE_INTEGER);
  return estimator.result();
}
