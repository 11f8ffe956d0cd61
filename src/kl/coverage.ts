import { relativeTo } from '../distributions/coordinates';
import type { Distribution } from '../distributions/distribution';
import { meanOf } from '../distributions/multivariate-normal';
import type { Normal } from '../distributions/normal';
import { finiteNumber, requireDistribution } from '../distributions/validate';
import { InvalidArgumentError, shown } from '../errors';
import { integrate } from '../math/quadrature';
import { studentQuantile } from '../math/student';
import { summarize } from '../math/summary';
import type { KlDistribution } from './closed-form';
import { componentsOf } from './components';
import { gradedMesh } from './graded-mesh';
import { plainEstimates } from './monte-carlo';
import type { ReplicateOptions } from './replicates';
import { type Places, Ridges } from './ridges';
import { WhitenedMixture } from './whitened-mixture';

/**
 * Results of the 95 % intervals of estimator (11) in many independent runs.
 *
 * @example
 * ```ts
 * import { type IntervalCoverage, intervalCoverage, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const runs: IntervalCoverage = intervalCoverage(q, p, { exact: 0.5, samples: 10, replications: 1000, seed: 1 });
 * runs.student > runs.normal; // true
 * ```
 */
export interface IntervalCoverage {
  /** Number N of draws behind each interval. */
  readonly samples: number;
  /** Fraction of the intervals value ± 1.96·(standard error) that hold the exact value. */
  readonly normal: number;
  /** Fraction of the intervals that hold it with Student's t on N − 1 degrees of freedom in place of 1.96. */
  readonly student: number;
  /** Largest distance of an estimate from the exact value, in its own standard errors. */
  readonly farthest: number;
  /** Standard deviation of the reported standard error over the runs, as a fraction of its mean. */
  readonly relativeSpread: number;
}

const REACH_95 = 1.959963984540054;

/**
 * Tests whether the standard error of `monteCarloKl` can be believed at N draws: counts how many of its intervals hold the exact
 * value.
 *
 * @param exact KL(q‖p) in nats, from elsewhere
 * @throws InvalidArgumentError when `samples` is below 2 or `replications` is not a positive integer
 *
 * @example
 * ```ts
 * import { intervalCoverage, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const { student } = intervalCoverage(q, p, { exact: 0.5, samples: 100, replications: 2000, seed: 1 });
 * student; // 0.9455
 * ```
 */
export function intervalCoverage(
  q: Distribution,
  p: Distribution,
  { exact, samples, replications, seed }: ReplicateOptions & { readonly exact: number },
): IntervalCoverage {
  if (!Number.isSafeInteger(samples) || samples < 2)
    throw new InvalidArgumentError(
      'samples',
      `expected an integer ≥ 2, got ${shown(samples)}: one draw has no standard error`,
    );
  if (!Number.isSafeInteger(replications) || replications < 1)
    throw new InvalidArgumentError('replications', `expected a positive integer, got ${shown(replications)}`);
  finiteNumber('exact', exact);
  const estimates = plainEstimates(q, p, { samples, seed });
  const errors: number[] = [];
  const distances = Array.from({ length: replications }, () => {
    const { value, standardError } = estimates.next().value;
    errors.push(standardError ?? Number.POSITIVE_INFINITY);
    if (value === exact) return 0;
    // An infinite estimate has none, and is infinitely far.
    return standardError === null ? Number.POSITIVE_INFINITY : Math.abs(value - exact) / standardError;
  });
  const share = (reach: number): number => distances.filter((distance) => distance <= reach).length / replications;
  const { mean, standardDeviation } = summarize(errors);
  return {
    samples,
    normal: share(REACH_95),
    student: share(studentQuantile(0.975, samples - 1)),
    farthest: distances.reduce((most, distance) => Math.max(most, distance), 0),
    // Where every run has the error 0, as for p = q, none differs from another.
    relativeSpread: standardDeviation ? standardDeviation / mean : 0,
  };
}

/**
 * Moments of one term ln q(Z)/p(Z), Z ~ q.
 *
 * @example
 * ```ts
 * import { type LogRatioShape, logRatioShape, Normal } from 'gmm-vae';
 *
 * const shape: LogRatioShape = logRatioShape(new Normal(1, 1), new Normal(0, 1));
 * shape.kurtosis; // 3.0
 * ```
 */
export interface LogRatioShape {
  /** Mean, which is KL(q‖p), in nats. */
  readonly mean: number;
  /** Variance in nats². */
  readonly variance: number;
  /** Skewness; 0 for a symmetric distribution. */
  readonly skewness: number;
  /** Kurtosis; 3 for a normal distribution. */
  readonly kurtosis: number;
}

const REACH = 12;
/** What rounding leaves in ln q/p, in nats. */
const ROUNDING = 1e-14;

/**
 * Returns mean, variance, skewness and kurtosis of one term of estimator (11) for a normal q on the real line, by quadrature.
 * @throws QuadratureError when the tolerance is not met; InvalidArgumentError unless q is a normal and p of one dimension, and where ln q/p is
 *   constant, as for p = q
 *
 * @example
 * ```ts
 * import { logRatioShape, Normal } from 'gmm-vae';
 *
 * // ln q/p is linear in z here, so it is normal itself.
 * logRatioShape(new Normal(1, 1), new Normal(0, 1)); // { mean: 0.50, variance: 1.00, skewness: 0.00, kurtosis: 3.00 }
 * ```
 */
export function logRatioShape(q: Normal, p: Distribution): LogRatioShape {
  requireDistribution('q', q);
  requireDistribution('p', p);
  const { kind }: KlDistribution = q;
  if (kind !== 'normal') throw new InvalidArgumentError('q', `expected a Normal, got one of kind ${shown(kind)}`);
  if (p.dimension !== 1) throw new InvalidArgumentError('p', `expected one dimension, got ${p.dimension}`);
  const point = new Float64Array(1);
  // From q's mean on where p can be moved, so that its size costs no digit of z.
  const [own, other] = isGaussian(p) ? [relativeTo(meanOf(q), q), aboutMean(q, p)] : [q, p];
  const ratio = (u: number): number => {
    point[0] = (own === q ? q.mean : 0) + q.stddev * u;
    return own.logProbAt(point, 0) - other.logProbAt(point, 0);
  };
  const breakpoints = meshFor(q, p);
  const expectation = (f: (x: number) => number, absolute: number): number =>
    integrate((u) => (Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI)) * f(ratio(u)), breakpoints, {
      absolute,
      relative: 1e-9,
    }).value;
  const mean = expectation((x) => x, 1e-11);
  const square = (x: number): number => (x - mean) ** 2;
  // Once to know how much rounding there is beside it.
  const variance = expectation(square, ROUNDING * (ROUNDING + Math.sqrt(expectation(square, 1e-11))));
  const stddev = Math.sqrt(variance);
  if (stddev < 100 * ROUNDING) {
    throw new InvalidArgumentError('p', 'expected another distribution than q: ln q/p is constant and has no shape');
  }
  const standardised = (power: number): number =>
    expectation((x) => ((x - mean) / stddev) ** power, 1e-9 + ROUNDING / stddev);
  return { mean, variance, skewness: standardised(3), kurtosis: standardised(4) };
}

/** Breakpoints in standard deviations of q: whole numbers, and where p's log density changes quickly. */
function meshFor(q: Normal, p: Distribution): number[] {
  const whole = Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH);
  if (!isGaussian(p)) return whole;
  const places: Places = { at: [], width: [] };
  new Ridges(new WhitenedMixture(componentsOf(p), q)).find(0, REACH, 0, places);
  const mesh: number[] = [];
  const points = gradedMesh(places, whole, mesh);
  return mesh.slice(0, points);
}

function isGaussian(p: Distribution): p is KlDistribution {
  return 'kind' in p && (p.kind === 'mixture' || p.kind === 'normal');
}

function aboutMean(q: Normal, p: KlDistribution): Distribution {
  const mean = meanOf(q);
  if (p.kind !== 'mixture') return relativeTo(mean, p);
  return p.withComponents(p.components.map((component) => relativeTo(mean, component)));
}
