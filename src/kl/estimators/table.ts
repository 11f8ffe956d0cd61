import type { RandomStream } from '../../math/random';
import { MAX_SOBOL_DIMENSION } from '../../math/sobol';
import { componentWise } from './component-wise';
import { controlVariate } from './control-variate';
import { importance } from './importance';
import { k3DrawsNeeded, k3VarianceIsFinite } from './k3-variance';
import { analyticEntropy, antithetic, k2, k3, plain } from './pointwise';
import type { KlProblem } from './problem';
import { type Estimated, type Missed, missedAtEdges, missedRare } from './rare-components';
import { rqmc } from './rqmc';
import type { EstimatorRun } from './run';
import { stratified } from './stratified';
import { about } from './unseen';
import { missedCrossings } from './unseen-crossings';

/**
 * The estimators of KL(q‖p) that `estimateKl` knows; `best` chooses among them.
 *
 * @example
 * ```ts
 * import { estimateKl, type EstimatorName, Normal } from 'gmm-vae';
 *
 * const names: EstimatorName[] = ['plain', 'control-variate'];
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * // Control variates are exact where both are normal:
 * names.map((estimator) => estimateKl(q, p, { estimator, samples: 1000, seed: 1 }).value); // [0.473545, 0.500000]
 * ```
 */
export type EstimatorName =
  | 'plain'
  | 'analytic-entropy'
  | 'k2'
  | 'k3'
  | 'antithetic'
  | 'stratified'
  | 'rqmc'
  | 'control-variate'
  | 'importance'
  | 'component-wise';

interface Estimator {
  /** What is averaged, in symbols. */
  readonly formula: string;
  readonly unbiased: boolean;
  /** Why it cannot be used here, or null. */
  readonly objection: (problem: KlProblem) => string | null;
  /** What must be known to read what it gives for so many draws, or null. */
  readonly warning: (problem: KlProblem, samples: number) => string | null;
  readonly hasVariance: (problem: KlProblem) => boolean;
  /** Whether every component of q gets draws, however rare it is. */
  readonly drawsEachComponent: boolean;
  /** How many draws together are spread evenly over the unit cube; null where they are independent. */
  readonly strata: (samples: number, step: number) => number | null;
  /** A run on randomness of its own; `planned` is the number of draws intended. */
  readonly start: (problem: KlProblem, stream: RandomStream, planned: number) => EstimatorRun;
}

const always = (): true => true;
const never = (): null => null;
const UNCONDITIONAL = {
  unbiased: true,
  objection: never,
  warning: never,
  hasVariance: always,
  drawsEachComponent: false,
  strata: never,
} as const;

/** Coordinates of a distribution; one more is kept for the choice of component. */
const MOST_COORDINATES = MAX_SOBOL_DIMENSION - 1;

export const ESTIMATORS: { readonly [E in EstimatorName]: Estimator } = {
  plain: { ...UNCONDITIONAL, formula: 'ln q(z) − ln p(z)', start: plain },
  'analytic-entropy': {
    ...UNCONDITIONAL,
    formula: '−H(q) − ln p(z)',
    objection: ({ qs }) =>
      qs.components.length === 1 ? null : 'needs an entropy in closed form, which a mixture q does not have; use plain',
    start: analyticEntropy,
  },
  k2: {
    ...UNCONDITIONAL,
    formula: '½(ln p(z)/q(z))²',
    unbiased: false,
    warning: () => 'k2 is biased: its mean is ½(KL² + Var ln q/p), close to KL only where q is close to p',
    start: k2,
  },
  k3: {
    ...UNCONDITIONAL,
    formula: 'p(z)/q(z) − 1 − ln p(z)/q(z)',
    warning: k3Warning,
    hasVariance: k3VarianceIsFinite,
    start: k3,
  },
  antithetic: { ...UNCONDITIONAL, formula: '½[f(μ + Lε) + f(μ − Lε)], f = ln q/p', start: antithetic },
  stratified: {
    ...UNCONDITIONAL,
    formula: 'f over a Latin hypercube in ε',
    strata: (_, step) => step,
    start: stratified,
  },
  rqmc: {
    ...UNCONDITIONAL,
    formula: "f over scrambled Sobol' points sent through Φ⁻¹",
    objection: ({ q }) =>
      q.dimension <= MOST_COORDINATES
        ? null
        : `has direction numbers for at most ${MOST_COORDINATES} dimensions, got ${q.dimension}; use stratified or plain`,
    strata: (samples, step) => samples / step,
    start: rqmc,
  },
  'control-variate': {
    ...UNCONDITIONAL,
    formula: 'f − Σ_c b_c(g_c(z) − E g_c), b fitted on the other half',
    start: controlVariate,
  },
  importance: { ...UNCONDITIONAL, formula: 'c + q(z)/m(z)·(f(z) − c), z ~ m = ½q + ½ wider q', start: importance },
  'component-wise': {
    ...UNCONDITIONAL,
    formula: 'KL(q_i‖p_c) + ln w_i/π_c + ln r_c^p(z) − ln r_i^q(z), z ~ q_i',
    drawsEachComponent: true,
    start: componentWise,
  },
};

/** What is known of an estimate when its warnings are written. */
interface Known extends Estimated {
  /** Draws behind each row of numbers. */
  readonly step: number;
}

/** What must be known to read an estimate from so many draws, one sentence each. */
export function warningsOf(name: EstimatorName, problem: KlProblem, estimated: Known): string[] {
  const said = ESTIMATORS[name].warning(problem, estimated.samples);
  const missed = missedComponents(name, problem, estimated)?.warning ?? null;
  return [said, missed].filter((sentence) => sentence !== null);
}

/** What the draws may have too few of adds to the error: rare components of q, and rare places within them; null where the standard error includes it. */
export function missedComponents(name: EstimatorName, problem: KlProblem, estimated: Known): Missed | null {
  const { drawsEachComponent, strata } = ESTIMATORS[name];
  if (drawsEachComponent) return null;
  const together = strata(estimated.samples, estimated.step);
  const atEdges = (): Missed | null => (together === null ? null : missedAtEdges(problem, estimated, together));
  const worth = estimated.samples * (together !== null && isOneNormalNumber(problem) ? together : 1);
  return missedRare(problem, estimated) ?? atEdges() ?? missedCrossings(problem, estimated, worth);
}

/** Then the outermost of M evenly spread draws, which have weights, lies where that of some M² independent ones would. */
function isOneNormalNumber({ q, qs }: KlProblem): boolean {
  return qs.components.length === 1 && q.dimension === 1;
}

function k3Warning(problem: KlProblem, samples: number): string | null {
  if (!k3VarianceIsFinite(problem)) {
    return 'the variance of k3 is not finite here (it needs σ_q² > σ_p²/2 in every direction): there is no standard error, and the value can be far off';
  }
  const needed = k3DrawsNeeded(problem);
  if (samples >= needed) return null;
  return needed === Infinity
    ? 'the standard error of k3 is not reliable here, for any number of draws (that needs σ_q² > ¾σ_p² in every direction): rare draws carry the variance'
    : `the standard error of k3 is not reliable below about ${about(needed)} draws here: rare draws carry the variance`;
}

/**
 * The names, in the order of the table.
 *
 * @example
 * ```ts
 * import { KL_ESTIMATORS } from 'gmm-vae';
 *
 * KL_ESTIMATORS.length; // 10
 * KL_ESTIMATORS.includes('rqmc'); // true
 * ```
 */
export const KL_ESTIMATORS: readonly EstimatorName[] = Object.keys(ESTIMATORS) as EstimatorName[];
