import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { factorOf, type Gaussian, MultivariateNormal, meanOf, stddevOf } from '../../distributions/multivariate-normal';
import { Normal } from '../../distributions/normal';
import { picked, runningSums } from '../../math/cumulative';
import type { KlDistribution } from '../closed-form';
import { type Parts, partsOf } from '../parts';
import { requireSameShape } from '../shapes';

/** KL(q‖p) to be estimated: the two distributions, and their components that count. */
export interface KlProblem {
  readonly q: KlDistribution;
  readonly p: KlDistribution;
  readonly qs: Parts;
  readonly ps: Parts;
}

/** @throws InvalidArgumentError when the event shapes differ. */
export function klProblem(q: KlDistribution, p: KlDistribution): KlProblem {
  requireSameShape(q, p);
  return { q, p, qs: partsOf(q), ps: partsOf(p) };
}

/** ln q(z)/p(z) in nats at points[0 … d); +Infinity where p's log density leaves the floats. */
export function logRatioAt({ q, p }: KlProblem, z: Float64Array): number {
  const logP = p.logProbAt(z, 0);
  return logP === -Infinity ? Infinity : q.logProbAt(z, 0) - logP;
}

/** Uniform numbers behind one `sampleInto`: one per coordinate, and one that picks the component of a mixture. */
export function uniformsPerDraw(q: KlDistribution): number {
  return q.dimension + (q.kind === 'mixture' ? 1 : 0);
}

/** Draws from a mixture as functions of standard normal numbers: z = μ_i + L_i·ε given component i. */
export class Placement {
  readonly dimension: number;
  /** How many uniforms make a draw: one per coordinate, and one that picks the component where there is more than one. */
  readonly inputs: number;
  private readonly means: readonly Float64Array[];
  private readonly scales: readonly (Float64Array | null)[];
  private readonly factors: readonly Float64Array[];
  private readonly cumulative: Float64Array;

  constructor({ logWeights, components }: Parts) {
    this.dimension = components[0]!.dimension;
    this.inputs = this.dimension + (components.length > 1 ? 1 : 0);
    this.means = components.map(meanOf);
    this.scales = components.map(stddevOf);
    this.factors = components.map((component, i) => (this.scales[i] ? new Float64Array(0) : factorOf(component)));
    this.cumulative = runningSums(logWeights.map(Math.exp));
  }

  /** The component that the uniform u picks. */
  component(u: number): number {
    return picked(this.cumulative, u);
  }

  /** out = μ_i + sign·L_i·ε. */
  place(i: number, epsilon: Float64Array, sign: number, out: Float64Array): void {
    const mu = this.means[i]!;
    const sigma = this.scales[i];
    const d = mu.length;
    if (sigma) {
      for (let j = 0; j < d; j++) out[j] = mu[j]! + sign * sigma[j]! * epsilon[j]!;
      return;
    }
    const factor = this.factors[i]!;
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += factor[j * d + k]! * epsilon[k]!;
      out[j] = mu[j]! + sign * sum;
    }
  }
}

/** The normal with the same mean and its covariance times scale². */
export function inflated(g: Gaussian, scale: number): Gaussian {
  if (g.kind === 'normal') return new Normal(g.mu, g.sigma * scale);
  const sigma = stddevOf(g);
  if (sigma === null) {
    return MultivariateNormal.full(
      meanOf(g),
      g.covariance().map((entry) => entry * scale * scale),
    );
  }
  return MultivariateNormal.diagonal(
    meanOf(g),
    sigma.map((s) => s * scale),
  );
}

/** The mixture with these parts as one distribution. */
export function mixtureOf({ logWeights, components }: Parts): KlDistribution {
  return components.length === 1 ? components[0]! : new GaussianMixture(logWeights.map(Math.exp), components);
}
