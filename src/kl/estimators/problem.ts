import { inUnits, relativeTo, unitsFor } from '../../distributions/coordinates';
import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { factorOf, type Gaussian, MultivariateNormal, meanOf, stddevOf } from '../../distributions/multivariate-normal';
import { Normal } from '../../distributions/normal';
import { cumulativeSums, searchSorted } from '../../math/cumulative';
import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import type { KlDistribution } from '../closed-form';
import { type Components, componentsOf, drawnComponentsOf } from '../components';
import { requireSameShape } from '../shapes';

/** KL(q‖p) to be estimated: the two distributions, and their components that count. */
export interface KlProblem {
  readonly q: KlDistribution;
  readonly p: KlDistribution;
  readonly qs: Components;
  readonly ps: Components;
  /** z is counted in these units, one per coordinate, where it would overflow in its own; null for its own. */
  readonly units: Float64Array | null;
  /** The problem seen from component i of q. */
  readonly from: (i: number) => View;
}

/**
 * q and p in coordinates whose origin is the mean of one component of q. A draw from that component is L·ε there, so that log
 * densities keep the digits of ε and of the differences of means, however far all of them are from zero: beside a mean of 1.7e18
 * float64 holds steps of 256.
 */
export interface View {
  readonly q: KlDistribution;
  readonly p: KlDistribution;
  readonly qs: Components;
  readonly ps: Components;
  /** Another distribution in the same coordinates. */
  readonly place: (parts: Components) => Components;
}

/** @throws InvalidArgumentError when the event shapes differ. */
export function klProblem(q: KlDistribution, p: KlDistribution): KlProblem {
  requireSameShape(q, p);
  const units = unitsFor([...componentsOf(q).components, ...componentsOf(p).components]);
  return units === null ? problemOf(q, p, null) : problemOf(rescaled(units, q), rescaled(units, p), units);
}

function problemOf(q: KlDistribution, p: KlDistribution, units: Float64Array | null): KlProblem {
  const qs = drawnComponentsOf(q);
  const ps = componentsOf(p);
  const views: View[] = [];
  const from = (i: number): View => {
    views[i] ??= viewFrom(meanOf(nth(qs.components, i)), qs, ps);
    return views[i];
  };
  return { q, p, qs, ps, units, from };
}

function rescaled(units: Float64Array, distribution: KlDistribution): KlDistribution {
  if (distribution.kind !== 'mixture') return inUnits(units, distribution);
  return distribution.withComponents(distribution.components.map((component) => inUnits(units, component)));
}

function viewFrom(origin: Float64Array, qs: Components, ps: Components): View {
  const place = ({ logWeights, components }: Components): Components => ({
    logWeights,
    components: components.map((component) => relativeTo(origin, component)),
  });
  const placed = { qs: place(qs), ps: place(ps) };
  return { ...placed, q: mixtureOf(placed.qs), p: mixtureOf(placed.ps), place };
}

/** ln q/p in nats at the point z[0 … d) of the view; +Infinity where p's log density leaves the floats. */
export function logRatioAt({ q, p }: View, z: Float64Array): number {
  const logP = p.logProbAt(z, 0);
  return logP === -Infinity ? Infinity : q.logProbAt(z, 0) - logP;
}

/** Random draws z ~ q, one after another, each in the coordinates of the component that it comes from. */
export class Draws {
  /** Uniform numbers behind one draw. */
  readonly uniforms: number;
  /** Where the last draw is, in the view from its component. */
  readonly z: Float64Array;
  private readonly mixtureSampler: MixtureSampler;
  private readonly epsilon: Float64Array;

  constructor(
    { qs }: KlProblem,
    private readonly stream: RandomStream,
  ) {
    this.mixtureSampler = new MixtureSampler(qs);
    this.uniforms = this.mixtureSampler.inputs;
    this.epsilon = new Float64Array(this.mixtureSampler.dimension);
    this.z = new Float64Array(this.mixtureSampler.dimension);
  }

  /** Makes the next draw; returns its component's index. */
  next(): number {
    const { mixtureSampler, stream, epsilon, z } = this;
    const i = mixtureSampler.inputs > mixtureSampler.dimension ? mixtureSampler.component(stream.uniform()) : 0;
    stream.fillNormal(epsilon);
    mixtureSampler.place(i, epsilon, 1, z);
    return i;
  }
}

/** Draws from a mixture as functions of standard normal numbers: z = L_i·ε given component i, in the view from it. */
export class MixtureSampler {
  readonly dimension: number;
  /** How many uniforms make a draw: one per coordinate, and one that picks the component where there is more than one. */
  readonly inputs: number;
  private readonly scales: readonly (Float64Array | null)[];
  private readonly factors: readonly Float64Array[];
  private readonly cumulative: Float64Array;

  constructor({ logWeights, components }: Components) {
    this.dimension = nth(components, 0).dimension;
    this.inputs = this.dimension + (components.length > 1 ? 1 : 0);
    this.scales = components.map(stddevOf);
    this.factors = components.map((component, i) => (this.scales[i] ? new Float64Array(0) : factorOf(component)));
    this.cumulative = cumulativeSums(logWeights.map(Math.exp));
  }

  /** The component that the uniform u picks. */
  component(u: number): number {
    return searchSorted(this.cumulative, u);
  }

  /** out = sign·L_i·ε. */
  place(i: number, epsilon: Float64Array, sign: number, out: Float64Array): void {
    const sigma = this.scales[i];
    const d = this.dimension;
    if (sigma) {
      for (let j = 0; j < d; j++) out[j] = sign * sigma[j]! * epsilon[j]!;
      return;
    }
    const factor = this.factors[i]!;
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += factor[j * d + k]! * epsilon[k]!;
      out[j] = sign * sum;
    }
  }
}

/** The normal with the same mean and its covariance times scale². */
export function inflated(g: Gaussian, scale: number): Gaussian {
  if (g.kind === 'normal') return new Normal(g.mean, g.stddev * scale);
  const sigma = stddevOf(g);
  if (sigma === null) {
    return MultivariateNormal.full(
      meanOf(g),
      g.covarianceMatrix().map((entry) => entry * scale * scale),
    );
  }
  return MultivariateNormal.diagonal(
    meanOf(g),
    sigma.map((s) => s * scale),
  );
}

/** The mixture with these parts as one distribution. */
export function mixtureOf({ logWeights, components }: Components): KlDistribution {
  return components.length === 1 ? nth(components, 0) : GaussianMixture.fromLogits(logWeights, components);
}
