import { requireOptions, shown } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';
import { power } from '../math/elementary';
import { studentQuantile } from '../math/student';
import type { KlDistribution } from './closed-form';
import { checkedConfidence, drawsAllowed, type EstimateKlOptions, goalOf } from './estimate-options';
import { chooseEstimator, type EstimatorTrial } from './estimators/best';
import { type KlProblem, klProblem } from './estimators/problem';
import { advance, type EstimatorRun } from './estimators/run';
import { type RunKey, startRun } from './estimators/start-run';
import { ESTIMATORS, type EstimatorName, KL_ESTIMATORS, missedComponents, warningsOf } from './estimators/table';

/**
 * Why drawing ended: all `samples` were drawn, the `targetError` was met, `maxSamples` came first, a term was infinite so that no error can
 * be met, or the caller stopped before any of these.
 */
export type StoppedBy = 'samples' | 'target-error' | 'max-samples' | 'infinite-value' | 'interrupted';

/**
 * An estimate of KL(q‖p) in nats, with its standard error, its interval and why drawing ended.
 *
 * @example
 * ```ts
 * import { estimateKl, type KlEstimation, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const estimation: KlEstimation = estimateKl(q, p, { estimator: 'plain', samples: 1000, seed: 1 });
 * estimation.interval; // [0.412794, 0.534295]
 * estimation.stoppedBy; // 'samples'
 * ```
 */
export interface KlEstimation {
  /** The estimate in nats. Unbiased for a number of draws fixed beforehand, but for k2; negative values occur and are not clamped. */
  readonly value: number;
  /** Null for too few draws, an infinite value or an infinite variance. */
  readonly standardError: number | null;
  /** value ± Student's t quantile · standard error; null where that is. */
  readonly interval: readonly [number, number] | null;
  /** Draws behind `value`. */
  readonly samples: number;
  /** The estimator used: the one chosen, for `best`. */
  readonly estimator: EstimatorName;
  /** Points at which log densities were evaluated: the draws, and those of the pilot runs. */
  readonly evaluations: number;
  readonly stoppedBy: StoppedBy;
  /** What must be known to read the result, one sentence each. */
  readonly warnings: readonly string[];
  /** The pilot runs of `best`, best first. */
  readonly compared?: readonly EstimatorTrial[];
}

/** Draws before a standard error is trusted to end the drawing. */
const FIRST_LOOK = 4096;

/** `estimateKl` in portions, for showing progress and for stopping early; the portions do not change the result. */
export class KlEstimator implements RunKey {
  readonly problem: KlProblem;
  readonly estimator: EstimatorName;
  readonly seed: number;
  readonly planned: number;
  private readonly compared: readonly EstimatorTrial[] | null = null;
  /** Points that pilot runs took. */
  private readonly pilots: number = 0;
  private readonly run: EstimatorRun;
  private readonly cap: number;
  private readonly confidence: number;
  private drawn = 0;
  private goal: number;
  private stopped: StoppedBy | null = null;

  constructor(
    q: KlDistribution,
    p: KlDistribution,
    private readonly options: EstimateKlOptions,
    readonly purpose: string = 'kl',
  ) {
    this.problem = klProblem(q, p);
    requireOptions(options);
    const { seed } = options;
    this.seed = seed;
    this.cap = drawsAllowed(options);
    this.confidence = checkedConfidence(options.confidence ?? 0.95);
    if (options.estimator === 'best') {
      const { estimator, compared, evaluations } = chooseEstimator(this.problem, {
        seed,
        purpose,
        goal: goalOf(options, this.cap),
        cap: this.cap,
      });
      this.estimator = estimator;
      this.compared = compared;
      this.pilots = evaluations;
    } else this.estimator = usable(options.estimator, this.problem, options.targetError !== undefined);
    this.planned = options.samples ?? Math.min(this.cap, FIRST_LOOK);
    this.run = startRun(this.problem, this);
    if (this.cap < this.run.fewest) {
      const argument = options.samples === undefined ? 'maxSamples' : 'samples';
      const problem = `expected at least ${this.run.fewest} for ${this.estimator} here, got ${this.cap}`;
      throw new InvalidArgumentError(argument, problem);
    }
    this.goal = this.run.fit(Math.max(this.planned, this.run.fewest));
  }

  get done(): boolean {
    return this.stopped !== null;
  }

  /** The fraction done, from 0 to 1; an informed guess where a target decides. */
  get progress(): number {
    return this.done ? 1 : this.drawn / this.goal;
  }

  /**
   * Draws `samples` more (rounded up to whole steps), or what is left.
   * @throws InvalidArgumentError unless `samples` is a positive integer.
   */
  draw(samples: number): void {
    if (!Number.isSafeInteger(samples) || samples < 1) {
      throw new InvalidArgumentError('samples', `expected a positive integer, got ${shown(samples)}`);
    }
    if (this.done) return;
    const rows = Math.min(Math.ceil(samples / this.step), this.rowsToGoal);
    advance(this.run, rows);
    this.moveOn(rows);
  }

  /** Draws behind each row of numbers that the estimate is made from. */
  get step(): number {
    return this.run.sampler.step;
  }

  /** Rows that are added before the next decision, which may be to go on. */
  get rowsToGoal(): number {
    return this.done ? 0 : (this.goal - this.drawn) / this.step;
  }

  /** Rows behind the estimate so far. */
  get rowsAdded(): number {
    return this.drawn / this.step;
  }

  /** Adds the next `count` rows, made elsewhere, to the estimate: at most `rowsToGoal`. */
  add(rows: Float64Array, count: number): void {
    this.run.accumulator.add(rows, count);
    this.moveOn(count);
  }

  private moveOn(rows: number): void {
    this.drawn += rows * this.step;
    if (this.drawn === this.goal) this.decide();
  }

  /** Degrees of freedom behind the standard error so far. */
  get degrees(): number {
    return this.run.accumulator.estimate().degrees;
  }

  /** The estimate from what has been drawn. */
  result(): KlEstimation {
    const { value, standardError: error, degrees } = this.run.accumulator.estimate();
    const standardError = ESTIMATORS[this.estimator].hasVariance(this.problem) ? error : null;
    const reach =
      standardError === null || degrees < 1
        ? null
        : standardError * studentQuantile(0.5 + 0.5 * this.confidence, degrees);
    return {
      value,
      standardError,
      interval: reach === null ? null : [value - reach, value + reach],
      samples: this.drawn,
      estimator: this.estimator,
      evaluations: this.drawn + this.pilots,
      stoppedBy: this.stopped ?? 'interrupted',
      warnings: warningsOf(this.estimator, this.problem, {
        value,
        standardError,
        samples: this.drawn,
        step: this.step,
      }),
      ...(this.compared === null ? {} : { compared: this.compared }),
    };
  }

  /** Stops at a goal, or sets the next one where the error so far says that the target will be met. */
  private decide(): void {
    const { targetError } = this.options;
    if (targetError === undefined) {
      this.stopped = 'samples';
      return;
    }
    const { value, standardError } = this.run.accumulator.estimate();
    const error = standardError === null ? null : Math.hypot(standardError, this.missed(value, standardError));
    if (value === Infinity || (error !== null && error <= targetError)) {
      this.stopped = value === Infinity ? 'infinite-value' : 'target-error';
      return;
    }
    const { rate = 0.5 } = this.run;
    const growth = error === null ? 8 : Math.min(8, 1.05 * power(error / targetError, 1 / rate));
    this.goal = this.run.fit(Math.min(Math.ceil(this.drawn * growth), this.cap));
    if (this.goal <= this.drawn) this.goal = this.run.fit(Math.min(2 * this.drawn, this.cap));
    if (this.goal <= this.drawn) this.stopped = 'max-samples';
  }

  /** What rare components of q add to the error so far. */
  private missed(value: number, standardError: number): number {
    const estimate = { value, standardError, samples: this.drawn, step: this.step };
    return missedComponents(this.estimator, this.problem, estimate)?.error ?? 0;
  }
}

function usable(estimator: EstimatorName, problem: KlProblem, hasTarget: boolean): EstimatorName {
  if (!Object.hasOwn(ESTIMATORS, estimator)) {
    const known = [...KL_ESTIMATORS, 'best'].join(', ');
    throw new InvalidArgumentError('estimator', `expected one of ${known}, got ${shown(estimator)}`);
  }
  const { objection, hasVariance } = ESTIMATORS[estimator];
  const reason = objection(problem);
  if (reason !== null) throw new InvalidArgumentError('estimator', `${estimator} ${reason}`);
  if (hasTarget && !hasVariance(problem)) {
    throw new InvalidArgumentError(
      'estimator',
      `${estimator} has no finite variance here, so no target error can be met; use plain or best`,
    );
  }
  return estimator;
}
