import { power } from '../../math/elementary';
import { RandomStream } from '../../math/random';
import type { KlProblem } from './problem';
import { advance, completeFrom, type EstimatorRun } from './run';
import { ESTIMATORS, type EstimatorName, KL_ESTIMATORS, warningsOf } from './table';

/** What the estimate is to reach: a standard error in nats, or the smallest one that so many draws give. */
export type Goal = { readonly targetError: number } | { readonly samples: number };

/**
 * What the pilot run of one estimator found.
 *
 * @example
 * ```ts
 * import { estimateKl, type EstimatorTrial, GaussianMixture, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * const { compared } = estimateKl(new Normal(0, 1), p, { estimator: 'best', samples: 10_000, seed: 1 });
 * compared?.map((trial: EstimatorTrial) => trial.estimator)[0]; // 'rqmc'
 * ```
 */
export interface EstimatorTrial {
  readonly estimator: EstimatorName;
  /** Points at which the densities were evaluated. */
  readonly evaluations: number;
  /** The standard error of its estimate, in nats. */
  readonly standardError: number;
  /** b in error ∝ N^(−b): ½, but for rqmc, where it is measured and its lower confidence limit taken. */
  readonly rate: number;
  /** What decides: the evaluations expected to reach the target error, or the standard error expected after the samples. */
  readonly expected: number;
}

export interface EstimatorChoice {
  readonly estimator: EstimatorName;
  /** Every trial, the smallest expectation first. */
  readonly compared: readonly EstimatorTrial[];
  /** Points of all pilot runs, those of estimators that were left out included. */
  readonly evaluations: number;
}

/** Points per trial: enough to know a standard error within some 15 %. */
const MOST_PER_TRIAL = 4096;
const FEWEST_PER_TRIAL = 256;

/**
 * Tries every unbiased estimator that `cap`, the draws allowed, suffices for and that has nothing to warn of, and takes the one that
 * is expected to reach the goal best; plain where none has an error, or all have something to warn of. Time is left out of the comparison, so that the same seed makes
 * the same choice everywhere. The draws are used for nothing else: the estimate that follows is independent of the choice.
 */
export function chooseEstimator(
  problem: KlProblem,
  { seed, purpose, goal, cap }: Omit<Pilot, 'points'>,
): EstimatorChoice {
  const points = Math.max(FEWEST_PER_TRIAL, Math.min(MOST_PER_TRIAL, Math.floor(cap / 50)));
  const tried = KL_ESTIMATORS.map((estimator) => trial(problem, estimator, { seed, purpose, goal, cap, points }));
  const compared = tried.flatMap(({ trial }) => trial ?? []).sort((a, b) => a.expected - b.expected);
  const evaluations = tried.reduce((sum, one) => sum + one.evaluations, 0);
  return { estimator: compared[0]?.estimator ?? 'plain', compared, evaluations };
}

interface Pilot {
  readonly seed: number;
  /** The same as for `startRun`. */
  readonly purpose: string;
  readonly goal: Goal;
  readonly cap: number;
  readonly points: number;
}

function trial(
  problem: KlProblem,
  estimator: EstimatorName,
  { seed, purpose, goal, cap, points }: Pilot,
): { readonly evaluations: number; readonly trial: EstimatorTrial | null } {
  const { unbiased, objection, warning, start } = ESTIMATORS[estimator];
  if (!unbiased || objection(problem) !== null || warning(problem, Math.min(points, cap)) !== null)
    return { evaluations: 0, trial: null };
  const begin = (size: number, name: string): EstimatorRun =>
    start(problem, RandomStream.of(seed, `${purpose}/${name}/${estimator}`), size);
  const run = begin(points, 'pilot');
  if (run.fewest > cap) return { evaluations: 0, trial: null };
  const { evaluations, value, standardError } = drawn(run, points);
  if (standardError === null) return { evaluations, trial: null };
  const { step } = run.sampler;
  if (warningsOf(estimator, problem, { value, standardError, samples: evaluations, step }).length > 0)
    return { evaluations, trial: null };
  const size = points / PILOT_RATIO;
  const small = estimator === 'rqmc' && standardError > 0 ? drawn(begin(size, 'small-pilot'), size) : null;
  const rate = small?.standardError
    ? cautiousRate(small.standardError / standardError, evaluations / small.evaluations)
    : 0.5;
  const expected =
    'samples' in goal
      ? standardError * power(evaluations / run.fit(goal.samples), rate)
      : completeFrom(run, evaluations * power(standardError / goal.targetError, 1 / rate));
  const all = evaluations + (small?.evaluations ?? 0);
  return { evaluations: all, trial: { estimator, evaluations: all, standardError, rate, expected } };
}

function drawn(
  run: EstimatorRun,
  points: number,
): { readonly evaluations: number; readonly value: number; readonly standardError: number | null } {
  const evaluations = run.fit(Math.max(points, run.fewest));
  advance(run, evaluations / run.sampler.step);
  const { value, standardError } = run.accumulator.estimate();
  return { evaluations, value, standardError };
}

/** The larger pilot run of rqmc has this many times the points of the smaller one. */
const PILOT_RATIO = 16;
/** The 0.95 quantile of the F distribution with 15 and 15 degrees of freedom, that of the ratio of two variances over rqmc's 16 scramblings. */
const VARIANCE_RATIO_95 = 2.403;
/** What scrambled nets can reach where the integrand is smooth and bounded, with a power of the logarithm to spare (Owen 1997b). */
const FASTEST = 1.5;

/**
 * A lower 95 % confidence limit for b in error ∝ N^(−b), from the ratio of the standard errors of two independent runs whose numbers
 * of points have the ratio `points`; never below ½, which scrambled nets keep (Owen 1997a), so that rqmc is not oversold.
 */
export function cautiousRate(errors: number, points: number): number {
  const limit = Math.log(errors / Math.sqrt(VARIANCE_RATIO_95)) / Math.log(points);
  return Math.min(FASTEST, Math.max(0.5, limit));
}
