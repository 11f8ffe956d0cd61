import { GaussianMixture } from '../distributions/gaussian-mixture';
import { NoClosedFormError } from '../distributions/no-closed-form';
import { InvalidArgumentError, shown } from '../errors';
import { type KlBounds, klBounds } from './bounds';
import { type KlDistribution, klDivergence } from './closed-form';
import { quadratureKl } from './quadrature';
import { requireSameShape } from './shapes';

/**
 * The Kullback–Leibler divergence KL(q‖p), and two symmetric ones made of it.
 *
 * @example
 * ```ts
 * import { type DivergenceName, Normal, quadratureDivergence } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const names: DivergenceName[] = ['kl', 'jeffreys', 'jensen-shannon'];
 * names.map((name) => quadratureDivergence(name, q, p)); // [0.5, 1.00000, 0.111421]
 * ```
 */
export type DivergenceName = 'kl' | 'jeffreys' | 'jensen-shannon';

/** weight·KL(q‖p). */
export interface KlTerm {
  readonly weight: number;
  readonly q: KlDistribution;
  readonly p: KlDistribution;
}

interface Divergence {
  readonly title: string;
  /** The formula in symbols. */
  readonly formula: string;
  /** What it never exceeds. */
  readonly most: number;
  readonly terms: (q: KlDistribution, p: KlDistribution) => readonly KlTerm[];
}

const DIVERGENCES: { readonly [N in DivergenceName]: Divergence } = {
  kl: {
    title: 'the Kullback–Leibler divergence',
    formula: 'KL(q‖p)',
    most: Infinity,
    terms: (q, p) => [{ weight: 1, q, p }],
  },
  jeffreys: {
    title: 'Jeffreys’ divergence',
    formula: 'KL(q‖p) + KL(p‖q)',
    most: Infinity,
    terms: (q, p) => [
      { weight: 1, q, p },
      { weight: 1, q: p, p: q },
    ],
  },
  'jensen-shannon': {
    title: 'the Jensen–Shannon divergence',
    formula: '½KL(q‖m) + ½KL(p‖m), m = ½q + ½p',
    most: Math.LN2,
    terms: (q, p) => {
      const m = evenMixture(q, p);
      return [
        { weight: 0.5, q, p: m },
        { weight: 0.5, q: p, p: m },
      ];
    },
  },
};

/**
 * Jeffreys' divergence KL(q‖p) + KL(p‖q) or the Jensen–Shannon divergence ½KL(q‖m) + ½KL(p‖m), m = ½q + ½p (at most ln 2; Lin 1991), in nats, in
 * closed form.
 * @throws NoClosedFormError where a mixture stands in the way: for Jensen–Shannon always but for q = p.
 * @throws InvalidArgumentError when the event shapes differ or the name is none.
 *
 * @example
 * ```ts
 * import { divergence, Normal } from 'gmm-vae';
 *
 * divergence('jeffreys', new Normal(0, 1), new Normal(1, 1)); // 1
 * divergence('jensen-shannon', new Normal(0, 1), new Normal(1, 1)); // throws NoClosedFormError
 * ```
 */
export function divergence(name: DivergenceName, q: KlDistribution, p: KlDistribution): number {
  try {
    return sum(name, q, p, klDivergence);
  } catch (error) {
    if (!(error instanceof NoClosedFormError) || name === 'kl') throw error;
    const { title, formula } = DIVERGENCES[name];
    throw new NoClosedFormError(
      `${title} ${formula} has no known closed form here: no formula is known for the expectation of the logarithm of a ` +
        "mixture's sum over components; call estimateDivergence (any dimension, with its standard error), divergenceBounds " +
        '(exact bounds) or quadratureDivergence (up to 3 dimensions) instead',
    );
  }
}

/**
 * `divergence` by numerical integration, in nats, up to 3 dimensions: within 2e-8·max(1, value) of the true value.
 * @throws QuadratureError when the tolerance is not met; estimateDivergence and divergenceBounds answer then.
 * @throws InvalidArgumentError when the event shapes differ, d > 3 or the name is none.
 *
 * @example
 * ```ts
 * import { Normal, quadratureDivergence } from 'gmm-vae';
 *
 * quadratureDivergence('jensen-shannon', new Normal(0, 1), new Normal(1, 1)); // 0.111421
 * ```
 */
export function quadratureDivergence(name: DivergenceName, q: KlDistribution, p: KlDistribution): number {
  // What is allowed for may lie beyond what the divergence can be.
  return Math.min(checkedDivergence(name).most, sum(name, q, p, quadratureKl));
}

/**
 * Closed-form bounds lower ≤ `divergence` ≤ upper, in nats, from `klBounds` of its terms.
 * @throws InvalidArgumentError when the event shapes differ or the name is none.
 *
 * @example
 * ```ts
 * import { divergenceBounds, Normal } from 'gmm-vae';
 *
 * divergenceBounds('jensen-shannon', new Normal(0, 1), new Normal(1, 1)); // { lower: 0, upper: 0.21907 }
 * ```
 */
export function divergenceBounds(name: DivergenceName, q: KlDistribution, p: KlDistribution): KlBounds {
  const { most } = checkedDivergence(name);
  const terms = termsOf(name, q, p).map(({ weight, ...pair }) => ({ weight, bounds: klBounds(pair.q, pair.p) }));
  return {
    lower: Math.min(
      most,
      terms.reduce((total, { weight, bounds }) => total + weight * bounds.lower, 0),
    ),
    upper: Math.min(
      most,
      terms.reduce((total, { weight, bounds }) => total + weight * bounds.upper, 0),
    ),
  };
}

/** @throws InvalidArgumentError when the event shapes differ or the name is none. */
export function termsOf(name: DivergenceName, q: KlDistribution, p: KlDistribution): readonly KlTerm[] {
  const { terms } = checkedDivergence(name);
  requireSameShape(q, p);
  return terms(q, p);
}

function sum(
  name: DivergenceName,
  q: KlDistribution,
  p: KlDistribution,
  of: (q: KlDistribution, p: KlDistribution) => number,
): number {
  return termsOf(name, q, p).reduce((total, term) => total + term.weight * of(term.q, term.p), 0);
}

function checkedDivergence(name: DivergenceName): Divergence {
  if (Object.hasOwn(DIVERGENCES, name)) return DIVERGENCES[name];
  const known = Object.keys(DIVERGENCES).join(', ');
  throw new InvalidArgumentError('name', `expected one of ${known}, got ${shown(name)}`);
}

/** ½q + ½p. */
function evenMixture(q: KlDistribution, p: KlDistribution): GaussianMixture {
  const sides = [q, p].map((side) => (side.kind === 'mixture' ? side : new GaussianMixture([1], [side])));
  return GaussianMixture.fromLogits(
    sides.flatMap(({ logWeights }) => [...logWeights]),
    sides.flatMap(({ components }) => components),
  );
}
