import type { Gaussian } from '../../distributions/multivariate-normal';
import { nth } from '../../nth';
import { klDivergence } from '../closed-form';
import type { Components } from '../components';
import { rareLogOdds, type Tilted, type Weighted } from './log-odds';
import type { KlProblem } from './problem';
import { distance, oddsAt } from './tilt';

/** A place where a component of q meets another component, and which its own draws rarely reach. */
export interface Crossing extends Tilted {
  /** The fraction of the draws that go there. */
  readonly share: number;
}

/** Two standard normals 1.4 apart are common to each other; below the ψ nothing shows in a sum of doubles. */
const SIGHT = { common: 0.25, negligible: -45 };
/** KL(tilted‖untilted), in nats, from which on a place is far: of two standard normals 4 apart. */
const FAR = 2;
/** The fraction of the draws that leave their component; fewer beside common places, which need its own. */
const LEAVING = 0.5;
const LEAVING_COMMON = 0.2;
/** The part of all contributions that shows beside their error only after 1e8 draws. */
const SMALL = 1e-4;
/** Near places that are gone to, and far ones however little they seem to contribute: q and p may have the others in common. */
const MOST = 16;

/** The component of p nearest to component i of q: with the least KL(q_i‖p_c) − ln π_c. */
export function nearestComponent({ qs, ps }: KlProblem, i: number): number {
  const component = nth(qs.components, i);
  const row = ps.components.map((other, c) => klDivergence(component, other) - nth(ps.logWeights, c));
  return row.indexOf(Math.min(...row));
}

/**
 * The rare places that matter to ln r_c^p(z) − ln r_i^q(z) under q_i: where a component of q is as dense as q_i, or one of p as dense as p_c. How
 * much each contributes is about e^ψ.
 * @returns the largest first
 */
export function crossingsOf(problem: KlProblem, i: number): readonly Crossing[] {
  const before = known.get(problem) ?? [];
  known.set(problem, before);
  before[i] ??= found(problem, i);
  return before[i];
}

/** What has been found before: pilot runs, the run itself and its warnings ask for the same. */
const known = new WeakMap<KlProblem, (readonly Crossing[])[]>();

function found(problem: KlProblem, i: number): readonly Crossing[] {
  const { qs, ps } = problem.from(i);
  const from = nth(qs.components, i);
  const met = [...places(qs, i, from), ...places(ps, nearestComponent(problem, i), from)];
  const rare = met.filter((place) => place !== 'common').sort((a, b) => b.tilt.psi - a.tilt.psi);
  const hasCommon = rare.length < met.length;
  const near = rare.filter(({ tilt }) => distance(tilt) < FAR);
  const far = rare.filter(({ tilt }) => distance(tilt) >= FAR);
  const isLonely = !hasCommon && near.length === 0 && far.length > 0;
  const least = isLonely ? nth(far, 0).tilt.psi + Math.log(SMALL) : Infinity;
  const gone = [...near.slice(0, MOST), ...far.filter(({ tilt }, k) => k < MOST || tilt.psi > least)];
  const all = gone.reduce((sum, { tilt }) => sum + Math.exp(tilt.psi), 0);
  const leaving = hasCommon ? LEAVING_COMMON : LEAVING;
  // Half in proportion to what each contributes, half evenly.
  return gone
    .map(({ odds, tilt }) => ({ odds, tilt, share: 0.5 * leaving * (Math.exp(tilt.psi) / all + 1 / gone.length) }))
    .sort((a, b) => b.share - a.share);
}

/** Where the other components are as dense as this one, but for what is negligible. */
function places(parts: Components, own: number, from: Gaussian): (Tilted | 'common')[] {
  const of = (k: number): Weighted => ({
    logWeight: nth(parts.logWeights, k),
    component: nth(parts.components, k),
  });
  return [...parts.components.keys()].flatMap((k) => {
    const place = k === own ? 'negligible' : rareLogOdds(from, of(k), of(own), SIGHT);
    return place === 'negligible' ? [] : [place];
  });
}

/** The density of q_i over that of the draws, where those that do not leave come from q_i: at most 2. */
export function weightAt(crossings: readonly Crossing[], x: Float64Array): number {
  let density = 1;
  for (const { odds, tilt, share } of crossings) density += share * Math.expm1(tilt.theta * oddsAt(odds, x) - tilt.psi);
  return 1 / density;
}
