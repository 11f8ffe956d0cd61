import { InvalidArgumentError } from '../../errors';
import type { GaussianMixture } from '../gaussian-mixture';
import { isArrayLike, requireOptions, shown } from '../validate';
import { COVARIANCE_SHAPES, type CovarianceType } from './covariance-shapes';

/**
 * How EM starts, when it stops, and what it fits.
 *
 * @example
 * ```ts
 * import { fitGaussianMixture, type FitOptions } from 'gmm-vae';
 *
 * const options: FitOptions = { components: 2, covarianceType: 'diagonal', seed: 1, starts: 5, maxIterations: 200 };
 * fitGaussianMixture([-2, -1.9, -2.1, 3, 3.1, 2.9], options).starts.length; // 5
 * ```
 */
export interface FitOptions {
  /** K, at most the number of different points. */
  readonly components: number;
  readonly covarianceType: CovarianceType;
  readonly seed: number;
  /** How often to begin anew; the start that ends with the highest likelihood is kept. Default 1. */
  readonly starts?: number;
  /**
   * The smallest variance a component may have in any direction: a number, or `relative`, is a fraction of the data's variance in each dimension;
   * `absolute` is a variance in the data's own units. Default 1e-6.
   */
  readonly covarianceFloor?: CovarianceFloor;
  /** The most iterations of each start. Default 500. */
  readonly maxIterations?: number;
  /** Stop when an iteration gains less than this many nats per point; 0 runs them all. Default 1e-7. */
  readonly tolerance?: number;
  /** N numbers ≥ 0: a point of weight 2 counts as two. Default: 1 each. */
  readonly pointWeights?: ArrayLike<number>;
  /** Where the first start begins, in place of k-means: K components of the data's shape, whatever their covariances. */
  readonly warmStart?: GaussianMixture;
  /** Called after each iteration. */
  readonly onProgress?: (progress: FitProgress) => void;
}

/**
 * The smallest variance that a fitted component may have, relative to the data’s or absolute.
 *
 * @example
 * ```ts
 * import { type CovarianceFloor, fitGaussianMixture } from 'gmm-vae';
 *
 * const floor: CovarianceFloor = { absolute: 0.01 };
 * const { mixture } = fitGaussianMixture([0, 0, 0, 5, 5, 5], {
 *   components: 2,
 *   covarianceType: 'diagonal',
 *   covarianceFloor: floor,
 *   seed: 1,
 * });
 * mixture.components[0]?.covarianceMatrix(); // [0.01]
 * ```
 */
export type CovarianceFloor = number | { readonly relative: number } | { readonly absolute: number };

/**
 * Where a fit stands after one iteration.
 *
 * @example
 * ```ts
 * import { fitGaussianMixture, type FitProgress } from 'gmm-vae';
 *
 * const seen: FitProgress[] = [];
 * fitGaussianMixture([-2, -1.9, -2.1, 3, 3.1, 2.9], {
 *   components: 2,
 *   covarianceType: 'diagonal',
 *   seed: 1,
 *   onProgress: (progress) => seen.push(progress),
 * });
 * seen.at(-1)?.start; // 1
 * ```
 */
export interface FitProgress {
  /** The number of the start, counted from 1. */
  readonly start: number;
  readonly starts: number;
  /** Iterations done in this start; null while k-means looks for a place to begin. */
  readonly iteration: number | null;
  /** Mean per point in nats, after `iteration` iterations; null with it. */
  readonly logLikelihood: number | null;
}

/** The options with all defaults, checked. */
export interface FitSettings {
  readonly components: number;
  readonly covarianceType: CovarianceType;
  readonly seed: number;
  readonly starts: number;
  readonly floor: { readonly kind: 'relative' | 'absolute'; readonly value: number };
  readonly maxIterations: number;
  readonly tolerance: number;
  readonly pointWeights: ArrayLike<number> | null;
  readonly warmStart: GaussianMixture | null;
  readonly onProgress: (progress: FitProgress) => void;
}

/** @throws InvalidArgumentError naming the option at fault. */
export function fitSettings(options: FitOptions): FitSettings {
  requireOptions(options);
  const { components, covarianceType, seed } = options;
  const { starts = 1, maxIterations = 500, tolerance = 1e-7, onProgress = () => {} } = options;
  for (const [name, value] of Object.entries({ components, starts, maxIterations })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new InvalidArgumentError(name, `expected a positive integer, got ${shown(value)}`);
  }
  if (!(typeof tolerance === 'number' && tolerance >= 0 && tolerance < Infinity)) {
    throw new InvalidArgumentError('tolerance', `expected a finite number ≥ 0, got ${shown(tolerance)}`);
  }
  if (!Object.hasOwn(COVARIANCE_SHAPES, covarianceType)) {
    const known = Object.keys(COVARIANCE_SHAPES).join(', ');
    throw new InvalidArgumentError('covarianceType', `expected one of ${known}, got ${shown(covarianceType)}`);
  }
  return {
    components,
    covarianceType,
    seed,
    starts,
    floor: checkedFloor(options.covarianceFloor ?? 1e-6),
    maxIterations,
    tolerance,
    pointWeights: options.pointWeights ?? null,
    warmStart: options.warmStart ?? null,
    onProgress,
  };
}

function checkedFloor(given: CovarianceFloor): FitSettings['floor'] {
  if (typeof given === 'number') return { kind: 'relative', value: positive('covarianceFloor', given) };
  const entries = typeof given === 'object' && given !== null && !isArrayLike(given) ? Object.entries(given) : [];
  const [kind, value] = entries[0] ?? [];
  if (entries.length !== 1 || (kind !== 'relative' && kind !== 'absolute')) {
    const problem = `expected a number, { relative: number } or { absolute: number }, got ${entries.length > 0 ? JSON.stringify(given) : shown(given)}`;
    throw new InvalidArgumentError('covarianceFloor', problem);
  }
  return { kind, value: positive(`covarianceFloor.${kind}`, value) };
}

function positive(argument: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value;
  throw new InvalidArgumentError(argument, `expected a finite number > 0, got ${shown(value)}`);
}
