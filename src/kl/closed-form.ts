import type { DiagonalNormal } from '../distributions/diagonal-normal';
import type { FullNormal } from '../distributions/full-normal';
import type { GaussianMixture } from '../distributions/gaussian-mixture';
import type { Gaussian } from '../distributions/multivariate-normal';
import { meanOf } from '../distributions/multivariate-normal';
import { NoClosedFormError } from '../distributions/no-closed-form';
import type { Normal } from '../distributions/normal';
import { diagonalKl, fullKl, scalarKl } from './gaussian-kl';
import { requireSameShape } from './shapes';

/** The distributions whose divergences are computed here, by kind. */
interface ByKind {
  normal: Normal;
  diagonal: DiagonalNormal;
  full: FullNormal;
  mixture: GaussianMixture;
}
type Kind = keyof ByKind;
/**
 * A distribution between which divergences are known: a normal or a Gaussian mixture.
 *
 * @example
 * ```ts
 * import { type KlDistribution, Normal, quadratureKl } from 'gmm-vae';
 *
 * // How many times as far q is from p as p is from q.
 * const asymmetry = (q: KlDistribution, p: KlDistribution) => quadratureKl(q, p) / quadratureKl(p, q);
 * asymmetry(new Normal(0, 2), new Normal(0, 1)); // 2.5361
 * ```
 */
export type KlDistribution = ByKind[Kind];

/** One formula for each pair of kinds: a pair without an entry does not compile. */
type ClosedForms = { readonly [Q in Kind]: { readonly [P in Kind]: (q: ByKind[Q], p: ByKind[P]) => number } };

const CLOSED_FORMS: ClosedForms = {
  normal: { normal: scalarKl, diagonal: diagonals, full: fullKl, mixture: reduced },
  diagonal: { normal: diagonals, diagonal: diagonals, full: fullKl, mixture: reduced },
  full: { normal: fullKl, diagonal: fullKl, full: fullKl, mixture: reduced },
  mixture: { normal: reduced, diagonal: reduced, full: reduced, mixture: reduced },
};

/**
 * KL(q‖p) = E_q[ln q(Z)/p(Z)] in nats, in closed form: equation (9) and its multivariate relatives. A mixture that is one normal
 * written as many (K = 1, duplicated components, zero weights) counts as that normal.
 *
 * The relative error is below 1e-9, also for q ≈ p, while the covariances' condition numbers stay below 1e6; beyond, it grows
 * in proportion. +Infinity where the divergence exceeds every float.
 * @throws NoClosedFormError for every other mixture. @throws InvalidArgumentError when the event shapes differ.
 *
 * @example
 * ```ts
 * import { klDivergence, MultivariateNormal, Normal } from 'gmm-vae';
 *
 * // ½(−ln 0.49 − 1 + 0.36 + 0.49), equation (9)
 * klDivergence(new Normal(0.6, 0.7), new Normal(0, 1)); // 0.281675
 *
 * const [q, p] = [MultivariateNormal.diagonal([1, 0], [1, 2]), MultivariateNormal.diagonal([0, 0], [1, 1])];
 * klDivergence(q, p); // 1.30685
 * ```
 */
export function klDivergence(q: KlDistribution, p: KlDistribution): number {
  requireSameShape(q, p);
  return closedForm(q, p);
}

/** The same for normals of one dimension, which is not checked: for loops over pairs of components. */
export function klOfNormals(q: Gaussian, p: Gaussian): number {
  return closedForm(q, p);
}

function closedForm<Q extends Kind, P extends Kind>(q: ByKind[Q], p: ByKind[P]): number {
  const forms: { readonly [K in Kind]: (q: ByKind[Q], p: ByKind[K]) => number } = CLOSED_FORMS[q.kind as Q];
  return forms[p.kind as P](q, p);
}

function diagonals(q: Normal | DiagonalNormal, p: Normal | DiagonalNormal): number {
  return diagonalKl(meanOf(q), sigmaOf(q), meanOf(p), sigmaOf(p));
}

function sigmaOf(g: Normal | DiagonalNormal): Float64Array {
  return g.kind === 'normal' ? Float64Array.of(g.stddev) : g.stddev;
}

function reduced(q: KlDistribution, p: KlDistribution): number {
  return closedForm(single(q, 'q'), single(p, 'p'));
}

function single(distribution: KlDistribution, name: string): Gaussian {
  if (distribution.kind !== 'mixture') return distribution;
  const only = distribution.soleComponent();
  if (only !== null) return only;
  throw new NoClosedFormError(
    `KL(q‖p) has no known closed form: ${name} is a mixture, and no formula is known for the expectation of the logarithm of its ` +
      'sum over components (two of equal variance already leave E[softplus(a + bZ)]); call monteCarloKl (any dimension, with its standard error), klBounds (exact bounds) or ' +
      'quadratureKl (up to 3 dimensions) instead',
  );
}
