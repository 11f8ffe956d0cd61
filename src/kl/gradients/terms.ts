/**
 * The estimators of the gradient of KL(q‖p) with respect to μ and σ of q = N(μ, diag σ²).
 *
 * @example
 * ```ts
 * import { type GradientEstimatorName, KL_GRADIENT_ESTIMATORS } from 'gmm-vae';
 *
 * const name: GradientEstimatorName = 'score-function-baseline';
 * KL_GRADIENT_ESTIMATORS.includes(name); // true
 * ```
 */
export type GradientEstimatorName =
  | 'reparameterised'
  | 'sticking-the-landing'
  | 'score-function'
  | 'score-function-baseline';

/** One coordinate of one draw z = μ + σε. */
export interface Draw {
  readonly epsilon: number;
  readonly sigma: number;
  /** ∂ ln p(z)/∂z. */
  readonly pull: number;
  /** ln q(z)/p(z) − baseline. */
  readonly signal: number;
}

export interface GradientTerm {
  /** What is averaged for ∂KL/∂μ and for ∂KL/∂σ, in symbols. */
  readonly formula: readonly [string, string];
  /** Whether the mean of the other draws is taken off ln q/p. */
  readonly baseline: boolean;
  readonly mean: (draw: Draw) => number;
  readonly stddev: (draw: Draw) => number;
}

const SCORE = {
  /** ∂ ln q/∂μ = ε/σ. */
  mean: ({ signal, epsilon, sigma }: Draw): number => (signal * epsilon) / sigma,
  /** ∂ ln q/∂σ = (ε² − 1)/σ. */
  stddev: ({ signal, epsilon, sigma }: Draw): number => (signal * (epsilon * epsilon - 1)) / sigma,
};

export const GRADIENT_TERMS: { readonly [E in GradientEstimatorName]: GradientTerm } = {
  // d/dθ of ln q(μ + σε; μ, σ) − ln p(μ + σε), in which the ε of ln q cancels.
  reparameterised: {
    formula: ['−∂ ln p(z)', '−1/σ − ε ∂ ln p(z)'],
    baseline: false,
    mean: ({ pull }) => -pull,
    stddev: ({ pull, epsilon, sigma }) => -1 / sigma - epsilon * pull,
  },
  // The same without the score ∂ ln q(z; μ, σ)/∂(μ, σ), whose mean is zero (Roeder, Wu and Duvenaud 2017).
  'sticking-the-landing': {
    formula: ['−ε/σ − ∂ ln p(z)', 'ε(−ε/σ − ∂ ln p(z))'],
    baseline: false,
    mean: ({ pull, epsilon, sigma }) => -epsilon / sigma - pull,
    stddev: ({ pull, epsilon, sigma }) => epsilon * (-epsilon / sigma - pull),
  },
  'score-function': { formula: ['f ε/σ', 'f (ε² − 1)/σ'], baseline: false, ...SCORE },
  'score-function-baseline': { formula: ['(f − b) ε/σ', '(f − b)(ε² − 1)/σ'], baseline: true, ...SCORE },
};

/**
 * The names of the gradient’s estimators, in the order of docs/explanation/estimators.md.
 *
 * @example
 * ```ts
 * import { KL_GRADIENT_ESTIMATORS } from 'gmm-vae';
 *
 * KL_GRADIENT_ESTIMATORS; // ['reparameterised', 'sticking-the-landing', 'score-function', 'score-function-baseline']
 * ```
 */
export const KL_GRADIENT_ESTIMATORS: readonly GradientEstimatorName[] = Object.keys(
  GRADIENT_TERMS,
) as GradientEstimatorName[];
