import { factorOf, type Gaussian, meanOf, stddevOf } from '../../distributions/multivariate-normal';
import { posterior } from '../../distributions/posterior';
import { solveLowerInPlace } from '../../math/linear-algebra';
import { logSumExp } from '../../math/log-sum-exp';
import { nth } from '../../nth';
import type { KlDistribution } from '../closed-form';
import { componentsOf } from '../components';

/** ln p(z) and ∇_z ln p(z) = Σ_k r_k(z) Σ_k⁻¹(μ_k − z), with r the posterior component probabilities. */
export class LogDensityGradient {
  /** ∇_z ln p at the last point. */
  readonly gradient: Float64Array;
  private readonly components: readonly Gaussian[];
  private readonly logWeights: readonly number[];
  private readonly terms: Float64Array;
  private readonly pull: Float64Array;

  constructor(p: KlDistribution) {
    const { logWeights, components } = componentsOf(p);
    this.components = components;
    this.logWeights = logWeights;
    this.terms = new Float64Array(components.length);
    this.gradient = new Float64Array(p.dimension);
    this.pull = new Float64Array(p.dimension);
  }

  /** Sets `gradient`; returns ln p(z). Where that is −∞ the gradient is NaN. */
  at(z: Float64Array): number {
    const { components, logWeights, terms, gradient, pull } = this;
    for (let k = 0; k < terms.length; k++) terms[k] = logWeights[k]! + components[k]!.logProbAt(z, 0);
    const logP = logSumExp(terms);
    if (!posterior(components, logWeights, z, terms)) {
      gradient.fill(Number.NaN);
      return logP;
    }
    gradient.fill(0);
    for (let k = 0; k < terms.length; k++) {
      if (terms[k] === 0) continue;
      pullTowards(nth(components, k), z, pull);
      for (let j = 0; j < pull.length; j++) gradient[j]! += terms[k]! * pull[j]!;
    }
    return logP;
  }
}

/** out = Σ⁻¹(μ − z). */
function pullTowards(g: Gaussian, z: Float64Array, out: Float64Array): void {
  const mu = meanOf(g);
  const sigma = stddevOf(g);
  for (let j = 0; j < out.length; j++) out[j] = mu[j]! - z[j]!;
  if (sigma) {
    for (let j = 0; j < out.length; j++) out[j] = out[j]! / sigma[j]! / sigma[j]!;
    return;
  }
  const lower = factorOf(g);
  const d = out.length;
  solveLowerInPlace(lower, d, out);
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) out[i]! -= lower[k * d + i]! * out[k]!;
    out[i] = out[i]! / lower[i * d + i]!;
  }
}
