import { cumulativeSums } from '../../math/cumulative';
import { nth } from '../../nth';
import { klOfNormals } from '../closed-form';
import type { Components } from '../components';
import { divergencesAbove } from '../entropy-bounds';
import { ofPairs } from '../pairs';
import type { KlProblem } from './problem';

/** A component that is expected in so few draws tells little of its part in the variance. */
const FEW = 10;
/** The hidden error, beside the reported one, from which on the reported one is too small by more than 12 %. */
const SHARE = 0.5;
/** Numbers behind the divergences that are looked at: some tenths of a second at most. */
const MOST_WORK = 1e7;

/** What is known of an estimate. */
export interface Estimated {
  readonly value: number;
  readonly standardError: number | null;
  readonly samples: number;
}

/**
 * Says so where rare components of q carry the divergence, and the draws are too few to tell: with none of them drawn, every term may be
 * alike, and the standard error next to nothing. Component i adds w_i(a_i − KL)² to the variance of a term, with a_i = E_{q_i}[ln q/p] by
 * Hershey and Olsen's approximation. As for k3, the variance counts as known from 10 kurtoses on.
 */
export function rareComponentWarning(problem: KlProblem, { value, standardError, samples }: Estimated): string | null {
  if (standardError === null) return null;
  const rare = rareComponents(problem, samples);
  if (rare.components.length === 0) return null;
  const means = meanLogRatios(problem, rare);
  let squares = 0;
  let fourths = 0;
  let largest = 0;
  means.forEach((mean, i) => {
    const square = Math.exp(nth(rare.logWeights, i)) * (mean - value) ** 2;
    squares += square;
    fourths += square * (mean - value) ** 2;
    if (square > Math.exp(nth(rare.logWeights, largest)) * (nth(means, largest) - value) ** 2) largest = i;
  });
  const needed = (FEW * fourths) / squares ** 2;
  if (!(Math.sqrt(squares / samples) > SHARE * standardError && samples < needed)) return null;
  const weight = Math.exp(nth(rare.logWeights, largest)).toPrecision(2);
  return `the standard error cannot be believed below some ${needed.toPrecision(2)} draws here: components of q that are seldom drawn carry the variance (one of weight ${weight} adds some ${(Number(weight) * nth(means, largest)).toPrecision(2)} nats); take component-wise`;
}

/** The error left out, beside the reported one, from which on it is sure that the reported one does not include it. */
const SURELY = 2;

/**
 * Says so where evenly spread draws miss what happens at the edges of components. Of M draws that are one in each M-th of the unit interval, a component
 * gets M·(its weight) rounded down or up: at the edge between two of them one draw belongs to either, with probability f, the fraction of M times the
 * weights before it, and shifts the mean of the M by the components' difference over M. Where f is small, the few repetitions whose spread is the
 * standard error may all lack that draw.
 * @param strata M
 */
export function edgeWarning(problem: KlProblem, { standardError, samples }: Estimated, strata: number): string | null {
  const { q, qs, ps } = problem;
  const count = qs.components.length;
  const work = count * (count + ps.components.length) * q.dimension ** 2;
  if (standardError === null || count === 1 || work > MOST_WORK) return null;
  const means = meanLogRatios(problem, qs);
  const edges = cumulativeSums(qs.logWeights.map(Math.exp)).subarray(0, -1);
  const variance = edges.reduce((sum, edge, i) => {
    const f = strata * edge - Math.floor(strata * edge);
    return sum + f * (1 - f) * ((nth(means, i) - nth(means, i + 1)) / strata) ** 2;
  }, 0);
  const error = Math.sqrt((variance * strata) / samples);
  if (!(error > SURELY * standardError)) return null;
  return `the standard error cannot be believed here: whether a component of q gets one draw more of ${strata} is left to chance, which adds an error of some ${error.toPrecision(2)} nats; take component-wise`;
}

/** The components that are expected in fewer than `FEW` draws; of more than can be looked at, the heaviest. */
function rareComponents({ q, qs, ps }: KlProblem, samples: number): Components {
  const weights = qs.logWeights.map(Math.exp);
  const rare = [...weights.keys()].filter((i) => nth(weights, i) * samples < FEW);
  const perComponent = (qs.components.length + ps.components.length) * q.dimension ** 2;
  const most = Math.max(1, Math.floor(MOST_WORK / perComponent));
  if (rare.length > most) rare.sort((a, b) => nth(weights, b) - nth(weights, a)).length = most;
  return { logWeights: rare.map((i) => nth(qs.logWeights, i)), components: rare.map((i) => nth(qs.components, i)) };
}

/** a_i = ln Σ_j w_j exp(−KL(q_i‖q_j)) − ln Σ_c π_c exp(−KL(q_i‖p_c)). */
function meanLogRatios({ qs, ps }: KlProblem, rare: Components): Float64Array {
  const own = divergencesAbove(ofPairs(rare, qs, klOfNormals), qs);
  return divergencesAbove(ofPairs(rare, ps, klOfNormals), ps).map((other, i) => other - nth(own, i));
}
