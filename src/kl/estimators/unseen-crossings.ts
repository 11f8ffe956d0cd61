import { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { type Crossing, crossingsOf, nearestComponent } from './crossings';
import { type KlProblem, logRatioAt, MixtureSampler } from './problem';
import type { Estimated, Missed } from './rare-components';
import { remainderAt } from './remainder';
import { oddsAt, placeTilted } from './tilt';
import { about, affordable, SHARE, timesEnough } from './unseen';

/** Where l is above this, a component's draws count as having come to a crossing. */
const ARRIVED = -1;
/** Points per crossing: its part in the variance is known to a factor of 2 or so. */
const POINTS = 8;
/** Crossings of one component that are looked at, the largest. */
const MOST_CROSSINGS = 16;
/** The most nanoseconds, about, that the look takes. */
const MOST_TIME = 1e8;

/**
 * What the places between components carry where the draws are too few to come there: without one, every term may be alike, and the standard error next
 * to nothing. Jensen–Shannon's KL(q‖½q + ½p) of two normals 10 standard deviations apart is ln 2 less 8.6e-7, all of which comes from one draw in
 * four million.
 * @param worth the independent draws that these are worth where draws rarely come
 * @returns null where the standard error includes it
 */
export function missedCrossings(
  problem: KlProblem,
  { standardError, samples }: Estimated,
  worth: number,
): Missed | null {
  if (standardError === null) return null;
  const { squares, fourths } = carried(problem);
  // That of what differs from zero, always by the same, once in so many draws.
  const kurtosis = fourths / squares ** 2;
  const needed = timesEnough(kurtosis);
  if (!(worth < needed)) return null;
  const error = Math.sqrt(squares / samples);
  if (!(error > SHARE * standardError)) return null;
  const until = worth === samples ? `below about ${about(needed)} draws` : 'here';
  const warning = `the standard error is not reliable ${until}: places between components, where about one draw in ${about(kurtosis)} comes, carry the variance; use the estimator component-wise`;
  return { error, warning };
}

/** What the rare places add, per draw from q. */
interface Carried {
  /** The mean square of what the term differs by there, and its fourth power. */
  readonly squares: number;
  readonly fourths: number;
}

/** What has been computed before: `best` and every look at a target ask again. */
const known = new WeakMap<KlProblem, Carried>();

function carried(problem: KlProblem): Carried {
  const before = known.get(problem);
  if (before) return before;
  const { logWeights } = problem.qs;
  const heaviest = [...logWeights.keys()].sort((a, b) => nth(logWeights, b) - nth(logWeights, a));
  const sum = { squares: 0, fourths: 0 };
  for (const i of heaviest.slice(0, affordable(problem, MOST_TIME, besideEach))) {
    const own = carriedBy(problem, i);
    const w = Math.exp(nth(logWeights, i));
    sum.squares += w * own.squares;
    sum.fourths += w * own.fourths;
  }
  known.set(problem, sum);
  return sum;
}

/** The same of component i of q: means over the tilted normals, weighted by q_i over the mixture of them. */
function carriedBy(problem: KlProblem, i: number): Carried {
  const crossings = crossingsOf(problem, i).slice(0, MOST_CROSSINGS);
  const sum = { squares: 0, fourths: 0 };
  if (crossings.length === 0) return sum;
  const all = crossings.reduce((shares, { share }) => shares + share, 0);
  const c = nearestComponent(problem, i);
  const view = problem.from(i);
  const d = problem.q.dimension;
  const [eta, x, z] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
  const sampler = new MixtureSampler(problem.qs);
  // Only how large something is: the same points every time, whatever the seed of the estimate.
  const stream = RandomStream.of(0, 'crossings');
  const atMean = [remainderAt(view, i, c, z), logRatioAt(view, z)] as const;
  for (const { odds, tilt, share } of crossings) {
    for (let point = 0; point < POINTS; point++) {
      stream.fillNormal(eta);
      placeTilted(odds, tilt.theta, eta, x);
      sampler.place(i, x, 1, z);
      const weight = (share / all / POINTS) * arrived(crossings, all, x);
      if (weight === 0) continue;
      // One of the two is smooth where a place is nothing special: between many alike, or where the other component is that of p too.
      const [remainder, logRatio] = [remainderAt(view, i, c, z), logRatioAt(view, z)];
      const square = Math.min(Math.abs(remainder - atMean[0]), Math.abs(logRatio - atMean[1])) ** 2;
      sum.squares += weight * square;
      sum.fourths += weight * square * square;
    }
  }
  return sum;
}

/** The density of q_i over that of the mixture of tilted normals; 0 where no crossing is. */
function arrived(crossings: readonly Crossing[], all: number, x: Float64Array): number {
  const levels = crossings.map(({ odds }) => oddsAt(odds, x));
  if (!(Math.max(...levels) > ARRIVED)) return 0;
  const density = crossings.reduce(
    (sum, { tilt, share }, k) => sum + (share / all) * Math.exp(tilt.theta * nth(levels, k) - tilt.psi),
    0,
  );
  return 1 / density;
}

/** Nanoseconds that a component takes beside each other one, about: for the place between the two, and its density at the points. */
function besideEach(d: number, isFull: boolean): number {
  const place = isFull ? 100 * d ** 3 : 200 + 20 * d;
  const density = 20 + (isFull ? d * d : 5 * d);
  return place + POINTS * MOST_CROSSINGS * density;
}
