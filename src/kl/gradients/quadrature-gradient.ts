import type { DiagonalNormal } from '../../distributions/diagonal-normal';
import { meanOf } from '../../distributions/multivariate-normal';
import type { Normal } from '../../distributions/normal';
import { InvalidArgumentError } from '../../errors';
import { integrate } from '../../math/quadrature';
import type { KlDistribution } from '../closed-form';
import { klProblem } from '../estimators/problem';
import { partsOf } from '../parts';
import { inUnitsOfZ, type KlGradient, outOfReach, requireDiagonal, stddevs } from './kl-gradient';
import { LogDensityGradient } from './log-density-gradient';

/** Beyond this many standard deviations a standard normal has 1e-20 of its mass. */
const REACH = 9.5;
const TOLERANCE = { absolute: 1e-10, relative: 1e-10 };

/**
 * The gradient of KL(q‖p) with respect to the means and standard deviations of q = N(μ, diag σ²), by adaptive quadrature of
 *   ∂KL/∂μ_j = −E[∂_j ln p(Z)],  ∂KL/∂σ_j = −1/σ_j − E[ε_j ∂_j ln p(Z)],  Z = μ + σε,
 * in nats per unit of z, up to 2 dimensions; within about 1e-8.
 * @throws InvalidArgumentError when the event shapes differ, q is no normal with diagonal covariance or d > 2. @throws QuadratureError when the tolerance is not met.
 */
export function quadratureKlGradient(q: Normal | DiagonalNormal, p: KlDistribution): KlGradient {
  requireDiagonal(q);
  const problem = klProblem(q, p);
  const d = q.dimension;
  if (d > 2) throw new InvalidArgumentError('q', `expected at most 2 dimensions for quadrature, got ${d}`);
  const view = problem.from(0);
  const sigma = stddevs(view.qs.components[0]!);
  const logDensity = new LogDensityGradient(view.p);
  const z = new Float64Array(d);
  const pull = (epsilon: readonly number[], j: number): number => {
    for (let i = 0; i < d; i++) z[i] = sigma[i]! * epsilon[i]!;
    if (logDensity.at(z) === -Infinity) throw outOfReach();
    return logDensity.gradient[j]!;
  };
  const fences = Array.from({ length: d }, (_, j) => fencesAlong(view.p, sigma[j]!, j));
  const expectation = (f: (epsilon: readonly number[]) => number): number => {
    const along = (level: number, outer: readonly number[]): number =>
      integrate(
        (x) => weight(x) * (level === d - 1 ? f([...outer, x]) : along(level + 1, [...outer, x])),
        fences[level]!,
        TOLERANCE,
      ).value;
    return along(0, []);
  };
  const gradient = {
    mean: sigma.map((_, j) => -expectation((epsilon) => pull(epsilon, j))),
    stddev: sigma.map((s, j) => -1 / s - expectation((epsilon) => epsilon[j]! * pull(epsilon, j))),
  };
  return problem.units === null ? gradient : inUnitsOfZ(gradient, problem.units);
}

function weight(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** In units of ε_j: the ends, the middle, and where p's components have their centres and edges. */
function fencesAlong(p: KlDistribution, sigma: number, j: number): number[] {
  const points = partsOf(p).components.flatMap((component) => {
    const centre = meanOf(component)[j]! / sigma;
    const reach = (3 * Math.sqrt(component.covariance()[j * component.dimension + j]!)) / sigma;
    return [centre - reach, centre, centre + reach];
  });
  const inside = [-3, 0, 3, ...points].filter((x) => Math.abs(x) < REACH);
  const sorted = [-REACH, ...inside, REACH].sort((a, b) => a - b);
  return sorted.filter((x, i) => i === 0 || x - sorted[i - 1]! > 1e-9);
}
