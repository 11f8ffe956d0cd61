import { requireOptions } from '../distributions/validate';
import { studentQuantile } from '../math/student';
import { nth } from '../nth';
import type { KlTerm } from './divergences';
import { checkedConfidence, type EstimateKlOptions } from './estimate-options';
import { type KlEstimation, KlEstimator, type StoppedBy } from './kl-estimator';

/** constant + Σ weight·KL(q‖p) over the terms. */
export interface Combination {
  readonly constant: number;
  readonly terms: readonly KlTerm[];
  /** Names the random numbers. */
  readonly purpose: string;
}

/**
 * As `KlEstimation`, of a sum of divergences that are estimated one by one, independently.
 *
 * @example
 * ```ts
 * import { type CombinedEstimation, estimateDivergence, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const estimation: CombinedEstimation = estimateDivergence('jeffreys', q, p, {
 *   estimator: 'plain',
 *   samples: 1000,
 *   seed: 1,
 * });
 * estimation.parts.length; // 2
 * ```
 */
export interface CombinedEstimation extends Omit<KlEstimation, 'estimator' | 'compared'> {
  /** The estimate of each divergence in the sum. */
  readonly parts: readonly KlEstimation[];
}

/** Estimates of all the terms; `samples`, `maxSamples` are for each of them, a target error is for the whole. */
export class CombinedEstimator {
  readonly parts: readonly KlEstimator[];
  private readonly confidence: number;

  constructor(
    private readonly combination: Combination,
    options: EstimateKlOptions,
  ) {
    const { terms, purpose } = combination;
    requireOptions(options);
    this.confidence = checkedConfidence(options.confidence ?? 0.95);
    this.parts = terms.map(({ weight, q, p }, i) => {
      const { targetError } = options;
      const share =
        targetError === undefined ? {} : { targetError: targetError / Math.abs(weight) / Math.sqrt(terms.length) };
      return new KlEstimator(q, p, { ...options, ...share }, terms.length === 1 ? purpose : `${purpose}/${i}`);
    });
  }

  /** The fraction done, from 0 to 1, where the parts are drawn one after the other. */
  get progress(): number {
    return this.parts.reduce((sum, part) => sum + part.progress, 0) / this.parts.length;
  }

  result(): CombinedEstimation {
    const { constant, terms } = this.combination;
    const parts = this.parts.map((part) => part.result());
    const total = (of: (part: KlEstimation) => number): number => parts.reduce((sum, part) => sum + of(part), 0);
    const value = parts.reduce((sum, part, i) => sum + nth(terms, i).weight * part.value, constant);
    const errors = parts.map(({ standardError }, i) =>
      standardError === null ? Number.NaN : Math.abs(nth(terms, i).weight) * standardError,
    );
    const error = Math.hypot(...errors);
    const standardError = Number.isNaN(error) ? null : error;
    const reach = standardError === null ? null : this.reach(standardError, errors);
    return {
      value,
      standardError,
      interval: reach === null ? null : [value - reach, value + reach],
      samples: total(({ samples }) => samples),
      evaluations: total(({ evaluations }) => evaluations),
      stoppedBy: worst(parts),
      warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
      parts,
    };
  }

  /** Student's t with Welch and Satterthwaite's degrees of freedom. */
  private reach(error: number, errors: readonly number[]): number | null {
    const degrees = this.parts.map((part) => part.degrees);
    if (degrees.some((n) => n < 1)) return null;
    if (error === 0) return 0;
    const inverse = errors.reduce((sum, own, i) => sum + (own / error) ** 4 / nth(degrees, i), 0);
    const whole = Math.max(1, Math.floor(1 / inverse + 1e-6));
    return error * studentQuantile(0.5 + 0.5 * this.confidence, whole);
  }
}

/** What has most to be known of the parts' reasons to stop. */
const BY_WEIGHT: readonly StoppedBy[] = ['infinite-value', 'interrupted', 'max-samples', 'target-error', 'samples'];

function worst(parts: readonly KlEstimation[]): StoppedBy {
  return BY_WEIGHT.find((reason) => parts.some(({ stoppedBy }) => stoppedBy === reason)) ?? 'samples';
}
