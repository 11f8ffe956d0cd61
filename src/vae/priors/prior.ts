import type { GaussianMixture } from '../../distributions/gaussian-mixture';
import type { tf } from '../../tensors';
import type { NamedVariables } from '../networks';

/** What the objective needs of a prior. */
export interface PriorDensity {
  /** ln p(z) in nats: `[…, d] → […]`. Differentiable in z and in the parameters. */
  logProb(z: tf.Tensor): tf.Tensor;

  /**
   * KL(N(mean, diag σ²) ‖ p) in nats, `[…, d] → […]`, where it has a closed form; null where it has none and equation (11)
   * must be used.
   */
  readonly closedFormKl: ((mean: tf.Tensor, logVariance: tf.Tensor) => tf.Tensor) | null;
}

/** Work on the parameters alone that many evaluations can share. */
export interface SharedWork {
  /** Shapes of what it gives, by name. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  compute(): Readonly<Record<string, tf.Tensor>>;
  /** The density, from what was computed. */
  density(given: Readonly<Record<string, tf.Tensor>>): PriorDensity;
}

/** p(z) over ℝ^d with whatever parameters it learns. */
export interface Prior extends PriorDensity {
  readonly kind: 'standard-normal' | 'gaussian-mixture' | 'vamp';
  /** d. */
  readonly dimension: number;
  /** K; 1 for a prior that is no mixture. */
  readonly components: number;
  readonly variables: NamedVariables;

  /** What each evaluation would do again; null where that is next to nothing. */
  readonly shared: SharedWork | null;

  /**
   * The density for many evaluations while the parameters stay as they are: what depends on them alone is not computed again
   * in each. Not differentiable in the parameters.
   */
  frozen(): PriorDensity;

  /**
   * The density as it is now, in float64: from it come samples, of all or of one component. A prior with one component is a
   * mixture with K = 1.
   */
  distribution(): GaussianMixture;
}
