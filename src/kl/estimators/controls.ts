import { type Gaussian, MultivariateNormal } from '../../distributions/multivariate-normal';
import { Normal } from '../../distributions/normal';
import { InvalidArgumentError } from '../../errors';
import { logSoftmax } from '../../math/log-sum-exp';
import { nth } from '../../nth';
import { type KlDistribution, klDivergence } from '../closed-form';
import type { Components } from '../components';
import type { KlProblem, View } from './problem';

/** A function of z, in nats, whose mean under q is known: Σ_c share_c·ln g_c(z) with normal g_c. */
export interface Control {
  readonly shares: readonly number[];
  /** The g_c in the view from each component of q. */
  readonly densities: readonly (readonly Gaussian[])[];
  readonly mean: number;
  /** Its mean under each component of q. */
  readonly componentMeans: readonly number[];
}

/** A share of the variational boundbelow this changes nothing that is worth a density's time. */
const NEGLIGIBLE_SHARE = 1e-4;

/** The log densities of q itself, where it is one normal, and of what is near p: its nearest component, the normal with its moments, its components as in the variational bound. */
export function controlsOf(problem: KlProblem): readonly Control[] {
  const { qs, ps } = problem;
  const controls: Control[] = [];
  const add = (shares: readonly number[], densities: (view: View, i: number) => readonly Gaussian[]): void => {
    const control = controlOf(problem, shares, densities);
    if (Number.isFinite(control.mean)) controls.push(control);
  };
  if (qs.components.length === 1) add([1], (view) => view.qs.components);
  const closeness = ps.components.map((component, c) => nth(ps.logWeights, c) + meanLogDensity(qs, component));
  const nearest = closeness.indexOf(Math.max(...closeness));
  add([1], (view) => [nth(view.ps.components, nearest)]);
  if (ps.components.length > 1) {
    const matched = qs.components.map((_, i) => momentMatched(problem.from(i).p));
    if (matched.every((density) => density !== null)) {
      add([1], (_, i) => [nth(matched, i)]);
    }
    const shares = logSoftmax(closeness).map(Math.exp);
    const kept = [...shares.keys()].filter((c) => nth(shares, c) > NEGLIGIBLE_SHARE);
    add(
      kept.map((c) => nth(shares, c)),
      (view) => kept.map((c) => nth(view.ps.components, c)),
    );
  }
  return controls;
}

/** The control less its mean, at z in the view from component i. */
export function centred({ shares, densities, mean }: Control, i: number, z: Float64Array): number {
  let sum = -mean;
  nth(densities, i).forEach((density, c) => {
    sum += shares[c]! * density.logProbAt(z, 0);
  });
  return sum;
}

/** The mean is taken of the densities as each view has them, rounded means included, so that it is theirs exactly. */
function controlOf(
  { qs, from }: KlProblem,
  shares: readonly number[],
  densitiesIn: (view: View, i: number) => readonly Gaussian[],
): Control {
  const densities = qs.components.map((_, i) => densitiesIn(from(i), i));
  const componentMeans = densities.map((own, i) => {
    const origin = alone(nth(from(i).qs.components, i));
    return own.reduce((total, density, c) => total + nth(shares, c) * meanLogDensity(origin, density), 0);
  });
  const mean = componentMeans.reduce((sum, own, i) => sum + Math.exp(nth(qs.logWeights, i)) * own, 0);
  return { shares, densities, mean, componentMeans };
}

function alone(component: Gaussian): Components {
  return { logWeights: [0], components: [component] };
}

/** The normal with p's moments; null where rounding leaves none: a covariance that is singular or not finite. */
function momentMatched(p: KlDistribution): Gaussian | null {
  const mean = p.meanVector();
  const covariance = p.covarianceMatrix();
  try {
    return p.eventShape.length === 0
      ? new Normal(nth(mean, 0), Math.sqrt(nth(covariance, 0)))
      : MultivariateNormal.full(mean, covariance);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return null;
    throw error;
  }
}

/** E_q[ln g(Z)] = Σ_i w_i(−H(q_i) − KL(q_i‖g)), in closed form. */
function meanLogDensity({ logWeights, components }: KlProblem['qs'], g: Gaussian): number {
  return components.reduce(
    (sum, component, i) => sum - Math.exp(nth(logWeights, i)) * (component.entropy() + klDivergence(component, g)),
    0,
  );
}
