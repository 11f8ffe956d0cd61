import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import type { KlDistribution } from '../closed-form';
import { inflated, type KlProblem, logRatioAt, MixtureSampler, mixtureOf } from './problem';
import { averageRun, type EstimatorRun } from './run';
import { middleOfBounds } from './unit-cube';

/**
 * Importance sampling from the defensive mixture m = ½q + ½w (Hesterberg 1995), where w is q with every component's standard
 * deviations times s, s² = 1 + √(2/d): one standard deviation further out in ‖ε‖². Terms are
 * c + q(z)/m(z)·(ln q(z)/p(z) − c), one pair at a time with z ~ q and z ~ w; q/m never exceeds 2. Any constant c leaves the mean
 * alone because E_m[q/m] = 1; the middle of the closed-form bounds takes most of the weights' own variance away.
 */
export function importance(problem: KlProblem, stream: RandomStream): EstimatorRun {
  const { qs } = problem;
  const d = problem.q.dimension;
  const scale = Math.sqrt(1 + Math.sqrt(2 / d));
  const wide = { logWeights: qs.logWeights, components: qs.components.map((g) => inflated(g, scale)) };
  const samplers = [new MixtureSampler(qs), new MixtureSampler(wide)];
  const centre = middleOfBounds(problem);
  const epsilon = new Float64Array(d);
  const z = new Float64Array(d);
  const wideFrom: KlDistribution[] = [];
  const term = (mixtureSampler: MixtureSampler): number => {
    const i = qs.components.length > 1 ? mixtureSampler.component(stream.uniform()) : 0;
    stream.fillNormal(epsilon);
    mixtureSampler.place(i, epsilon, 1, z);
    const view = problem.from(i);
    wideFrom[i] ??= mixtureOf(view.place(wide));
    // q/m = 2/(1 + w/q).
    const weight = 2 / (1 + Math.exp(wideFrom[i].logProbAt(z, 0) - view.q.logProbAt(z, 0)));
    return weight * (logRatioAt(view, z) - centre);
  };
  return averageRun({
    stream,
    uniforms: 2 * nth(samplers, 0).inputs,
    step: 2,
    term: () => centre + 0.5 * (term(nth(samplers, 0)) + term(nth(samplers, 1))),
  });
}
