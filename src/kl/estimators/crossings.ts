import type { Gaussian } from '../../distributions/multivariate-normal';
import { nth } from '../../nth';
import { klDivergence } from '../closed-form';
import type { Components } from '../components';
import { type LogOdds, oddsAt, rareLogOdds, type Tilt, tiltToZero, type Weighted } from './log-odds';
import type { KlProblem } from './problem';

/** A place where a component of q meets another component, and which its own draws rarely reach. */
export interface Crossing {
  readonly odds: LogOdds;
  readonly tilt: Tilt;
  /** Of the draws, those that go there. */
  readonly share: number;
}

/** A place that lies within so many standard deviations of what is drawn (of l) is reached anyway: two standard normals are 4 apart then. */
const RARE_FROM = 2;
/** ln of what does not show in a sum of doubles. */
const NEGLIGIBLE = -45;
/** Of the draws, those that leave their component; beside common places, which need its own. */
const LEAVING = 0.5;
const LEAVING_COMMON = 0.2;
/** Of all rare contributions, one that shows beside their error only after 1e8 draws. */
const SMALL = 1e-4;
/** Rare places that are gone to beside common ones, which carry the error unless q and p have them in common. */
const MOST_BESIDE_COMMON = 16;

/** The component of p nearest to component i of q: with the least KL(q_i‖p_c) − ln π_c. */
export function nearestComponent({ qs, ps }: KlProblem, i: number): number {
  const component = nth(qs.components, i);
  const row = ps.components.map((other, c) => klDivergence(component, other) - nth(ps.logWeights, c));
  return row.indexOf(Math.min(...row));
}

/**
 * The rare places that matter to ln r_c^p(z) − ln r_i^q(z) under q_i: where a component of q is as dense as q_i, or one of p as dense as p_c. How
 * much each contributes is about e^ψ, and so is its share of the draws that leave q_i.
 * @returns the largest first
 */
export function crossingsOf(problem: KlProblem, i: number, nearest: number): readonly Crossing[] {
  const { qs, ps } = problem.from(i);
  const from = nth(qs.components, i);
  const met = [...oddsAgainst(qs, i, from), ...oddsAgainst(ps, nearest, from)];
  const rare = met.flatMap((odds) => (odds === 'common' ? [] : tiltOf(odds)));
  const all = rare.reduce((sum, { tilt }) => sum + Math.exp(tilt.psi), 0);
  const parts = rare
    .map((crossing) => ({ ...crossing, part: Math.exp(crossing.tilt.psi) / all }))
    .filter(({ part }) => part > SMALL)
    .sort((a, b) => b.part - a.part);
  const hasCommon = met.includes('common');
  const leaving = hasCommon ? LEAVING_COMMON : LEAVING;
  return parts
    .slice(0, hasCommon ? MOST_BESIDE_COMMON : parts.length)
    .map(({ odds, tilt, part }) => ({ odds, tilt, share: leaving * part }));
}

/** The log odds of every other component against this one that are not negligible. */
function oddsAgainst(parts: Components, own: number, from: Gaussian): (LogOdds | 'common')[] {
  const of = (k: number): Weighted => ({
    logWeight: nth(parts.logWeights, k),
    component: nth(parts.components, k),
  });
  return [...parts.components.keys()].flatMap((k) => {
    if (k === own) return [];
    const odds = rareLogOdds(from, of(k), of(own), { rareFrom: RARE_FROM, negligible: NEGLIGIBLE });
    return odds === 'negligible' ? [] : [odds];
  });
}

/** Nothing for what lies too far out, or is too narrow, for draws to be made there. */
function tiltOf(odds: LogOdds): Omit<Crossing, 'share'>[] {
  const tilt = tiltToZero(odds);
  return tilt.psi >= NEGLIGIBLE && tilt.variance < Infinity ? [{ odds, tilt }] : [];
}

/** The density of q_i over that of the draws, where those that do not leave come from q_i: at most 2. */
export function weightAt(crossings: readonly Crossing[], x: Float64Array): number {
  let density = 1;
  for (const { odds, tilt, share } of crossings) density += share * Math.expm1(tilt.theta * oddsAt(odds, x) - tilt.psi);
  return 1 / density;
}
