import { cumulativeSums } from '../../math/cumulative';
import { nth } from '../../nth';
import { klOfNormals } from '../closed-form';
import type { Components } from '../components';
import { divergencesAbove } from '../entropy-bounds';
import { ofPairs } from '../pairs';
import type { KlProblem } from './problem';
import { about, affordable, mayBeUnseen, SHARE, unseen } from './unseen';

/** The most nanoseconds, about, that a look at the components' divergences takes. */
const MOST_TIME = 3e8;

/** What is known of an estimate. */
export interface Estimated {
  readonly value: number;
  readonly standardError: number | null;
  readonly samples: number;
}

/** What the draws may have missed. */
export interface Missed {
  /** The standard error that it adds, in nats. */
  readonly error: number;
  /** What a reader of the estimate has to know. */
  readonly warning: string;
}

/**
 * What rare components of q carry, where the draws are too few to tell: with none of them drawn, every term may be alike, and the standard error
 * next to nothing. Component i adds w_i(a_i − KL)² to the variance of a term, with a_i = E_{q_i}[ln q/p] by Hershey and Olsen's
 * approximation.
 * @returns null where the standard error includes it
 */
export function missedRare(problem: KlProblem, { value, standardError, samples }: Estimated): Missed | null {
  if (standardError === null) return null;
  const all = problem.qs.logWeights.map(Math.exp);
  const rare = [...all.keys()].filter((i) => mayBeUnseen(nth(all, i), samples));
  rare.sort((a, b) => nth(all, b) - nth(all, a));
  const looked = rare.slice(0, affordable(problem, MOST_TIME, ofPair));
  if (looked.length === 0) return null;
  const weights = looked.map((i) => nth(all, i));
  const means = meanLogRatios(problem, looked);
  const found = unseen(
    weights,
    means.map((mean) => mean - value),
    samples,
  );
  if (!found) return null;
  const error = found.deviation / Math.sqrt(samples);
  if (!(error > SHARE * standardError)) return null;
  const [weight, mean] = [nth(weights, found.largest), nth(means, found.largest)];
  const warning = `the standard error is not reliable below about ${about(found.needed)} draws: components of q that are rarely drawn carry the variance (one of weight ${about(weight)} contributes about ${about(weight * mean)} nats); use the estimator component-wise`;
  return { error, warning };
}

/** The error left out, beside the reported one, from which on it is sure that the reported one does not include it. */
const SURELY = 2;

/**
 * What happens at the edges of components, which evenly spread draws may miss. Of M draws that are one in each M-th of the unit interval, a component
 * gets M·(its weight) rounded down or up: at the edge between two of them one draw belongs to either, with probability f, the fraction of M times the
 * weights before it, and shifts the mean of the M by the components' difference over M. Where f is small, the few repetitions whose spread is the
 * standard error may all lack that draw.
 * @param strata M
 * @returns null where the standard error includes it
 */
export function missedAtEdges(
  problem: KlProblem,
  { standardError, samples }: Estimated,
  strata: number,
): Missed | null {
  const { qs } = problem;
  const count = qs.components.length;
  if (standardError === null || count === 1 || count > affordable(problem, MOST_TIME, ofPair)) return null;
  const means = meanLogRatios(problem, [...qs.components.keys()]);
  const edges = cumulativeSums(qs.logWeights.map(Math.exp)).subarray(0, -1);
  const variance = edges.reduce((sum, edge, i) => {
    const f = strata * edge - Math.floor(strata * edge);
    return sum + f * (1 - f) * ((nth(means, i) - nth(means, i + 1)) / strata) ** 2;
  }, 0);
  const error = Math.sqrt((variance * strata) / samples);
  if (!(error > SURELY * standardError)) return null;
  const warning = `the standard error is not reliable here: whether a component of q gets one more of ${strata} draws is left to chance, which adds an error of about ${about(error)} nats; use the estimator component-wise`;
  return { error, warning };
}

/** Nanoseconds that the divergence of one pair of components takes, about. */
const ofPair = (d: number, isFull: boolean): number => 75 + (isFull ? 2.5 * d ** 3 : 5 * d);

/** What has been computed before: `best` and every look at a target ask again. */
const known = new WeakMap<KlProblem, Map<number, number>>();

/** a_i = ln Σ_j w_j exp(−KL(q_i‖q_j)) − ln Σ_c π_c exp(−KL(q_i‖p_c)) of these components of q. */
function meanLogRatios(problem: KlProblem, of: readonly number[]): number[] {
  const { qs, ps } = problem;
  const before = known.get(problem) ?? new Map<number, number>();
  known.set(problem, before);
  const missing = of.filter((i) => !before.has(i));
  if (missing.length > 0) {
    const some: Components = {
      logWeights: missing.map((i) => nth(qs.logWeights, i)),
      components: missing.map((i) => nth(qs.components, i)),
    };
    const own = divergencesAbove(ofPairs(some, qs, klOfNormals), qs);
    const other = divergencesAbove(ofPairs(some, ps, klOfNormals), ps);
    missing.forEach((i, at) => {
      before.set(i, nth(other, at) - nth(own, at));
    });
  }
  return of.map((i) => before.get(i) as number);
}
