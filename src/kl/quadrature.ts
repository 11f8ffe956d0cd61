import { InvalidArgumentError } from '../errors';
import type { QuadratureTolerance } from '../math/quadrature';
import { Integrator, QuadratureError } from '../math/quadrature';
import type { KlDistribution } from './closed-form';
import type { Parts } from './parts';
import { partsOf } from './parts';
import { requireSameShape } from './shapes';
import { WhitenedMixture } from './whitened-mixture';

/** Beyond this many standard deviations a standard normal has 1e-20 of its mass. */
const REACH = 9.5;
const MAX_DIMENSION = 3;
/** Component densities evaluated before the tolerance counts as out of reach: half a minute or so. */
const MAX_WORK = 1e9;
/** Of the total, times KL + 2; two such shares per level (see `tolerance`) stay within 1e-8·max(1, KL). */
const SHARE = 5e-10;

/**
 * KL(q‖p) by numerical integration, in nats, up to 3 dimensions: within 1e-8·max(1, KL) of the true value.
 *
 * KL = Σ_i w_i E_{q_i}[ln q/p] over the components of q; each expectation is integrated in the coordinates in which q_i is
 * standard normal, coordinate by coordinate with adaptive Gauss–Kronrod rules, fenced around narrow components.
 * Because E_q|ln q/p| ≤ KL + 2, tolerances relative to ∫|integrand| bound the error of the whole.
 * @throws QuadratureError when the tolerance is not met. @throws InvalidArgumentError when the event shapes differ or d > 3.
 */
export function quadratureKl(q: KlDistribution, p: KlDistribution): number {
  requireSameShape(q, p);
  if (q.dimension > MAX_DIMENSION) {
    const problem = `expected at most ${MAX_DIMENSION} dimensions for quadrature, got ${q.dimension}; use monteCarloKl`;
    throw new InvalidArgumentError('q', problem);
  }
  const qs = partsOf(q);
  const ps = partsOf(p);
  const budget = { left: MAX_WORK };
  return qs.components.reduce((sum, _, i) => sum + Math.exp(qs.logWeights[i]!) * expectation(qs, ps, i, budget), 0);
}

/** E_{q_i}[ln q(Z)/p(Z)]. */
function expectation(qs: Parts, ps: Parts, i: number, budget: { left: number }): number {
  const origin = qs.components[i]!;
  const q = new WhitenedMixture(qs, origin);
  const p = new WhitenedMixture(ps, origin);
  const last = origin.dimension - 1;
  const integrators = Array.from({ length: last + 1 }, () => new Integrator());
  /** Per level: the density of the coordinates fixed so far. */
  const density = new Float64Array(last + 1).fill(1);
  const weight = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

  const integrands = integrators.map((_, level) =>
    level === last
      ? (x: number) => weight(x) * (q.logDensity(x) - p.logDensity(x))
      : (x: number) => {
          q.fix(level, x);
          p.fix(level, x);
          density[level + 1] = density[level]! * weight(x);
          return weight(x) * integral(level + 1);
        },
  );

  function integral(level: number): number {
    const breakpoints = [-REACH, -3, 0, 3, REACH];
    q.addBreakpoints(level, REACH, breakpoints);
    p.addBreakpoints(level, REACH, breakpoints);
    const integrator = integrators[level]!;
    const fences = sortedApart(breakpoints);
    integrator.integrate(integrands[level]!, fences, fences.length, tolerance(level, density[level]!));
    if (level === last) budget.left -= integrator.evaluations * (q.count + p.count);
    if (budget.left < 0)
      throw new QuadratureError('quadrature: the tolerance of 1e-8 is out of reach; use monteCarloKl');
    return integrator.value;
  }
  return integral(0);
}

/** An error that adds at most two shares to the whole: one uniformly, or one spread over the volume of the levels outside. */
function tolerance(level: number, densityOutside: number): QuadratureTolerance {
  const volume = (2 * REACH) ** level;
  return { absolute: SHARE * Math.max(1, 1 / (volume * densityOutside)), relative: SHARE };
}

/** Ascending, without the points that rounding alone tells apart. */
function sortedApart(points: number[]): number[] {
  points.sort((a, b) => a - b);
  return points.filter((x, i) => i === 0 || x - points[i - 1]! > 1e-12 * (1 + Math.abs(x)));
}
