import { Moments } from '../../math/moments';
import type { RandomStream } from '../../math/random';
import { klDivergence } from '../closed-form';
import { type KlProblem, Placement } from './problem';
import type { Run, RunEstimate } from './run';

/**
 * Conditioning on components. With c(i) the component of p nearest to component i of q, and r the posterior component
 * probabilities of either mixture,
 *   KL(q‖p) = Σ_i w_i { KL(q_i‖p_c) + ln w_i − ln π_c + E_{q_i}[ln r_c^p(Z) − ln r_i^q(Z)] },
 * of which only the last expectation is sampled: it vanishes as the components move apart. Each component of q gets draws in
 * proportion to its weight, at least two, so the choice of component adds no variance.
 */
export class ComponentWiseRun implements Run {
  readonly step = 1;
  readonly fewest: number;
  private readonly weights: readonly number[];
  private readonly nearest: readonly number[];
  private readonly known: number;
  private readonly moments: readonly Moments[];
  private readonly placement: Placement;
  private readonly epsilon: Float64Array;
  private readonly z: Float64Array;
  private drawn = 0;

  constructor(
    private readonly problem: KlProblem,
    private readonly stream: RandomStream,
  ) {
    const { qs, ps, q } = problem;
    this.weights = qs.logWeights.map(Math.exp);
    this.fewest = 2 * qs.components.length;
    const divergences = qs.components.map((component) =>
      ps.components.map((other, c) => klDivergence(component, other) - ps.logWeights[c]!),
    );
    this.nearest = divergences.map((row) => row.indexOf(Math.min(...row)));
    this.known = this.weights.reduce(
      (sum, w, i) => sum + w * (divergences[i]![this.nearest[i]!]! + qs.logWeights[i]!),
      0,
    );
    this.moments = this.weights.map(() => new Moments());
    this.placement = new Placement(qs);
    this.epsilon = new Float64Array(q.dimension);
    this.z = new Float64Array(q.dimension);
  }

  fit(samples: number): number {
    return samples;
  }

  advance(steps: number): void {
    for (let step = 0; step < steps; step++) {
      const i = this.nextComponent();
      this.stream.fillNormal(this.epsilon);
      this.placement.place(i, this.epsilon, 1, this.z);
      this.moments[i]!.push(this.remainder(i));
      this.drawn++;
    }
  }

  estimate(): RunEstimate {
    let value = this.known;
    let variance: number | null = 0;
    this.moments.forEach(({ mean, variance: own, count }, i) => {
      const w = this.weights[i]!;
      value += w * mean;
      variance = variance === null || own === null ? null : variance + (w * w * own) / count;
    });
    const standardError = variance === null ? null : Math.sqrt(variance);
    return { value, standardError, degrees: this.drawn - this.weights.length };
  }

  /** The component furthest behind its share; each has two draws before any has three. */
  private nextComponent(): number {
    const count = this.weights.length;
    if (this.drawn < 2 * count) return this.drawn % count;
    let furthest = 0;
    let behind = -Infinity;
    for (let i = 0; i < count; i++) {
      const deficit = this.weights[i]! * (this.drawn + 1) - this.moments[i]!.count;
      if (deficit > behind) {
        behind = deficit;
        furthest = i;
      }
    }
    return furthest;
  }

  /** ln r_c^p(z) − ln r_i^q(z), each ln(weight·component density/mixture density). */
  private remainder(i: number): number {
    const { q, p, qs, ps } = this.problem;
    const { z } = this;
    const c = this.nearest[i]!;
    const logP = p.logProbAt(z, 0);
    if (logP === -Infinity) return Infinity;
    const logRp = ps.components.length === 1 ? 0 : ps.logWeights[c]! + ps.components[c]!.logProbAt(z, 0) - logP;
    const logRq =
      qs.components.length === 1 ? 0 : qs.logWeights[i]! + qs.components[i]!.logProbAt(z, 0) - q.logProbAt(z, 0);
    return logRp - logRq;
  }
}
